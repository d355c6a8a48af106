#include "base/codec/ascii.h"
#include "doors/admin/calls.h"
#include "state/directory/directory.h"
#include "state/mailbox/mailboxes.h"

/// Who may do what with an account's mailboxes (RFC 4314).
namespace veredus::doors::admin {
namespace {

using io::http::Method;
using io::http::Request;
using state::mailbox::kAnyone;
using state::mailbox::Rights;
using state::mailbox::RightsChange;

constexpr std::string_view kAnyoneName = "anyone";

/// Whose mailbox is shared, which one, and with whom.
struct Sharing {
  AccountId owner;
  MailboxId mailbox;
  std::string mailbox_name;
  AccountId to;
};

using FoundSharing = Outcome<Sharing>;

asio::awaitable<FoundSharing> sharing_of(const Services* services, const Request* request) {
  const auto owner = account_of(*services, *request);
  if (!owner) co_return std::unexpected(owner.error());
  std::string name(request->parameter("mailbox"));
  auto mailbox = co_await services->mailboxes.find(*owner, std::move(name));
  if (!mailbox) co_return std::unexpected(problem_of(mailbox.error()));
  Sharing sharing{*owner, mailbox->id, std::move(mailbox->name), kAnyone};
  const auto with = request->parameter("with");
  if (base::codec::iequals_ascii(with, kAnyoneName)) co_return sharing;
  const auto account = services->directory.account_by_address(with);
  if (!account) co_return std::unexpected(problem_of(state::directory::DirectoryError::kNoSuchAccount));
  if (account->id == *owner) co_return std::unexpected(bad_request("the owner has all rights, always"));
  sharing.to = account->id;
  co_return sharing;
}

boost::json::object json_of(const Services& services, std::string_view mailbox, AccountId to, Rights rights) {
  const auto account = services.directory.account(to);
  boost::json::object object;
  object["mailbox"] = mailbox;
  object["with"] = to == kAnyone ? std::string(kAnyoneName) : account ? account->address : std::string();
  object["rights"] = rights.letters();
  return object;
}

Reply list(const Services* services, Request request) {
  const auto owner = account_of(*services, request);
  if (!owner) co_return owner.error();
  const auto mailboxes = co_await services->mailboxes.list(*owner);
  if (!mailboxes) co_return problem_of(mailboxes.error());
  const auto grants = co_await services->mailboxes.grants(*owner);
  if (!grants) co_return problem_of(grants.error());
  boost::json::array all;
  for (const auto& mailbox : *mailboxes) {
    for (const auto& grant : *grants) {
      const bool known = grant.to == kAnyone || services->directory.account(grant.to);
      if (grant.mailbox == mailbox.id && known) all.push_back(json_of(*services, mailbox.name, grant.to, grant.rights));
    }
  }
  co_return reply(boost::json::object{{"rights", std::move(all)}});
}

Outcome<Rights> take_rights(Fields& fields) {
  const auto letters = fields.need_string("rights");
  const auto rights = Rights::parse(letters);
  if (!rights || rights->empty()) fields.mistake("rights", "wants letters of lrswipkxtea");
  return rights.value_or(Rights());
}

Reply share(const Services* services, Request request) {
  const auto sharing = co_await sharing_of(services, &request);
  if (!sharing) co_return sharing.error();
  const auto rights = read_body(request, take_rights);
  if (!rights) co_return rights.error();
  RightsChange change;
  change.rights = *rights;
  const auto now = co_await services->mailboxes.change_rights(sharing->owner, sharing->mailbox, sharing->to, change);
  co_return now ? reply(json_of(*services, sharing->mailbox_name, sharing->to, *now)) : problem_of(now.error());
}

Reply unshare(const Services* services, Request request) {
  const auto sharing = co_await sharing_of(services, &request);
  if (!sharing) co_return sharing.error();
  const auto now =
      co_await services->mailboxes.change_rights(sharing->owner, sharing->mailbox, sharing->to, RightsChange());
  co_return now ? no_content() : problem_of(now.error());
}

}  // namespace

void add_sharing_calls(Routes& routes) {
  add(routes, Method::kGet, "/v1/accounts/{address}/rights", list);
  add(routes, Method::kPut, "/v1/accounts/{address}/mailboxes/{mailbox}/rights/{with}", share);
  add(routes, Method::kDelete, "/v1/accounts/{address}/mailboxes/{mailbox}/rights/{with}", unshare);
}

}  // namespace veredus::doors::admin
