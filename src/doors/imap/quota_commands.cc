#include "doors/imap/quota_commands.h"

#include <string_view>
#include <utility>

#include "doors/imap/failures.h"
#include "doors/imap/named_mailbox.h"
#include "state/directory/directory.h"
#include "state/mailbox/mailbox_name.h"
#include "state/mailbox/mailboxes.h"

namespace veredus::doors::imap {
namespace {

using state::mailbox::MailboxError;
using state::mailbox::Right;

constexpr std::uint64_t kStorageUnit = 1024;  // RFC 9208 s5.1

void append_resource(std::string& out, std::string_view name, std::uint64_t used, std::uint64_t limit) {
  if (out.back() != '(') out.append(" ");
  out.append(name).append(" ");
  wire::imap::append_number(out, used);
  out.append(" ");
  wire::imap::append_number(out, limit);
}

state::directory::Quota quota_of(const Talk& talk) {
  const auto account = talk.services.directory.account(talk.session.account());
  return account ? account->quota : state::directory::Quota();
}

/// Without any limit there is none: a QUOTA response names one resource at least (RFC 9208 s7).
bool has_root(const state::directory::Quota& quota) { return quota.octets != 0 || quota.messages != 0; }

/// `* QUOTA "" (STORAGE 10 512)`: what has no limit is left out (RFC 9208 s4.2.1).
asio::awaitable<Outcome> tell_quota(Talk* talk, Outcome then) {
  const auto usage = co_await talk->services.mailboxes.usage(talk->session.account());
  if (!usage) co_return failure(usage.error());
  const auto quota = quota_of(*talk);
  auto& out = talk->out.buffer();
  out.append("* QUOTA \"\" (");
  if (quota.octets != 0)
    append_resource(out, "STORAGE", (usage->octets + kStorageUnit - 1) / kStorageUnit, quota.octets / kStorageUnit);
  if (quota.messages != 0) append_resource(out, "MESSAGE", usage->messages, quota.messages);
  out.append(")\r\n");
  co_return then;
}

/// Where a name leads that is no mailbox, or none the session knows of; `name` is its one spelling. Below another's it
/// leads nowhere for those with whom nothing is shared there. Errors: kNoSuchMailbox.
asio::awaitable<std::expected<NamedPlace, MailboxError>> place_without_mailbox(Talk* talk, std::string name) {
  auto place = place_named(*talk, name);
  if (!place) co_return std::unexpected(place.error());
  auto canonical = state::mailbox::canonical_name(place->name, state::mailbox::Options().name_octets);
  if (!canonical || has_wide_controls(*canonical)) co_return std::unexpected(MailboxError::kNoSuchMailbox);
  place->name = *std::move(canonical);
  if (place->account == talk->session.account()) co_return place;
  const auto shared = co_await talk->services.mailboxes.shared(place->account, talk->session.account());
  if (!shared) co_return std::unexpected(shared.error());
  if (shared->empty()) co_return std::unexpected(MailboxError::kNoSuchMailbox);
  co_return place;
}

asio::awaitable<Outcome> tell_root(Talk* talk, AccountId owner, std::string mailbox) {
  begin_reply(talk, "QUOTAROOT", mailbox);
  auto& out = talk->out.buffer();
  const bool own = owner == talk->session.account();
  if (!own || !has_root(quota_of(*talk))) {
    out.back() = '\r';
    out.append("\n");
    co_return ok(own ? "Nothing is limited" : "No quota root of yours");
  }
  out.append("\"\"\r\n");
  co_return co_await tell_quota(talk, ok("Quota told"));
}

}  // namespace

asio::awaitable<Outcome> get_quota(Talk* talk, wire::imap::GetQuota command) {
  if (!command.root.empty() || !has_root(quota_of(*talk))) co_return no("NONEXISTENT", "There is no such quota root");
  co_return co_await tell_quota(talk, ok("Quota told"));
}

asio::awaitable<Outcome> get_quota_root(Talk* talk, wire::imap::GetQuotaRoot command) {
  const auto found = co_await find_mailbox(talk, command.mailbox);
  if (!found && found.error() != MailboxError::kNoSuchMailbox) co_return failure(found.error());
  if (found && found->rights.has(Right::kRead)) co_return co_await tell_root(talk, found->account, found->shown_name);
  if (found && found->rights.has(Right::kLookup)) co_return not_permitted();
  // RFC 9208 s4.1.2: it need not be a mailbox. One without `l` is told of as if there were none (RFC 4314 s6).
  const auto place = co_await place_without_mailbox(talk, std::move(command.mailbox));
  if (!place) co_return failure(place.error());
  co_return co_await tell_root(talk, place->account, place->prefix + place->name);
}

asio::awaitable<Outcome> set_quota(Talk* /*talk*/, wire::imap::SetQuota /*command*/) {
  co_return no("NOPERM", "Quotas are set by the administrator");
}

}  // namespace veredus::doors::imap
