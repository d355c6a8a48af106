#include "state/search/items_pass.h"

#include <algorithm>
#include <utility>

#include "base/types/result.h"
#include "state/search/fold.h"
#include "state/search/summary_fields.h"
#include "wire/mime/message_id.h"

namespace veredus::state::search {
namespace {

using mailbox::EmailView;
using mailbox::Message;

constexpr std::size_t kLookEvery = 4096;  // messages

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

void append_date(std::string& order, const EmailView& email) {
  if (email.date) append_order(order, number(*email.date), Direction::kAscending);
}

}  // namespace

SortPass::SortPass(const Scene& scene, std::vector<SortBy> by, SearchMemory& memory, Rows messages)
    : StoredPass(scene, std::move(messages)), by_(std::move(by)), memory_(memory), columns_(by_.size()) {
  for (auto& column : columns_) column.resize(this->messages().size());
}

void SortPass::see(std::size_t index, const EmailView& email) {
  for (std::size_t i = 0; i < by_.size(); ++i) {
    auto& [id, value] = columns_[i][index];
    id = messages()[index]->body.email;
    if (by_[i] == SortBy::kDate)  // RFC 5256 s2.2; nothing: the internal date, which only the row knows
      append_date(value, email);
    else
      append_order(value, text_of(by_[i], email), Direction::kAscending);
  }
}

Pieces::Outcome SortPass::seen(std::size_t begin, std::size_t end) {
  std::size_t octets = 0;
  for (const auto& column : columns_)
    for (std::size_t i = begin; i < end; ++i) octets += octets_beside(column[i].second);
  return memory_.take(octets);
}

std::vector<SortValue> SortPass::take(std::size_t index) {
  auto column = std::move(columns_[index]);
  const auto is_gone = [](const SortValue& one) { return one.first == EmailId(); };
  std::erase_if(column, is_gone);
  const auto copies = std::ranges::unique(column, {}, &SortValue::first);
  column.erase(copies.begin(), copies.end());
  return column;
}

const std::string* ColumnCursor::find(EmailId email) {
  if (column_ == nullptr) return nullptr;
  const auto& values = column_->values;
  while (at_ < values.size() && values[at_].first < email) ++at_;
  return at_ < values.size() && values[at_].first == email ? &values[at_].second : nullptr;
}

SortTable::SortTable(std::vector<SortKey> keys, Rows messages)
    : keys_(std::move(keys)), messages_(std::move(messages)) {
  for (const auto& key : keys_)
    if (!in_row(key.by) && std::ranges::find(wanted_, key.by) == wanted_.end()) wanted_.push_back(key.by);
}

std::size_t SortTable::column_of(SortBy by) const {
  return static_cast<std::size_t>(std::ranges::find(wanted_, by) - wanted_.begin());
}

SortTable::Cursors SortTable::cursors() const {
  Cursors cursors;
  cursors.reserve(columns_.size());
  for (const auto& column : columns_) cursors.emplace_back(column.get());
  return cursors;
}

Rows SortTable::set_columns(std::vector<std::shared_ptr<const SortColumn>> columns) {
  columns_ = std::move(columns);
  auto cursors = this->cursors();
  Rows missing;
  for (const auto* message : messages_) {
    const auto unknown = [&](ColumnCursor& cursor) { return cursor.find(message->body.email) == nullptr; };
    if (std::ranges::any_of(cursors, unknown)) missing.push_back(message);
  }
  return missing;
}

/// False: it is not in a column.
bool SortTable::write_order(const Message& message, Cursors& cursors, std::string& order) const {
  for (const auto& key : keys_) {
    if (key.by == SortBy::kArrival) {
      append_order(order, number(message.internal_date), key.direction);
    } else if (key.by == SortBy::kSize) {
      append_order(order, message.body.octets, key.direction);
    } else {
      const auto* value = cursors[column_of(key.by)].find(message.body.email);
      if (value == nullptr) return false;
      if (key.by == SortBy::kDate && value->empty())
        append_order(order, number(message.internal_date), key.direction);
      else
        append_encoded(order, *value, key.direction);
    }
  }
  return true;
}

std::expected<SortItems, SearchError> SortTable::sorted(SearchMemory& memory) const {
  auto cursors = this->cursors();
  SortItems items;
  items.reserve(messages_.size());
  std::size_t granted = 0;
  std::size_t seen = 0;
  std::string order;
  for (const auto* message : messages_) {
    order.clear();
    if (write_order(*message, cursors, order)) items.add(message->uid, message->modseq, order);
    if (++seen % kLookEvery != 0 && seen != messages_.size()) continue;
    VEREDUS_TRY(memory.take(items.rest_octets() - granted));
    granted = items.rest_octets();
  }
  items.sort();
  return items;
}

ThreadPass::ThreadPass(const Scene& scene, ThreadBy by, const ThreadPermit& permit, Rows messages)
    : StoredPass(scene, std::move(messages)), by_(by), permit_(permit), items_(this->messages().size()) {}

void ThreadPass::see(std::size_t index, const EmailView& email) {
  const auto& message = *messages()[index];
  auto& item = items_[index];
  item.uid = message.uid;
  item.received = message.internal_date;
  item.sent = email.date.value_or(message.internal_date);
  if (by_ != ThreadBy::kRefs) {
    item.subject = thread_key(fold(wire::mime::base_subject(email.subject_utf8)));
    item.reply = is_reply_or_forward(email.subject_utf8);
  }
  if (by_ == ThreadBy::kOrderedSubject) return;
  item.message_id = thread_key(email.message_id);
  item.references.reserve(email.references.size());
  email.references.for_each([&](std::string_view id) { item.references.push_back(thread_key(id)); });
  if (!item.references.empty()) return;
  email.in_reply_to.for_each([&](std::string_view id) {  // RFC 5256 s3: the first one alone
    if (item.references.empty()) item.references.push_back(thread_key(id));
  });
}

Pieces::Outcome ThreadPass::seen(std::size_t begin, std::size_t end) {
  std::size_t references = 0;
  for (std::size_t i = begin; i < end; ++i) references += items_[i].references.size();
  return permit_(references * kThreadReferenceOctets);
}

std::vector<ThreadItem> ThreadPass::take_items() {
  std::erase_if(items_, [](const ThreadItem& item) { return item.uid == Uid(); });
  std::ranges::sort(items_, {}, &ThreadItem::uid);
  return std::move(items_);
}

}  // namespace veredus::state::search
