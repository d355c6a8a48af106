#pragma once

#include <cstddef>
#include <cstdint>
#include <expected>
#include <functional>
#include <string_view>
#include <vector>

#include "base/types/clock.h"
#include "base/types/ids.h"
#include "state/search/search_error.h"

namespace veredus::state::search {

enum class ThreadBy : std::uint8_t {
  kOrderedSubject,  // RFC 5256 s3: by base subject alone
  kReferences,      // RFC 5256 s3: by Message-ID and References, then threads of one base subject are put together
  kRefs,            // by Message-ID and References alone; threads are ordered by what arrived last in them
};

/// Stands for a Message-ID or a subject: a text takes ten times the memory. Two texts of a million have the same one
/// with a probability below one in ten million; then a message is in the wrong thread, as it is when two messages bear
/// one Message-ID.
using ThreadKey = std::uint64_t;
inline constexpr ThreadKey kNoText = 0;
[[nodiscard]] ThreadKey thread_key(std::string_view text);

/// A message as threading sees it.
struct ThreadItem {
  Uid uid;
  bool reply = false;                 // a reply or forward by its subject (RFC 5256 s2.1)
  SystemTime sent;                    // Date, or the internal date without it (RFC 5256 s2.2)
  SystemTime received;                // the internal date
  ThreadKey subject = kNoText;        // the base subject, folded; none in kRefs
  ThreadKey message_id = kNoText;     // without brackets
  std::vector<ThreadKey> references;  // so, oldest first: References, or the first of In-Reply-To
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

/// Memory that threading takes, about.
inline constexpr std::size_t kThreadMessageOctets = 240;  // for each message, its ThreadItem included
inline constexpr std::size_t kThreadReferenceOctets = sizeof(ThreadKey);
inline constexpr std::size_t kThreadMissingOctets = 160;  // for each message that is named and not there

/// Asked before so many octets more are taken, and now and then for none: whether the work is to go on.
using ThreadPermit = std::function<std::expected<void, SearchError>(std::size_t octets)>;

/// `items` by ascending UIDs; the memory for them has been granted. Time: n log n for mail as it is. Errors: those of
/// `permit`.
[[nodiscard]] std::expected<Threads, SearchError> make_threads(const std::vector<ThreadItem>& items, ThreadBy by,
                                                               const ThreadPermit& permit);

/// Whether the subject says "Re:", "Fwd:" or the like. Source: RFC 5256 s2.1.
[[nodiscard]] bool is_reply_or_forward(std::string_view subject_utf8);

}  // namespace veredus::state::search
