#include "doors/imap/message_part.h"

#include <utility>

#include "base/types/result.h"
#include "doors/imap/header_filter.h"
#include "doors/imap/named_mailbox.h"
#include "doors/imap/updates.h"
#include "io/net/stint.h"
#include "state/mailbox/mailboxes.h"

namespace veredus::doors::imap {

using state::mailbox::MailboxError;
using state::mailbox::Right;

namespace {

constexpr std::size_t kPieceOctets = std::size_t{64} * 1024;

struct Where {
  AccountId account;
  MailboxId mailbox;
};

asio::awaitable<std::optional<Where>> where(Talk* talk, wire::imap::MessageUrl url) {
  const auto& selected = talk->session.selected;
  if (url.mailbox.empty()) {
    if (!selected || (url.uid_validity && *url.uid_validity != selected->place().uid_validity.value))
      co_return std::nullopt;
    const bool reads = co_await renew_rights(talk);
    if (!reads) co_return std::nullopt;
    co_return Where{selected->account(), selected->mailbox()};
  }
  const auto found = co_await find_mailbox(talk, url.mailbox);
  if (!found || !found->rights.has(Right::kRead)) co_return std::nullopt;
  if (url.uid_validity && *url.uid_validity != found->mailbox.uid_validity.value) co_return std::nullopt;
  co_return Where{found->account, found->mailbox.id};
}

}  // namespace

asio::awaitable<std::optional<MessagePart>> MessagePart::find(Talk* talk, std::string url) {
  auto named = wire::imap::parse_message_url(url);
  if (!named) co_return std::nullopt;
  const auto place = co_await where(talk, *named);
  if (!place) co_return std::nullopt;
  auto& mailboxes = talk->services.mailboxes;
  const Uid uid(named->uid);
  const auto page = co_await mailboxes.messages(place->account, place->mailbox, uid, uid, 1);
  if (!page || page->messages.empty()) co_return std::nullopt;
  const auto& row = page->messages.front();
  const auto email = co_await mailboxes.email(place->account, row.body.email);
  if (!email) co_return std::nullopt;
  const auto parts = wire::mime::decode_part_table(email->content.part_table);
  if (!parts) co_return std::nullopt;
  const auto at = locate(named->section, *parts, row.body.octets);
  if (at.kind == SectionPlace::Kind::kNotThere) co_return std::nullopt;
  BodyReader body(&mailboxes, place->account, row.body, {});
  const OctetSpan whole{at.begin, at.end};
  if (at.kind == SectionPlace::Kind::kOctets) co_return MessagePart(std::move(body), clip(whole, named->range));
  MessagePart part(std::move(body), whole);
  part.fields_ = *std::move(named);
  co_return part;
}

asio::awaitable<std::expected<std::string_view, MailboxError>> MessagePart::next() {
  if (fields_) VEREDUS_CO_TRY(co_await filter_fields());
  if (span_.begin == span_.end) co_return std::string_view();
  std::string_view some;
  if (filtered_) {
    some = std::string_view(*filtered_).substr(span_.begin, span_.end - span_.begin);
  } else {
    VEREDUS_CO_TRY(some, co_await body_.read(span_.begin, span_.end));
  }
  some = some.substr(0, kPieceOctets);
  span_.begin += some.size();
  co_return some;
}

asio::awaitable<std::expected<void, MailboxError>> MessagePart::filter_fields() {
  const auto named = *std::exchange(fields_, std::nullopt);
  VEREDUS_CO_TRY(const auto block, co_await body_.read_all(span_.begin, span_.end, HeaderFilter::kMostOctets));
  const FieldNames names(named.section.fields);
  HeaderFilter filter(block, &names, named.section.text);
  io::net::Stint stint;
  while (filter.step())
    if (stint.is_long()) co_await stint.pause();
  filtered_ = filter.take();
  span_ = clip(OctetSpan{0, filtered_->size()}, named.range);
  co_return std::expected<void, MailboxError>();
}

}  // namespace veredus::doors::imap
