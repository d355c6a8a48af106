#include <algorithm>

#include "base/types/result.h"
#include "doors/admin/calls.h"
#include "state/directory/directory.h"
#include "state/directory/snapshot.h"
#include "state/mailbox/mailboxes.h"
#include "state/search/indexes.h"

namespace veredus::doors::admin {
namespace {

using io::http::Method;
using io::http::Request;
using state::directory::Account;
using state::directory::OldAddress;

boost::json::object json_of(const Account& account) {
  boost::json::object object;
  object["id"] = account.id.value;
  object["address"] = account.address_shown;
  object["display_name"] = account.display_name;
  object["quota_octets"] = account.quota.octets;
  object["quota_messages"] = account.quota.messages;
  object["administrator"] = account.role == state::directory::Role::kAdministrator;
  object["disabled"] = account.disabled;
  object["can_send"] = account.can_send;
  object["can_receive"] = account.can_receive;
  object["created"] = json_time(account.created);
  return object;
}

state::directory::Role role_of(bool administrator) {
  return administrator ? state::directory::Role::kAdministrator : state::directory::Role::kUser;
}

state::directory::NewAccount new_account(Fields& fields) {
  state::directory::NewAccount account;
  account.address = fields.need_string("address");
  if (auto name = fields.take_string("display_name")) account.display_name = std::move(*name);
  if (auto octets = fields.take_number("quota_octets")) account.quota.octets = *octets;
  if (auto messages = fields.take_number("quota_messages")) account.quota.messages = *messages;
  if (auto administrator = fields.take_bool("administrator")) account.role = role_of(*administrator);
  if (auto password = fields.take_string("password")) account.password = base::crypto::Secret(std::move(*password));
  return account;
}

state::directory::AccountChange account_change(Fields& fields, const Account& before) {
  state::directory::AccountChange change;
  change.display_name = fields.take_string("display_name");
  const auto octets = fields.take_number("quota_octets");
  const auto messages = fields.take_number("quota_messages");
  if (octets || messages)
    change.quota =
        state::directory::Quota{octets.value_or(before.quota.octets), messages.value_or(before.quota.messages)};
  if (const auto administrator = fields.take_bool("administrator")) change.role = role_of(*administrator);
  change.disabled = fields.take_bool("disabled");
  change.can_send = fields.take_bool("can_send");
  change.can_receive = fields.take_bool("can_receive");
  return change;
}

Reply list(const Services* services, Request request) {
  const auto snapshot = services->directory.snapshot();
  const auto only = domain_wanted(*services, request);
  if (!only) co_return only.error();
  boost::json::array all;
  for (const auto& account : snapshot->accounts(*only)) all.push_back(json_of(account));
  co_return reply(boost::json::object{{"accounts", std::move(all)}});
}

Reply show(const Services* services, Request request) {
  const auto account = services->directory.account_by_address(request.parameter("address"));
  if (!account) co_return problem_of(state::directory::DirectoryError::kNoSuchAccount);
  auto object = json_of(*account);
  const auto usage = co_await services->mailboxes.usage(account->id);
  if (!usage) co_return problem_of(usage.error());
  object["used_octets"] = usage->octets;
  object["used_messages"] = usage->messages;
  boost::json::array aliases;
  services->directory.snapshot()->for_each_alias([&](const state::directory::Alias& alias) {
    if (std::ranges::find(alias.targets, account->address) != alias.targets.end()) aliases.emplace_back(alias.address);
  });
  object["aliases"] = std::move(aliases);
  co_return reply(object);
}

Reply create(const Services* services, Request request) {
  auto asked = read_body(request, new_account);
  if (!asked) co_return asked.error();
  const auto account = co_await services->directory.create_account(std::move(*asked));
  if (!account) co_return problem_of(account.error());
  co_return reply(json_of(*account), 201);
}

Reply change(const Services* services, Request request) {
  const auto before = services->directory.account_by_address(request.parameter("address"));
  if (!before) co_return problem_of(state::directory::DirectoryError::kNoSuchAccount);
  auto asked = read_body(request, [&](Fields& fields) { return account_change(fields, *before); });
  if (!asked) co_return asked.error();
  const auto account = co_await services->directory.change_account(before->id, std::move(*asked));
  if (!account) co_return problem_of(account.error());
  co_return reply(json_of(*account));
}

Reply rename(const Services* services, Request request) {
  const auto id = account_of(*services, request);
  if (!id) co_return id.error();
  auto asked = read_body(request, [](Fields& fields) {
    auto address = fields.need_string("address");
    const bool keep = fields.take_bool("keep_old_as_alias").value_or(false);
    return std::pair(std::move(address), keep ? OldAddress::kAsAlias : OldAddress::kFree);
  });
  if (!asked) co_return asked.error();
  const auto account = co_await services->directory.rename_account(*id, std::move(asked->first), asked->second);
  if (!account) co_return problem_of(account.error());
  co_return reply(json_of(*account));
}

Reply remove(const Services* services, Request request) {
  const auto id = account_of(*services, request);
  if (!id) co_return id.error();
  const auto removed = co_await services->directory.delete_account(*id);
  if (!removed) co_return problem_of(removed.error());
  // Its mail goes now. Housekeeping does it again for a day: what was under way may have made it anew.
  (void)co_await services->mailboxes.erase_account(*id);
  services->indexes.erase(*id);
  co_return no_content();
}

}  // namespace

Outcome<AccountId> account_of(const Services& services, const Request& request) {
  const auto account = services.directory.account_by_address(request.parameter("address"));
  if (!account) return std::unexpected(problem_of(state::directory::DirectoryError::kNoSuchAccount));
  return account->id;
}

void add_account_calls(Routes& routes) {
  add(routes, Method::kGet, "/v1/accounts", list);
  add(routes, Method::kPost, "/v1/accounts", create);
  add(routes, Method::kGet, "/v1/accounts/{address}", show);
  add(routes, Method::kPatch, "/v1/accounts/{address}", change);
  add(routes, Method::kDelete, "/v1/accounts/{address}", remove);
  add(routes, Method::kPost, "/v1/accounts/{address}/rename", rename);
}

}  // namespace veredus::doors::admin
