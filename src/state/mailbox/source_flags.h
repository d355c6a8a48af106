#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/types/ids.h"
#include "state/mailbox/email.h"
#include "state/mailbox/flags.h"

namespace veredus::state::mailbox {

/// The flags a message has where it is copied from.
struct SourceFlags {
  FlagSet flags;
  std::vector<std::string> keywords;
  friend bool operator==(const SourceFlags&, const SourceFlags&) = default;
};

/// Where the message that was brought with a dedupe key went; it may be gone from there.
struct Brought {
  Location at;
  UidValidity uid_validity;
  std::optional<SourceFlags> source_flags;  // as they were last remembered; nullopt: they are not
};

/// What is to be remembered of the source of a message that was brought with `key`.
struct SourceFlagsOf {
  std::array<std::uint8_t, 16> key{};
  SourceFlags flags;
};

}  // namespace veredus::state::mailbox
