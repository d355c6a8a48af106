#include "state/mailbox/replace_operation.h"

#include <utility>

namespace veredus::state::mailbox {
ReplaceOperation::ReplaceOperation(NewMessage message, QuotaLimits limits, Location replaced,
                                   std::shared_ptr<const MessageTable> table, std::chrono::milliseconds removal_delay)
    : append_(std::move(message), limits),
      expunge_(ExpungeOperation::Which::kAll, replaced.mailbox, UidSet(replaced.uid), std::move(table), removal_delay),
      from_(replaced.mailbox) {}

AsyncOutcome<void> ReplaceOperation::read(Turn* turn) {
  expunges_ = turn->mailbox(from_) != nullptr;
  if (!expunges_) co_return Outcome<void>();
  const auto done = co_await expunge_.read(turn);
  if (!done && looks_first_) co_return std::unexpected(MailboxError::kUnknownOutcome);
  co_return done;
}

/// All that can fail is looked at before anything changes. Done again after an unknown outcome, each of the two finds
/// out for itself whether it was done.
Outcome<void> ReplaceOperation::perform(Turn& turn) {
  if (expunges_) VEREDUS_TRY(expunge_.check(turn));
  append_.count_as_free(expunges_ ? expunge_.room() : QuotaUsage());
  VEREDUS_TRY(append_.perform(turn));
  if (expunges_) VEREDUS_TRY(expunge_.perform(turn));
  modseq_ = turn.final_modseq();
  return {};
}

void ReplaceOperation::settled(const Turn& turn) {
  if (expunges_) expunge_.settled(turn);
}

bool ReplaceOperation::look_first() {
  looks_first_ = append_.look_first();
  return looks_first_;
}

Appended ReplaceOperation::take_result() {
  auto appended = std::move(append_.take_result().front());
  appended.modseq = modseq_;
  return appended;
}

}  // namespace veredus::state::mailbox
