#include <fmt/format.h>

#include "app/server/parts.h"
#include "app/server/sending_trial.h"

namespace veredus::app::server {
namespace {

constexpr std::size_t kAdminBodyOctets = std::size_t{160} * 1024 * 1024;  // the largest message, imported

}  // namespace

/// Sockets are bound before the state is open and before privileges are dropped; they answer once the reactors run.
std::expected<void, std::string> Server::Parts::listen_for_admin_and_metrics() {
  io::net::Listener::Options options;
  options.endpoint = io::net::Endpoint::unix_socket(configuration.admin_socket);
  options.unix_mode = configuration.admin_socket_mode;
  io::net::Listener::Accept serve_admin = [this](io::net::Connection c) { return admin->serve(std::move(c)); };
  auto listener = io::net::Listener::open(reactors, std::move(options), std::move(serve_admin));
  if (!listener)
    return std::unexpected(fmt::format("cannot listen at {} for the admin API: {}", configuration.admin_socket,
                                       to_string(listener.error())));
  admin_listener = std::move(*listener);

  if (configuration.metrics_address.empty()) return {};
  io::net::Listener::Options page;
  page.endpoint = *io::net::Endpoint::parse(configuration.metrics_address);  // the configuration has checked it
  io::net::Listener::Accept serve_page = [this](io::net::Connection c) { return metrics_page->serve(std::move(c)); };
  auto metrics_at = io::net::Listener::open(reactors, std::move(page), std::move(serve_page));
  if (!metrics_at)
    return std::unexpected(fmt::format("cannot listen at {} for metrics: {}", configuration.metrics_address,
                                       to_string(metrics_at.error())));
  metrics_listener = std::move(*metrics_at);
  return {};
}

void Server::Parts::open_admin(Server& server) {
  doors::admin::ServerActions actions;
  actions.reload = [&server] { return server.reload(); };
  actions.sessions = [this] { return sessions->sessions(); };
  actions.listeners = [this] {
    std::vector<doors::admin::ListeningAt> all;
    for (const auto& entrance : entrances)
      all.push_back({std::string(to_string(entrance.settings.protocol)), entrance.listener->endpoint().to_string()});
    return all;
  };
  actions.dnssec = [this] { return dnssec(); };
  actions.own_host = [this] { return own_host(); };
  actions.try_sending = [this](doors::admin::SendingTrial trial) {
    return try_sending(&*carrier, reactors[0].executor(), configuration.hostname, std::move(trial));
  };
  const doors::admin::Services services{.clock = clock,
                                        .hostname = configuration.hostname,
                                        .engine = *engine,
                                        .directory = *directory,
                                        .mailboxes = *mailboxes,
                                        .indexes = *indexes,
                                        .journal = *journal,
                                        .fan_out = *fan_out,
                                        .router = *router,
                                        .receptions = *receptions,
                                        .queue = *queue,
                                        .queue_shards = *shards,
                                        .probes = *probes,
                                        .copies = *copies,
                                        .reports = *reports,
                                        .senders = *senders,
                                        .log = log,
                                        .metrics = metrics,
                                        .resolver = *resolver,
                                        .signing_keys = *signing_keys,
                                        .actions = std::move(actions)};
  auto failed = [this](const io::http::Request& request, std::string_view what) {
    log.error("admin.failed", {{"path", request.path}, {"what", what}});
  };
  io::http::ServerOptions of_admin;
  of_admin.body_limit_octets = kAdminBodyOctets;
  admin = std::make_unique<io::http::Server>(doors::admin::routes(services), std::move(of_admin), failed);
  metrics_page =
      std::make_unique<io::http::Server>(doors::admin::metrics_routes(metrics), io::http::ServerOptions{}, failed);
}

}  // namespace veredus::app::server
