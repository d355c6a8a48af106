#pragma once

#include <cstddef>
#include <expected>
#include <memory>
#include <vector>

#include "doors/imap/talk.h"
#include "state/mailbox/mailbox_error.h"
#include "state/mailbox/message_table.h"

namespace veredus::doors::imap {

/// The messages a command names, ascending: from the mailbox's table, and those that were expunged but are still shown
/// to this session.
class RowSource {
 public:
  RowSource(std::shared_ptr<const state::mailbox::MessageTable> table, state::mailbox::UidSet uids, ModSeq above,
            std::vector<state::mailbox::Message> ghosts);

  /// nullptr: that was the last. Good as long as the source.
  const state::mailbox::Message* next() {
    if (ghost_ < ghosts_.size() && (row_ == nullptr || ghosts_[ghost_].uid < row_->uid)) return &ghosts_[ghost_++];
    const auto* found = row_;
    if (row_ != nullptr) row_ = walk_.next();
    return found;
  }

 private:
  state::mailbox::TableWalk walk_;
  std::vector<state::mailbox::Message> ghosts_;
  std::size_t ghost_ = 0;
  const state::mailbox::Message* row_;
};

/// Catches up with the selected mailbox and gives the rows of `uids` (which are in its view), of changes after `above`.
/// Errors: what reading met.
asio::awaitable<std::expected<RowSource, state::mailbox::MailboxError>> rows_of(Talk* talk, state::mailbox::UidSet uids,
                                                                                ModSeq above);

}  // namespace veredus::doors::imap
