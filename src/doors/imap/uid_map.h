#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "base/types/ids.h"
#include "state/mailbox/uid_set.h"

namespace veredus::doors::imap {

/// Sequence numbers to UIDs and back, in as much memory as there are gaps between the UIDs. Numbers begin at 1.
class UidMap {
 public:
  /// UIDs ascending, all above those that are there.
  void append(Uid uid);
  void append(const state::mailbox::UidSet& uids);
  /// Those that are there; the numbers above them move down.
  void remove(const state::mailbox::UidSet& uids);

  [[nodiscard]] std::uint32_t size() const { return size_; }
  [[nodiscard]] bool empty() const { return size_ == 0; }
  /// Of a number in 1..size().
  [[nodiscard]] Uid uid(std::uint32_t number) const;
  [[nodiscard]] std::optional<std::uint32_t> number(Uid uid) const;
  [[nodiscard]] bool contains(Uid uid) const { return number(uid).has_value(); }
  /// 0 when empty.
  [[nodiscard]] Uid last() const {
    return runs_.empty() ? Uid() : Uid(runs_.back().uid + (size_ - runs_.back().number));
  }
  /// The UIDs of numbers first..last.
  [[nodiscard]] state::mailbox::UidSet uids(std::uint32_t first, std::uint32_t last) const;
  [[nodiscard]] state::mailbox::UidSet all() const;
  /// Those of `uids` that are there.
  [[nodiscard]] state::mailbox::UidSet only_known(const state::mailbox::UidSet& uids) const;

  /// Walks upwards over many UIDs in one pass: numbers without a search each.
  class Cursor {
   public:
    explicit Cursor(const UidMap& map) : map_(&map) {}
    /// `uid` not below the last one asked for.
    std::optional<std::uint32_t> number(Uid uid) {
      if (uid < first_ || last_ < uid) enter_run(uid);
      if (uid < first_ || last_ < uid) return std::nullopt;
      return number_ + (uid.value - first_.value);
    }

   private:
    /// The run of the UID, or the next one.
    void enter_run(Uid uid);
    const UidMap* map_;
    std::size_t run_ = 0;
    // Of the run; none was entered yet, or there are no more, while first_ is above last_.
    Uid first_{1};
    Uid last_;
    std::uint32_t number_ = 0;
  };

 private:
  struct Run {  // UIDs without a gap
    std::uint32_t uid;
    std::uint32_t number;  // of `uid`
  };
  [[nodiscard]] std::uint32_t length(std::size_t run) const;
  std::vector<Run> runs_;
  std::uint32_t size_ = 0;
};

/// Those of `uids` that are not in `removed`.
[[nodiscard]] state::mailbox::UidSet without(const state::mailbox::UidSet& uids, const state::mailbox::UidSet& removed);

}  // namespace veredus::doors::imap
