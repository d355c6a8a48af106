#include "doors/admin/calls.h"
#include "state/directory/directory.h"
#include "state/directory/snapshot.h"

namespace veredus::doors::admin {
namespace {

using io::http::Method;
using io::http::Request;
using state::directory::DirectoryError;

boost::json::object json_of(const state::directory::Alias& alias) {
  boost::json::object object;
  object["address"] = alias.address;
  object["targets"] = boost::json::array(alias.targets.begin(), alias.targets.end());
  object["senders"] = alias.senders;
  object["created"] = json_time(alias.created);
  return object;
}

Reply list(const Services* services, Request request) {
  const auto only = domain_wanted(*services, request);
  if (!only) co_return only.error();
  boost::json::array all;
  for (const auto& alias : services->directory.snapshot()->aliases(*only)) all.push_back(json_of(alias));
  co_return reply(boost::json::object{{"aliases", std::move(all)}});
}

Reply show(const Services* services, Request request) {
  const auto snapshot = services->directory.snapshot();
  const auto* alias = snapshot->alias(request.parameter("address"));
  co_return alias == nullptr ? problem_of(DirectoryError::kNoSuchAlias) : reply(json_of(*alias));
}

Reply put(const Services* services, Request request) {
  auto alias = read_body(request, [&](Fields& fields) {
    state::directory::NewAlias made;
    made.address = request.parameter("address");
    made.targets = fields.need_strings("targets");
    made.senders = fields.take_bool("senders").value_or(false);
    return made;
  });
  if (!alias) co_return alias.error();
  const auto kept = co_await services->directory.put_alias(*std::move(alias));
  co_return kept ? reply(json_of(*kept)) : problem_of(kept.error());
}

Reply remove(const Services* services, Request request) {
  std::string address(request.parameter("address"));
  const auto removed = co_await services->directory.delete_alias(std::move(address));
  co_return removed ? no_content() : problem_of(removed.error());
}

}  // namespace

void add_alias_calls(Routes& routes) {
  add(routes, Method::kGet, "/v1/aliases", list);
  add(routes, Method::kGet, "/v1/aliases/{address}", show);
  add(routes, Method::kPut, "/v1/aliases/{address}", put);
  add(routes, Method::kDelete, "/v1/aliases/{address}", remove);
}

}  // namespace veredus::doors::admin
