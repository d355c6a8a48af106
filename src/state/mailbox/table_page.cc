#include "state/mailbox/table_page.h"

#include <algorithm>
#include <utility>

namespace veredus::state::mailbox {

void PageSummary::add(const Message& message) {
  uids.add(message.uid);
  ++size;
  highest_modseq = std::max(highest_modseq, message.modseq);
  if (first_unseen == Uid() && !message.flags.has(Flag::kSeen)) first_unseen = message.uid;
}

TablePage::TablePage(std::vector<Message> messages) : messages_(std::move(messages)) {
  for (const auto& message : messages_) summary_.add(message);
}

const std::vector<Message>& TablePage::messages() const {
  const auto unpack_now = [this] {
    if (!packed_) return;
    messages_ = unpack(*packed_);
    packed_.reset();
  };
  std::call_once(looked_at_, unpack_now);
  return messages_;
}

}  // namespace veredus::state::mailbox
