#include "state/mailbox/source_flags_operation.h"

#include "base/types/result.h"
#include "state/mailbox/keys.h"
#include "state/mailbox/mailboxes.h"
#include "state/mailbox/mailboxes_impl.h"
#include "state/mailbox/rows.h"

namespace veredus::state::mailbox {

void SourceFlagsOperation::collect(const Turn& /*turn*/, std::vector<std::string>& keys) const {
  for (const auto& one : flags_) keys.push_back(keys::dedupe(one.key));
}

Outcome<void> SourceFlagsOperation::perform(Turn& turn) {
  for (const auto& one : flags_) {
    auto key = keys::dedupe(one.key);
    const auto* there = turn.row(key);
    if (there == nullptr) continue;
    VEREDUS_TRY(auto row, rows::decode_dedupe(*there));
    row.source_flags = one.flags;
    turn.put(std::move(key), rows::encode(row));
  }
  return {};
}

Mailboxes::Result<void> Mailboxes::remember_source_flags(AccountId account, std::vector<SourceFlagsOf> flags) {
  SourceFlagsOperation operation(std::move(flags));
  co_return co_await impl_->perform(account, &operation);
}

}  // namespace veredus::state::mailbox
