#pragma once

#include <chrono>
#include <memory>
#include <string>
#include <vector>

#include "state/mailbox/append_operation.h"
#include "state/mailbox/expunge_operation.h"
#include "state/mailbox/operation.h"

namespace veredus::state::mailbox {

/// Brings a message in and takes another out, both or neither. Where the other is not there any more, the message comes
/// in all the same.
class ReplaceOperation final : public Operation {
 public:
  /// `table`: what ExpungeOperation says of it, of the mailbox that `replaced` is in.
  ReplaceOperation(NewMessage message, QuotaLimits limits, Location replaced, std::shared_ptr<const MessageTable> table,
                   std::chrono::milliseconds removal_delay);

  /// What is wrong with the message itself.
  [[nodiscard]] Outcome<void> check() const { return append_.check(); }
  void collect(const Turn& turn, std::vector<std::string>& keys) const override { append_.collect(turn, keys); }
  [[nodiscard]] bool reads() const override { return true; }
  AsyncOutcome<void> read(Turn* turn) override;
  Outcome<void> perform(Turn& turn) override;
  void settled(const Turn& turn) override;
  bool look_first() override;

  /// AppendOperation::shelve
  void shelve(AccountId account, FreshBodies& shelf) { append_.shelve(account, shelf); }
  /// ExpungeOperation::table_after
  [[nodiscard]] std::shared_ptr<const MessageTable> table_after() const { return expunge_.table_after(); }
  [[nodiscard]] std::size_t count_expunged() const { return expunge_.count_expunged(); }
  /// Its MODSEQ is that of both.
  [[nodiscard]] Appended take_result();

 private:
  AppendOperation append_;
  ExpungeOperation expunge_;
  MailboxId from_;
  bool expunges_ = false;  // the mailbox is still there
  bool looks_first_ = false;
  ModSeq modseq_;
};

}  // namespace veredus::state::mailbox
