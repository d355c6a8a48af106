#include "doors/admin/routes.h"

#include <charconv>

#include "base/observe/log.h"
#include "base/observe/metrics.h"
#include "doors/admin/calls.h"

namespace veredus::doors::admin {
namespace {

/// Runs one call; what changes something is logged with its outcome.
Reply run(std::shared_ptr<const Services> services, Call call, io::http::Request request) {
  const auto method = request.method;
  const auto path = request.path;
  const auto peer = request.peer;
  auto response = co_await call(services.get(), std::move(request));
  if (method != io::http::Method::kGet)
    services->log.info("admin.call",
                       {{"method", to_string(method)}, {"path", path}, {"status", response.status}, {"peer", peer}});
  co_return response;
}

Reply metrics_page(const base::observe::Metrics* metrics) {
  co_return io::http::Response{.content_type = "text/plain; version=0.0.4", .body = metrics->expose()};
}

}  // namespace

void add(Routes& routes, io::http::Method method, std::string_view pattern, Call call) {
  routes.router.add(method, pattern, [services = routes.services, call](io::http::Request request) {
    return run(services, call, std::move(request));
  });
}

std::optional<std::uint64_t> number_of(std::string_view text) {
  std::uint64_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc{} || end != text.data() + text.size()) return std::nullopt;
  return number;
}

io::http::Router routes(Services services) {
  Routes all{.services = std::make_shared<const Services>(std::move(services)), .router = {}};
  add_server_calls(all);
  add_domain_calls(all);
  add_account_calls(all);
  add_credential_calls(all);
  add_alias_calls(all);
  add_list_calls(all);
  add_moderation_calls(all);
  add_route_calls(all);
  add_forward_calls(all);
  add_mailbox_calls(all);
  add_sharing_calls(all);
  add_copy_calls(all);
  add_transfer_calls(all);
  add_message_calls(all);
  add_queue_calls(all);
  add_limit_calls(all);
  add_probe_calls(all);
  add_report_calls(all);
  add_sender_calls(all);
  add_signing_calls(all);
  return std::move(all.router);
}

io::http::Router metrics_routes(const base::observe::Metrics& metrics) {
  io::http::Router router;
  const auto page = [&metrics](const io::http::Request& /*request*/) { return metrics_page(&metrics); };
  router.add(io::http::Method::kGet, "/metrics", page);
  return router;
}

}  // namespace veredus::doors::admin
