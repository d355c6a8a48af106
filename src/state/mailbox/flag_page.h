#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <utility>
#include <vector>

#include "base/types/ids.h"
#include "state/mailbox/flags.h"
#include "state/mailbox/message.h"

namespace veredus::state::mailbox {

/// Messages that stand together and have the same flags since the same change. UIDs in between may belong to none.
struct FlagRun {
  Uid first;
  Uid last;  // inclusive
  FlagSet flags;
  KeywordSet keywords;
  ModSeq modseq;
  friend bool operator==(const FlagRun&, const FlagRun&) = default;
};

/// The flags of messages of one stretch of UIDs that were changed many at a time: one row instead of each message's
/// own. A message's own row stands where it is as new as the page, or newer.
class FlagPage {
 public:
  static constexpr std::uint32_t kUids = 1024;  // on disk: of one page
  [[nodiscard]] static constexpr std::uint32_t number_of(Uid uid) { return uid.value / kUids; }

  /// After all that is there; joined to the last run when it goes on with the same.
  void append(FlagRun run);
  void append(const Message& message) {
    append({message.uid, message.uid, message.flags, message.keywords, message.modseq});
  }
  /// With what `newer` says in place of what this one says of the same UIDs.
  [[nodiscard]] FlagPage with(const FlagPage& newer) const;

  /// Ascending, disjoint.
  [[nodiscard]] const std::vector<FlagRun>& runs() const { return runs_; }
  [[nodiscard]] bool empty() const { return runs_.empty(); }
  friend bool operator==(const FlagPage&, const FlagPage&) = default;

 private:
  std::vector<FlagRun> runs_;
};

/// What pages say, put upon messages that are read in ascending order.
class FlagOverlay {
 public:
  /// Pages in ascending order.
  void add(const FlagPage& page) { runs_.insert(runs_.end(), page.runs().begin(), page.runs().end()); }
  void apply(Message& message);
  void apply(std::span<Message> messages) {
    for (auto& message : messages) apply(message);
  }

 private:
  std::vector<FlagRun> runs_;
  std::size_t next_ = 0;
};

}  // namespace veredus::state::mailbox
