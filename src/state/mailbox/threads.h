#pragma once

#include <cstdint>
#include <vector>

#include "state/mailbox/email.h"

namespace veredus::state::mailbox {

/// Which messages belong together: those that name each other and have the same base subject (RFC 8621 s3). Each
/// message id is turned into a hash over it and the base subject (RFC 5256 s2.1, in small letters); messages of one
/// thread share a hash.
struct ThreadHashes {
  std::uint64_t own = 0;                  // 0: no Message-ID
  std::vector<std::uint64_t> references;  // In-Reply-To, then References from the newest; at most kThreadReferences
};

constexpr std::size_t kThreadReferences = 24;

[[nodiscard]] ThreadHashes thread_hashes(const EmailContent& content);

}  // namespace veredus::state::mailbox
