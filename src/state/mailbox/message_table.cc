#include "state/mailbox/message_table.h"

#include <algorithm>
#include <utility>

namespace veredus::state::mailbox {
namespace {

constexpr auto by_uid = [](const Message& message) { return message.uid; };

/// Cuts ascending messages into pages.
class PageMaker {
 public:
  explicit PageMaker(MessageTable::Pages& pages) : pages_(pages) {}

  void add(const Message& message) {
    if (rows_.empty()) rows_.reserve(MessageTable::kPageMessages);
    rows_.push_back(message);
    if (rows_.size() == MessageTable::kPageMessages) finish();
  }
  void finish() {
    if (rows_.empty()) return;
    rows_.shrink_to_fit();
    pages_.push_back(std::make_shared<const TablePage>(std::exchange(rows_, {})));
  }

 private:
  MessageTable::Pages& pages_;
  std::vector<Message> rows_;
};

}  // namespace

MessageTable::MessageTable(UidValidity uid_validity, ModSeq as_of, Pages pages)
    : uid_validity_(uid_validity), as_of_(as_of), pages_(std::move(pages)) {
  for (const auto& page : pages_) size_ += page->size();
}

std::shared_ptr<const MessageTable> MessageTable::of(UidValidity uid_validity, ModSeq as_of,
                                                     std::vector<Message> messages) {
  Pages pages;
  PageMaker maker(pages);
  for (const auto& message : messages) maker.add(message);
  maker.finish();
  return std::make_shared<const MessageTable>(uid_validity, as_of, std::move(pages));
}

std::shared_ptr<const MessageTable> MessageTable::confirmed(ModSeq as_of) const {
  return std::make_shared<const MessageTable>(uid_validity_, as_of, pages_);
}

std::shared_ptr<const MessageTable> MessageTable::changed(ModSeq as_of, const std::vector<Message>& fresh,
                                                          const UidSet& gone) const {
  Pages pages;
  pages.reserve(pages_.size() + 1 + fresh.size() / kPageMessages);
  auto next = fresh.cbegin();
  for (std::size_t i = 0; i < pages_.size(); ++i) {
    const auto& page = pages_[i];
    // What arrived goes to the last page while that has room; so pages fill up.
    const bool last = i + 1 == pages_.size();
    const auto end = last ? kLastUid : page->last();
    const bool touched =
        (next != fresh.cend() && next->uid <= end) || !gone.within(page->first(), page->last()).empty();
    if (!touched) {
      pages.push_back(page);
      continue;
    }
    const bool only_after = next != fresh.cend() && next->uid > page->last() && gone.empty();
    if (last && only_after && page->size() == kPageMessages) {
      pages.push_back(page);
      break;
    }
    PageMaker maker(pages);
    for (const auto& message : page->messages()) {
      for (; next != fresh.cend() && next->uid < message.uid; ++next) maker.add(*next);
      const bool replaced = next != fresh.cend() && next->uid == message.uid;
      if (!gone.contains(message.uid)) maker.add(replaced ? *next : message);
      if (replaced) ++next;
    }
    for (; last && next != fresh.cend(); ++next) maker.add(*next);
    maker.finish();
  }
  PageMaker maker(pages);
  for (; next != fresh.cend(); ++next) maker.add(*next);
  maker.finish();
  return std::make_shared<const MessageTable>(uid_validity_, as_of, std::move(pages));
}

Uid MessageTable::first_unseen() const {
  for (const auto& page : pages_)
    if (page->first_unseen() != Uid()) return page->first_unseen();
  return Uid();
}

std::size_t MessageTable::first_page(Uid uid) const {
  const auto last_of = [](const auto& page) { return page->last(); };
  return static_cast<std::size_t>(std::ranges::lower_bound(pages_, uid, {}, last_of) - pages_.begin());
}

const Message* MessageTable::find(Uid uid) const {
  const auto at = first_page(uid);
  if (at == pages_.size()) return nullptr;
  const auto& rows = pages_[at]->messages();
  const auto row = std::ranges::lower_bound(rows, uid, {}, by_uid);
  return row != rows.end() && row->uid == uid ? &*row : nullptr;
}

TableWalk::TableWalk(std::shared_ptr<const MessageTable> table, UidSet uids, ModSeq above)
    : table_(std::move(table)), uids_(std::move(uids)), above_(above) {
  if (!uids_.empty()) seek(uids_.ranges().front().first);
}

void TableWalk::seek(Uid uid) {
  const auto& pages = table_->pages();
  if (page_ < pages.size() && (pages[page_]->last() < uid || (page_ == 0 && row_ == 0)))
    turn_to(table_->first_page(uid));
  if (page_ == pages.size()) return;
  const auto& messages = rows();
  if (messages[row_].uid >= uid) return;
  row_ = static_cast<std::size_t>(
      std::lower_bound(messages.begin() + static_cast<std::ptrdiff_t>(row_), messages.end(), uid,
                       [](const Message& message, Uid wanted) { return message.uid < wanted; }) -
      messages.begin());
}

void TableWalk::turn_to(std::size_t page) {
  page_ = page;
  row_ = wanted_end_ = 0;
  rows_ = nullptr;
}

const std::vector<Message>& TableWalk::rows() {
  if (rows_ == nullptr) rows_ = &table_->pages()[page_]->messages();
  return *rows_;
}

const Message* TableWalk::next_stretch() {
  const auto& pages = table_->pages();
  const auto& ranges = uids_.ranges();
  while (range_ < ranges.size() && page_ < pages.size()) {
    const auto& page = *pages[page_];
    if (row_ == page.size() || page.highest_modseq() <= above_) {
      turn_to(page_ + 1);
      continue;
    }
    const auto& message = rows()[row_];
    if (message.uid > ranges[range_].last) {
      if (++range_ < ranges.size()) seek(ranges[range_].first);
      continue;
    }
    if (message.uid < ranges[range_].first) {
      seek(ranges[range_].first);
      continue;
    }
    ++row_;
    if (message.modseq <= above_) continue;
    if (above_ == ModSeq() && page.last() <= ranges[range_].last) wanted_end_ = page.size();
    return &message;
  }
  return nullptr;
}

}  // namespace veredus::state::mailbox
