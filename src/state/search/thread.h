#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/types/clock.h"
#include "base/types/ids.h"

namespace veredus::state::search {

enum class ThreadBy : std::uint8_t {
  kOrderedSubject,  // RFC 5256 s3: by base subject alone
  kReferences,      // RFC 5256 s3: by Message-ID and References, then threads of one base subject are put together
  kRefs,            // by Message-ID and References alone; threads are ordered by what arrived last in them
};

/// A message as threading sees it.
struct ThreadItem {
  Uid uid;
  SystemTime sent;                      // Date, or the internal date without it (RFC 5256 s2.2)
  SystemTime received;                  // the internal date
  std::string subject;                  // the base subject, folded; empty in kRefs
  bool reply = false;                   // a reply or forward by its subject (RFC 5256 s2.1)
  std::string message_id;               // without brackets; empty: none
  std::vector<std::string> references;  // so, oldest first: References, or the first of In-Reply-To
};

inline constexpr std::uint32_t kNoNode = 0xFFFFFFFF;

/// Threads as a forest: nodes name each other by index, so that depth costs no stack.
struct ThreadNode {
  Uid uid;  // 0: a message that is not there, which holds its children together
  std::uint32_t first_child = kNoNode;
  std::uint32_t next = kNoNode;  // sibling; of a root, the next thread
};
struct Threads {
  std::vector<ThreadNode> nodes;
  std::uint32_t first = kNoNode;
};

/// `items` by ascending UIDs. Time: n log n for mail as it is.
[[nodiscard]] Threads make_threads(const std::vector<ThreadItem>& items, ThreadBy by);

/// Whether the subject says "Re:", "Fwd:" or the like. Source: RFC 5256 s2.1.
[[nodiscard]] bool is_reply_or_forward(std::string_view subject_utf8);

}  // namespace veredus::state::search
