#include "doors/imap/acl_commands.h"

#include <optional>
#include <string>
#include <utility>

#include "base/codec/ascii.h"
#include "base/codec/saslprep.h"
#include "doors/imap/failures.h"
#include "doors/imap/named_mailbox.h"
#include "state/directory/directory.h"
#include "state/mailbox/mailboxes.h"

namespace veredus::doors::imap {
namespace {

using state::mailbox::kAnyone;
using state::mailbox::MailboxError;
using state::mailbox::Right;
using state::mailbox::Rights;
using state::mailbox::RightsChange;
using Found = std::expected<NamedMailbox, Outcome>;

constexpr std::string_view kAnyoneName = "anyone";
constexpr char kNegative = '-';  // RFC 4314 s2: an identifier that begins so is of rights that somebody has not
/// Who has one of them may ask which ones it has (RFC 4314 s4).
constexpr Rights kTelling{Right::kLookup, Right::kRead,   Right::kInsert,
                          Right::kCreate, Right::kDelete, Right::kAdminister};

/// With `c` and `d` for programs that know RFC 2086 alone (RFC 4314 s2.1.1).
std::string letters_of(Rights rights) {
  auto letters = rights.letters();
  if (rights.has(Right::kCreate)) letters.push_back('c');
  if (rights.has(Right::kDelete) || rights.has(Right::kDeleteMessages) || rights.has(Right::kExpunge))
    letters.push_back('d');
  return letters;
}

/// The mailbox whose rights the session may see and change.
asio::awaitable<Found> find_administered(Talk* talk, std::string name) {
  auto found = co_await find_mailbox(talk, std::move(name));
  if (!found) co_return std::unexpected(failure(found.error()));
  if (!found->rights.has(Right::kAdminister)) co_return std::unexpected(not_permitted(found->rights));
  co_return *std::move(found);
}

/// Whom an identifier means; the owner too.
std::expected<AccountId, Outcome> account_named(const Talk& talk, std::string_view identifier) {
  const auto prepared = base::codec::prepare_username(identifier);
  if (!prepared) return std::unexpected(bad("That is no identifier"));  // RFC 4314 s3
  if (prepared->starts_with(kNegative)) return std::unexpected(no("CANNOT", "There are no negative rights here"));
  if (base::codec::iequals_ascii(*prepared, kAnyoneName)) return kAnyone;
  const auto account = talk.services.directory.account_by_address(*prepared);
  if (!account) return std::unexpected(no("CANNOT", "Nobody here has this address"));
  return account->id;
}

asio::awaitable<Outcome> change_rights(Talk* talk, std::string mailbox, std::string identifier, RightsChange change) {
  const auto found = co_await find_administered(talk, std::move(mailbox));
  if (!found) co_return found.error();
  const auto to = account_named(*talk, identifier);
  if (!to) co_return to.error();
  if (*to == found->account) co_return no("CANNOT", "The owner has all rights, always");
  if (change.gives() && shared_prefix(*talk, found->account).empty())
    co_return no("CANNOT", "The owner's address has a / in it: nobody would find what is shared");
  const auto changed = co_await talk->services.mailboxes.change_rights(found->account, found->mailbox.id, *to, change);
  co_return changed ? ok("Rights changed") : failure(changed.error());
}

void append_entry(std::string& out, std::string_view identifier, Rights rights) {
  if (identifier.starts_with(kNegative)) return;  // it would be read as what he may not do
  out.append(" ");
  wire::imap::append_astring(out, identifier);
  out.append(" ").append(letters_of(rights));
}

}  // namespace

void tell_my_rights(Talk* talk, std::string_view mailbox, Rights rights) {
  begin_reply(talk, "MYRIGHTS", mailbox);
  wire::imap::append_astring(talk->out.buffer(), letters_of(rights));
  talk->out.buffer().append("\r\n");
}

asio::awaitable<Outcome> set_acl(Talk* talk, wire::imap::SetAcl command) {
  const auto rights = Rights::parse(command.rights);
  if (!rights) co_return bad("There is no such right");  // RFC 4314 s3.1
  RightsChange change;
  change.rights = *rights;
  if (command.mode == wire::imap::SetAcl::Mode::kAdd) change.mode = RightsChange::Mode::kAdd;
  if (command.mode == wire::imap::SetAcl::Mode::kRemove) change.mode = RightsChange::Mode::kRemove;
  co_return co_await change_rights(talk, std::move(command.mailbox), std::move(command.identifier), change);
}

asio::awaitable<Outcome> delete_acl(Talk* talk, wire::imap::DeleteAcl command) {
  co_return co_await change_rights(talk, std::move(command.mailbox), std::move(command.identifier), RightsChange());
}

asio::awaitable<Outcome> get_acl(Talk* talk, wire::imap::GetAcl command) {
  const auto found = co_await find_administered(talk, std::move(command.mailbox));
  if (!found) co_return found.error();
  const auto grants = co_await talk->services.mailboxes.grants(found->account);
  if (!grants) co_return failure(grants.error());
  const auto& directory = talk->services.directory;
  begin_reply(talk, "ACL", found->shown_name);
  auto& out = talk->out.buffer();
  out.pop_back();
  if (const auto owner = directory.account(found->account)) append_entry(out, owner->address, Rights::all());
  for (const auto& grant : *grants) {
    if (grant.mailbox != found->mailbox.id) continue;
    if (grant.to == kAnyone)
      append_entry(out, kAnyoneName, grant.rights);
    else if (const auto account = directory.account(grant.to))
      append_entry(out, account->address, grant.rights);
  }
  out.append("\r\n");
  co_return ok("Rights told");
}

/// RFC 4314 s3.7: first what the identifier has whatever is set, then what can be set, each by itself.
asio::awaitable<Outcome> list_rights(Talk* talk, wire::imap::ListRights command) {
  const auto found = co_await find_administered(talk, std::move(command.mailbox));
  if (!found) co_return found.error();
  const auto to = account_named(*talk, command.identifier);
  if (!to) co_return to.error();
  begin_reply(talk, "LISTRIGHTS", found->shown_name);
  auto& out = talk->out.buffer();
  wire::imap::append_astring(out, command.identifier);
  if (*to == found->account)
    out.append(" ").append(letters_of(Rights::all()));
  else
    out.append(" \"\" l r s w i p k x t e a c d");
  out.append("\r\n");
  co_return ok("Possible rights told");
}

asio::awaitable<Outcome> my_rights(Talk* talk, wire::imap::MyRights command) {
  const auto found = co_await find_mailbox(talk, std::move(command.mailbox));
  if (!found) co_return failure(found.error());
  if ((found->rights.bits() & kTelling.bits()) == 0) co_return not_permitted(found->rights);
  tell_my_rights(talk, found->shown_name, found->rights);
  co_return ok("Rights told");
}

}  // namespace veredus::doors::imap
