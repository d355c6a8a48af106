#include "doors/imap/quota_commands.h"

#include <string_view>
#include <utility>

#include "doors/imap/failures.h"
#include "doors/imap/named_mailbox.h"
#include "state/directory/directory.h"
#include "state/mailbox/mailboxes.h"

namespace veredus::doors::imap {
namespace {

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

}  // namespace

asio::awaitable<Outcome> get_quota(Talk* talk, wire::imap::GetQuota command) {
  if (!command.root.empty() || !has_root(quota_of(*talk))) co_return no("NONEXISTENT", "There is no such quota root");
  co_return co_await tell_quota(talk, ok("Quota told"));
}

asio::awaitable<Outcome> get_quota_root(Talk* talk, wire::imap::GetQuotaRoot command) {
  const auto found = co_await find_mailbox(talk, std::move(command.mailbox));
  if (!found) co_return failure(found.error());
  if (!found->rights.has(state::mailbox::Right::kRead)) co_return not_permitted(found->rights);
  begin_reply(talk, "QUOTAROOT", found->shown_name);
  auto& out = talk->out.buffer();
  const bool own = found->account == talk->session.account();
  if (!own || !has_root(quota_of(*talk))) {
    out.back() = '\r';
    out.append("\n");
    co_return ok(own ? "Nothing is limited" : "No quota root of yours");
  }
  out.append("\"\"\r\n");
  co_return co_await tell_quota(talk, ok("Quota told"));
}

asio::awaitable<Outcome> set_quota(Talk* /*talk*/, wire::imap::SetQuota /*command*/) {
  co_return no("NOPERM", "Quotas are set by the administrator");
}

}  // namespace veredus::doors::imap
