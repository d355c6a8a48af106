#include <filesystem>

#include "base/observe/metrics.h"
#include "doors/admin/calls.h"
#include "io/engine/engine.h"
#include "state/directory/directory.h"
#include "state/directory/snapshot.h"
#include "work/delivery/fan_out.h"

namespace veredus::doors::admin {
namespace {

using io::http::Method;
using io::http::Request;
using io::http::Response;

Reply status(const Services* services, Request /*request*/) {
  const auto health = services->engine.health();
  const auto snapshot = services->directory.snapshot();
  boost::json::array listeners;
  for (const auto& at : services->actions.listeners())
    listeners.push_back(boost::json::object{{"protocol", at.protocol}, {"address", at.address}});
  boost::json::object object;
  object["hostname"] = services->hostname;
  object["version"] = VEREDUS_VERSION;
  object["healthy"] = health.writable && health.durable;
  object["reason"] = health.reason;
  object["sessions"] = services->actions.sessions();
  object["fan_out_waiting"] = services->fan_out.waiting();
  object["dnssec"] = services->actions.dnssec();
  object["domains"] = snapshot->domain_count();
  object["accounts"] = snapshot->account_count();
  object["listeners"] = std::move(listeners);
  co_return reply(object);
}

Reply reload(const Services* services, Request /*request*/) {
  const auto done = services->actions.reload();
  co_return done ? no_content() : io::http::problem(422, "reload-failed", done.error());
}

/// A consistent copy of the store while it serves, at a path of the server's machine.
Reply backup(const Services* services, Request request) {
  const auto directory = read_body(request, [](Fields& fields) { return fields.need_string("directory"); });
  if (!directory) co_return directory.error();
  if (directory->empty() || directory->front() != '/') co_return bad_request("'directory' wants an absolute path");
  if (std::error_code error; std::filesystem::exists(*directory, error))
    co_return io::http::problem(409, "exists", *directory + " exists already; a backup wants a new directory");
  const auto made = co_await services->engine.backup(*directory);
  if (!made) co_return io::http::problem(503, "backup-failed", to_string(made.error()));
  co_return reply(boost::json::object{{"directory", *directory}}, 201);
}

Reply metrics(const Services* services, Request /*request*/) {
  co_return Response{.content_type = "text/plain; version=0.0.4", .body = services->metrics.expose()};
}

}  // namespace

void add_server_calls(Routes& routes) {
  add(routes, Method::kGet, "/v1/status", status);
  add(routes, Method::kPost, "/v1/reload", reload);
  add(routes, Method::kPost, "/v1/backup", backup);
  add(routes, Method::kGet, "/v1/metrics", metrics);
}

}  // namespace veredus::doors::admin
