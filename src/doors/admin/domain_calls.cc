#include "base/observe/log.h"
#include "base/types/result.h"
#include "doors/admin/calls.h"
#include "state/directory/directory.h"
#include "state/directory/signing_key.h"
#include "state/directory/snapshot.h"

namespace veredus::doors::admin {
namespace {

using io::http::Method;
using io::http::Request;
using io::http::Response;
using state::directory::Domain;
using state::directory::pair_of_keys;

boost::json::value json_address(const state::directory::Snapshot& snapshot, std::optional<AccountId> id) {
  const auto* account = id ? snapshot.account(*id) : nullptr;
  return account == nullptr ? boost::json::value(nullptr) : boost::json::value(account->address_shown);
}

boost::json::object json_of(const Services& services, const Domain& domain) {
  const auto snapshot = services.directory.snapshot();
  const auto* members = snapshot->members(domain.id);
  boost::json::object object;
  object["name"] = domain.name_utf8;
  object["name_ascii"] = domain.name;
  object["subaddress_separator"] =
      domain.subaddress_separator ? boost::json::value(std::string(1, *domain.subaddress_separator)) : nullptr;
  object["catch_all"] = json_address(*snapshot, domain.catch_all);
  object["postmaster"] = json_address(*snapshot, domain.postmaster);
  object["accounts"] = members == nullptr ? 0 : members->accounts.size();
  object["aliases"] = members == nullptr ? 0 : members->aliases;
  object["created"] = json_time(domain.created);
  return object;
}

/// "+", null; anything else is refused by the directory, longer strings here.
Outcome<std::optional<char>> separator_of(const std::optional<std::string>& text) {
  if (!text) return std::nullopt;
  if (text->size() != 1) return std::unexpected(bad_request("'subaddress_separator' wants one character or null"));
  return text->front();
}

Outcome<std::optional<AccountId>> account_named(const Services& services, const std::optional<std::string>& address) {
  if (!address) return std::nullopt;
  const auto account = services.directory.account_by_address(*address);
  if (!account) return std::unexpected(problem_of(state::directory::DirectoryError::kNoSuchAccount));
  return account->id;
}

struct WantedDomain {
  state::directory::NewDomain domain;
  bool signing_keys = true;
};

Outcome<WantedDomain> new_domain(Fields& fields) {
  WantedDomain wanted;
  auto& domain = wanted.domain;
  domain.name = fields.need_string("name");
  if (const auto separator = fields.take_nullable_string("subaddress_separator")) {
    VEREDUS_TRY(auto character, separator_of(*separator));
    domain.subaddress_separator = character;
  }
  wanted.signing_keys = fields.take_bool("signing_keys").value_or(true);
  return wanted;
}

Outcome<state::directory::DomainChange> domain_change(const Services& services, Fields& fields) {
  state::directory::DomainChange change;
  if (const auto separator = fields.take_nullable_string("subaddress_separator")) {
    VEREDUS_TRY(auto character, separator_of(*separator));
    change.subaddress_separator = character;
  }
  if (const auto address = fields.take_nullable_string("catch_all")) {
    VEREDUS_TRY(auto account, account_named(services, *address));
    change.catch_all = account;
  }
  if (const auto address = fields.take_nullable_string("postmaster")) {
    VEREDUS_TRY(auto account, account_named(services, *address));
    change.postmaster = account;
  }
  return change;
}

Reply list(const Services* services, Request /*request*/) {
  boost::json::array all;
  for (const auto& domain : services->directory.snapshot()->domains()) all.push_back(json_of(*services, domain));
  co_return reply(boost::json::object{{"domains", std::move(all)}});
}

Reply show(const Services* services, Request request) {
  const auto domain = services->directory.domain(request.parameter("domain"));
  if (!domain) co_return problem_of(state::directory::DirectoryError::kNoSuchDomain);
  co_return reply(json_of(*services, *domain));
}

Reply create(const Services* services, Request request) {
  auto asked = read_body(request, new_domain);
  if (!asked) co_return asked.error();
  const auto domain = co_await services->directory.create_domain(std::move(asked->domain));
  if (!domain) co_return problem_of(domain.error());
  if (asked->signing_keys) {
    // Without keys its mail goes unsigned, and `dkim rotate` makes them: no reason to take the domain back.
    const auto keys = co_await services->directory.add_signing_keys(domain->name, pair_of_keys());
    if (!keys)
      services->log.warning("admin.no_signing_keys", {{"domain", domain->name}, {"why", to_string(keys.error())}});
  }
  co_return reply(json_of(*services, *domain), 201);
}

Reply change(const Services* services, Request request) {
  auto asked = read_body(request, [&](Fields& fields) { return domain_change(*services, fields); });
  if (!asked) co_return asked.error();
  std::string name(request.parameter("domain"));
  const auto domain = co_await services->directory.change_domain(std::move(name), *asked);
  if (!domain) co_return problem_of(domain.error());
  co_return reply(json_of(*services, *domain));
}

Reply remove(const Services* services, Request request) {
  std::string name(request.parameter("domain"));
  const auto removed = co_await services->directory.delete_domain(std::move(name));
  co_return removed ? no_content() : problem_of(removed.error());
}

}  // namespace

Outcome<std::optional<DomainId>> domain_wanted(const Services& services, const Request& request) {
  const auto name = request.query_value("domain");
  if (name.empty()) return std::nullopt;
  const auto domain = services.directory.domain(name);
  if (!domain) return std::unexpected(problem_of(state::directory::DirectoryError::kNoSuchDomain));
  return domain->id;
}

void add_domain_calls(Routes& routes) {
  add(routes, Method::kGet, "/v1/domains", list);
  add(routes, Method::kPost, "/v1/domains", create);
  add(routes, Method::kGet, "/v1/domains/{domain}", show);
  add(routes, Method::kPatch, "/v1/domains/{domain}", change);
  add(routes, Method::kDelete, "/v1/domains/{domain}", remove);
}

}  // namespace veredus::doors::admin
