#include "doors/admin/calls.h"
#include "doors/admin/relay_fields.h"
#include "state/directory/address_form.h"
#include "state/directory/directory.h"
#include "state/directory/snapshot.h"
#include "work/queue/queue.h"

namespace veredus::doors::admin {
namespace {

using io::http::Method;
using io::http::Request;
using state::directory::DirectoryError;
using state::directory::RelayDomain;
using state::directory::Route;

constexpr std::uint16_t kSmtpPort = 25;

boost::json::object json_of(const Route& route) {
  boost::json::object object;
  object["name"] = route.name;
  put_relay(object, route.relay);
  object["destinations"] = boost::json::array(route.destinations.begin(), route.destinations.end());
  object["senders"] = boost::json::array(route.senders.begin(), route.senders.end());
  object["default"] = route.is_default;
  object["created"] = json_time(route.created);
  return object;
}

boost::json::object json_of(const RelayDomain& domain) {
  boost::json::object object;
  object["name"] = domain.name;
  object["recipients"] = boost::json::array(domain.recipients.begin(), domain.recipients.end());
  object["created"] = json_time(domain.created);
  return object;
}

Reply all_routes(const Services* services, Request) {
  boost::json::array all;
  for (const auto& route : services->directory.snapshot()->routing().routes()) all.push_back(json_of(route));
  co_return reply(boost::json::object{{"routes", std::move(all)}});
}

Reply show_route(const Services* services, Request request) {
  const auto snapshot = services->directory.snapshot();
  const auto* route = snapshot->routing().route(request.parameter("name"));
  co_return route == nullptr ? problem_of(DirectoryError::kNoSuchRoute) : reply(json_of(*route));
}

/// What the body leaves out stays as it is.
state::directory::NewRoute as_it_is(std::string_view name, const Route* before) {
  state::directory::NewRoute route{.name = std::string(name)};
  if (before == nullptr) return route;
  route.relay.hosts = before->relay.hosts;
  route.relay.tls = before->relay.tls;
  route.relay.implicit_tls = before->relay.implicit_tls;
  route.relay.protocol = before->relay.protocol;
  if (before->relay.login) {
    route.relay.user = before->relay.login->user;
    route.relay.kind = before->relay.login->kind;
  }
  route.destinations = before->destinations;
  route.senders = before->senders;
  route.is_default = before->is_default;
  return route;
}

Reply put_route(const Services* services, Request request) {
  auto route = read_body(request, [&](Fields& fields) {
    const auto snapshot = services->directory.snapshot();
    const auto name = request.parameter("name");
    auto made = as_it_is(name, snapshot->routing().route(name));
    take_relay(fields, made.relay, kSmtpPort);
    if (auto destinations = fields.take_strings("destinations")) made.destinations = *std::move(destinations);
    if (auto senders = fields.take_strings("senders")) made.senders = *std::move(senders);
    made.is_default = fields.take_bool("default").value_or(made.is_default);
    return made;
  });
  if (!route) co_return route.error();
  const auto kept = co_await services->directory.put_route(*std::move(route));
  if (!kept) co_return problem_of(kept.error());
  services->queue.routes_changed();
  co_return reply(json_of(*kept));
}

Reply remove_route(const Services* services, Request request) {
  std::string name(request.parameter("name"));
  const auto removed = co_await services->directory.delete_route(std::move(name));
  if (!removed) co_return problem_of(removed.error());
  services->queue.routes_changed();
  co_return no_content();
}

Reply all_relay_domains(const Services* services, Request) {
  boost::json::array all;
  for (const auto& domain : services->directory.snapshot()->routing().relay_domains()) all.push_back(json_of(domain));
  co_return reply(boost::json::object{{"relay_domains", std::move(all)}});
}

Reply show_relay_domain(const Services* services, Request request) {
  const auto snapshot = services->directory.snapshot();
  const auto name = state::directory::normal_domain(request.parameter("name"));
  const auto* domain = name ? snapshot->routing().relay_domain(*name) : nullptr;
  co_return domain == nullptr ? problem_of(DirectoryError::kNoSuchRelayDomain) : reply(json_of(*domain));
}

Reply put_relay_domain(const Services* services, Request request) {
  auto domain = read_body(request, [&](Fields& fields) {
    state::directory::NewRelayDomain made{.name = std::string(request.parameter("name"))};
    made.recipients = fields.take_strings("recipients").value_or(std::vector<std::string>());
    return made;
  });
  if (!domain) co_return domain.error();
  const auto kept = co_await services->directory.put_relay_domain(*std::move(domain));
  if (!kept) co_return problem_of(kept.error());
  services->queue.routes_changed();
  co_return reply(json_of(*kept));
}

Reply remove_relay_domain(const Services* services, Request request) {
  std::string name(request.parameter("name"));
  const auto removed = co_await services->directory.delete_relay_domain(std::move(name));
  if (!removed) co_return problem_of(removed.error());
  services->queue.routes_changed();
  co_return no_content();
}

/// A new secret signs return paths of forwarded mail from now on; those before it are still read.
Reply rotate_srs(const Services* services, Request) {
  const auto rotated = co_await services->directory.rotate_srs_secret(std::chrono::milliseconds(0));
  co_return rotated ? no_content() : problem_of(rotated.error());
}

}  // namespace

void add_route_calls(Routes& routes) {
  add(routes, Method::kGet, "/v1/routes", all_routes);
  add(routes, Method::kGet, "/v1/routes/{name}", show_route);
  add(routes, Method::kPut, "/v1/routes/{name}", put_route);
  add(routes, Method::kDelete, "/v1/routes/{name}", remove_route);
  add(routes, Method::kGet, "/v1/relay-domains", all_relay_domains);
  add(routes, Method::kGet, "/v1/relay-domains/{name}", show_relay_domain);
  add(routes, Method::kPut, "/v1/relay-domains/{name}", put_relay_domain);
  add(routes, Method::kDelete, "/v1/relay-domains/{name}", remove_relay_domain);
  add(routes, Method::kPost, "/v1/srs/rotate", rotate_srs);
}

}  // namespace veredus::doors::admin
