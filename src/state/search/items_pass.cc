#include "state/search/items_pass.h"

#include <algorithm>
#include <utility>

#include "state/search/fold.h"
#include "state/search/summary_fields.h"
#include "wire/mime/message_id.h"

namespace veredus::state::search {
namespace {

using mailbox::EmailView;
using mailbox::Message;

std::uint64_t number(SystemTime time) {  // sorts as the time does, before 1970 too
  return static_cast<std::uint64_t>(time.time_since_epoch().count()) ^ (std::uint64_t{1} << 63);
}

bool in_row(SortBy by) { return by == SortBy::kArrival || by == SortBy::kSize; }

std::string_view field_of(SortBy by) {
  switch (by) {
    case SortBy::kCc:
      return "Cc";
    case SortBy::kFrom:
    case SortBy::kDisplayFrom:
      return "From";
    default:
      return "To";
  }
}

std::string text_of(SortBy by, const EmailView& email) {
  if (by == SortBy::kSubject) return sort_text(by, email.subject_utf8);
  return sort_text(by, stored_field(email, field_of(by)).value_or(std::string_view()));
}

}  // namespace

SortPass::SortPass(const Scene& scene, std::vector<SortKey> keys, std::vector<Message> messages)
    : StoredPass(scene, std::move(messages)),
      keys_(std::move(keys)),
      items_(this->messages().size()),
      reads_(!std::ranges::all_of(keys_, [](const SortKey& key) { return in_row(key.by); })) {
  if (reads_) return;
  for (std::size_t i = 0; i < items_.size(); ++i) {
    const auto& message = this->messages()[i];
    items_[i] = {message.uid, message.modseq, order_of(message, nullptr)};
  }
}

std::string SortPass::order_of(const Message& message, const EmailView* email) const {
  std::string order;
  for (const auto& key : keys_) {
    switch (key.by) {
      case SortBy::kArrival:
        append_order(order, number(message.internal_date), key.direction);
        break;
      case SortBy::kSize:
        append_order(order, message.body.octets, key.direction);
        break;
      case SortBy::kDate:  // RFC 5256 s2.2
        append_order(order, number(email->date.value_or(message.internal_date)), key.direction);
        break;
      default:
        append_order(order, text_of(key.by, *email), key.direction);
    }
  }
  return order;
}

void SortPass::see(std::size_t index, const EmailView& email) {
  const auto& message = messages()[index];
  items_[index] = {message.uid, message.modseq, order_of(message, &email)};
}

std::vector<SortItem> SortPass::take_items() {
  std::erase_if(items_, [](const SortItem& item) { return item.uid == Uid(); });
  return std::move(items_);
}

ThreadPass::ThreadPass(const Scene& scene, ThreadBy by, std::vector<Message> messages)
    : StoredPass(scene, std::move(messages)), by_(by), items_(this->messages().size()) {}

void ThreadPass::see(std::size_t index, const EmailView& email) {
  const auto& message = messages()[index];
  auto& item = items_[index];
  item.uid = message.uid;
  item.received = message.internal_date;
  item.sent = email.date.value_or(message.internal_date);
  if (by_ != ThreadBy::kRefs) {
    item.subject = fold(wire::mime::base_subject(email.subject_utf8));
    item.reply = is_reply_or_forward(email.subject_utf8);
  }
  if (by_ == ThreadBy::kOrderedSubject) return;
  item.message_id = email.message_id;
  item.references.reserve(email.references.size());
  email.references.for_each([&](std::string_view id) { item.references.emplace_back(id); });
  if (!item.references.empty()) return;
  email.in_reply_to.for_each([&](std::string_view id) {  // RFC 5256 s3: the first one alone
    if (item.references.empty()) item.references.emplace_back(id);
  });
}

std::vector<ThreadItem> ThreadPass::take_items() {
  std::erase_if(items_, [](const ThreadItem& item) { return item.uid == Uid(); });
  std::ranges::sort(items_, {}, &ThreadItem::uid);
  return std::move(items_);
}

}  // namespace veredus::state::search
