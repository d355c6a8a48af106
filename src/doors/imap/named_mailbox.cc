#include "doors/imap/named_mailbox.h"

#include <utility>

#include "doors/imap/failures.h"
#include "doors/imap/selected.h"
#include "state/directory/directory.h"
#include "state/mailbox/mailbox_name.h"
#include "state/mailbox/mailboxes.h"

namespace veredus::doors::imap {

using state::mailbox::kHierarchySeparator;
using state::mailbox::kSharedPrefix;
using state::mailbox::MailboxError;
using state::mailbox::Rights;

namespace {

using Found = std::expected<NamedMailbox, MailboxError>;

asio::awaitable<Found> find_shared(Talk* talk, NamedPlace place) {
  auto name = state::mailbox::canonical_name(place.name, state::mailbox::Options().name_octets);
  if (!name) co_return std::unexpected(MailboxError::kNoSuchMailbox);
  auto shared = co_await talk->services.mailboxes.shared(place.account, talk->session.account());
  if (!shared) co_return std::unexpected(shared.error());
  for (auto& [mailbox, rights] : *shared) {
    if (mailbox.name != *name) continue;
    NamedMailbox found{place.account, std::move(mailbox), rights, place.prefix + *name};
    co_return found;
  }
  co_return std::unexpected(MailboxError::kNoSuchMailbox);
}

}  // namespace

bool has_wide_controls(std::string_view name) {
  for (std::size_t at = 0; (at = name.find('\xC2', at)) != std::string_view::npos; ++at)
    if (at + 1 < name.size() && static_cast<unsigned char>(name[at + 1]) < 0xA0) return true;
  return name.contains("\xE2\x80\xA8") || name.contains("\xE2\x80\xA9");
}

std::string shared_prefix(const Talk& talk, AccountId owner) {
  const auto account = talk.services.directory.account(owner);
  if (!account || account->address.find(kHierarchySeparator) != std::string::npos) return {};
  std::string prefix(kSharedPrefix);
  return prefix.append(1, kHierarchySeparator).append(account->address).append(1, kHierarchySeparator);
}

std::expected<NamedPlace, MailboxError> place_named(const Talk& talk, std::string_view name) {
  if (!state::mailbox::is_reserved(name)) return NamedPlace{talk.session.account(), std::string(name), {}};
  name.remove_prefix(std::min(name.size(), kSharedPrefix.size() + 1));
  const auto address = name.substr(0, name.find(kHierarchySeparator));
  const auto owner = talk.services.directory.account_by_address(address);
  if (!owner || owner->id == talk.session.account()) return std::unexpected(MailboxError::kNoSuchMailbox);
  auto prefix = shared_prefix(talk, owner->id);
  if (prefix.empty()) return std::unexpected(MailboxError::kNoSuchMailbox);
  name.remove_prefix(std::min(name.size(), address.size() + 1));
  return NamedPlace{owner->id, std::string(name), std::move(prefix)};
}

std::string listed_name(const Talk& talk, std::string name) {
  const auto place = place_named(talk, name);
  if (!place || place->prefix.empty()) return name;
  if (place->name.empty()) return std::string(state::mailbox::name_above(place->prefix));
  const auto within = state::mailbox::canonical_name(place->name);
  return within ? place->prefix + *within : name;
}

asio::awaitable<Found> find_mailbox(Talk* talk, std::string name) {
  auto place = place_named(*talk, name);
  if (!place) co_return std::unexpected(place.error());
  if (place->account != talk->session.account()) co_return co_await find_shared(talk, std::move(*place));
  auto mailbox = co_await talk->services.mailboxes.find(place->account, std::move(place->name));
  if (!mailbox) co_return std::unexpected(mailbox.error());
  NamedMailbox found{place->account, std::move(*mailbox), Rights::all(), {}};
  found.shown_name = found.mailbox.name;
  co_return found;
}

Outcome not_permitted(Rights rights) {
  return rights.has(state::mailbox::Right::kLookup) ? not_permitted() : failure(MailboxError::kNoSuchMailbox);
}

Outcome open_for_reading(const Selected& selected) {
  return selected.may_change() ? no("The mailbox is open for reading alone") : not_permitted();
}

Outcome not_target(Rights rights) {
  return rights.has(state::mailbox::Right::kLookup) ? not_permitted() : target_failure(MailboxError::kNoSuchMailbox);
}

void begin_reply(Talk* talk, std::string_view word, std::string_view mailbox) {
  auto& out = talk->out.buffer();
  out.append("* ").append(word).append(" ");
  wire::imap::append_mailbox(out, mailbox, names_of(talk->session));
  out.append(" ");
}

}  // namespace veredus::doors::imap
