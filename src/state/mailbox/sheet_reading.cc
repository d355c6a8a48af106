#include <algorithm>
#include <span>
#include <utility>

#include "state/mailbox/email_sheet.h"
#include "state/mailbox/mailboxes.h"
#include "state/mailbox/mailboxes_impl.h"
#include "state/mailbox/sheet_rows.h"

/// Mailboxes: what lists of messages show, packed and kept in memory.
namespace veredus::state::mailbox {
namespace {

using Sheet = std::shared_ptr<const EmailSheet>;

constexpr std::size_t kReadOctets = 2 * 1024 * 1024;  // of emails, at a time
constexpr std::size_t kWorthKeeping = 8;   // a sheet is copied, or stored anew, for an eighth of its messages
constexpr std::size_t kWorthLooking = 64;  // missing messages; the rows of fewer are read as quickly

/// One column of the messages asked for, as far as it is known.
struct Column {
  SheetCache::Key key;
  Sheet known;  // null: nothing is
  bool from_store = false;
  bool complete = false;  // has all that is asked for
  bool keep = false;

  [[nodiscard]] bool has(SheetMessage message) const { return known && known->find(message.uid, message.email); }

  /// With room for what is missing. A sheet that is not kept has only what was asked for.
  [[nodiscard]] SheetMaker maker(const std::vector<SheetMessage>& asked, std::size_t missing) const {
    if (complete || !known) return SheetMaker(key.column, missing);
    if (keep) return {key.column, *known, missing * known->octets() / std::max<std::size_t>(known->size(), 1)};
    SheetMaker maker(key.column, asked.size());
    for (const auto& message : asked)
      if (const auto value = known->find(message.uid, message.email)) maker.put(message, *value);
    return maker;
  }
};

std::size_t count_missing(const Sheet& sheet, const std::vector<SheetMessage>& messages) {
  const auto lacks = [&sheet](SheetMessage message) { return !sheet || !sheet->find(message.uid, message.email); };
  return static_cast<std::size_t>(std::ranges::count_if(messages, lacks));
}

std::vector<SheetMessage> missing_in(const std::vector<Column>& columns, const std::vector<SheetMessage>& messages) {
  std::vector<SheetMessage> missing;
  for (const auto& message : messages) {
    const auto lacks = [&message](const Column& column) { return !column.has(message); };
    if (std::ranges::any_of(columns, lacks)) missing.push_back(message);
  }
  // They are read in the order of their ids.
  const auto email = [](const SheetMessage& message) { return message.email; };
  if (!std::ranges::is_sorted(missing, {}, email)) std::ranges::sort(missing, {}, email);
  return missing;
}

/// Takes what is stored where that knows more of the messages.
void take_better(std::vector<Column>& columns, const std::vector<SheetCache::Key>& wanted, std::vector<Sheet>& stored,
                 const std::vector<SheetMessage>& messages) {
  for (std::size_t i = 0; i < wanted.size(); ++i) {
    auto& column = *std::ranges::find(columns, wanted[i], &Column::key);
    if (!stored[i] || count_missing(stored[i], messages) >= count_missing(column.known, messages)) continue;
    column.known = std::move(stored[i]);
    column.from_store = true;
  }
}

}  // namespace

Mailboxes::Result<std::vector<Sheet>> Mailboxes::sheets(AccountId account, MailboxId mailbox,
                                                        std::vector<SheetColumn> columns,
                                                        std::vector<SheetMessage> messages) {
  std::vector<Column> parts;
  for (const auto column : columns) {
    const auto number = messages.empty() ? 0 : EmailSheet::number_of(messages.front().uid);
    auto& part = parts.emplace_back();
    part.key = {account, mailbox, number, column};
    part.known = impl_->sheets.get(part.key);
  }
  std::vector<SheetCache::Key> wanted;
  for (const auto& part : parts)
    if (count_missing(part.known, messages) >= kWorthLooking) wanted.push_back(part.key);
  if (!wanted.empty()) {
    VEREDUS_CO_TRY(auto stored, co_await impl_->stored_sheets(wanted));
    take_better(parts, wanted, stored, messages);
  }
  for (auto& part : parts) {
    if (part.from_store) impl_->sheets.put(part.key, part.known);
    part.complete = part.known && count_missing(part.known, messages) == 0;
    part.keep = !part.known || messages.size() * kWorthKeeping >= part.known->size();
  }
  const auto missing = missing_in(parts, messages);
  std::vector<SheetMaker> makers;
  for (const auto& part : parts) makers.push_back(part.maker(messages, missing.size()));
  std::vector<EmailId> ids;
  ids.reserve(missing.size());
  for (const auto& message : missing) ids.push_back(message.email);
  for (std::size_t seen = 0; seen < ids.size();) {
    const auto put = [&](std::size_t place, const EmailView& email) {
      const auto message = missing[seen + place];
      for (std::size_t i = 0; i < parts.size(); ++i)
        if (!parts[i].has(message)) makers[i].put(message, email);
    };
    const auto rest = std::span(ids).subspan(seen);
    VEREDUS_CO_TRY(const auto more, co_await view_emails(account, rest, kReadOctets, Again::kNo, put));
    seen += more;
  }
  for (std::size_t i = 0; i < parts.size(); ++i) {
    auto& part = parts[i];
    if (part.complete) continue;
    part.known = std::make_shared<const EmailSheet>(makers[i].take());
    if (!part.keep) continue;
    const auto size = part.known->size();
    const bool worth_storing = size >= kSheetWorthStoring && missing.size() * kWorthKeeping >= size;
    impl_->sheets.put(part.key, part.known, worth_storing);
  }
  std::vector<Sheet> found;
  for (auto& part : parts) found.push_back(std::move(part.known));
  co_return found;
}

}  // namespace veredus::state::mailbox
