#include <fmt/format.h>

#include <utility>

#include "app/server/block_on.h"
#include "app/server/disk_reserve.h"
#include "app/server/parts.h"
#include "app/server/privileges.h"
#include "app/server/secret_file.h"
#include "base/crypto/secret.h"
#include "base/types/result.h"
#include "io/net/reactor_lag.h"
#include "work/delivery/submission.h"

namespace veredus::app::server {
namespace {

using config::Protocol;

std::unique_ptr<base::observe::LogSink> log_sink(const std::string& file) {
  return file.empty() ? base::observe::stderr_sink() : base::observe::file_sink(file);
}

/// False: not now. A report that nobody can get any more is done with.
asio::awaitable<bool> submit_delivery_report(work::delivery::Router* router, work::delivery::Receptions* receptions,
                                             work::delivery::OwnMessage message) {
  const auto done = co_await work::delivery::submit_own(router, receptions, std::move(message));
  co_return done.settled != work::delivery::Settled::kTryLater;
}

/// The line before signatures: who stands in it has a session, and leaves after Signer::Options::patience.
constexpr std::size_t kMostToBeSigned = 65'536;

bool is_imap(Protocol protocol) { return protocol == Protocol::kImap || protocol == Protocol::kImaps; }
bool is_pop3(Protocol protocol) { return protocol == Protocol::kPop3 || protocol == Protocol::kPop3s; }

}  // namespace

doors::smtp::Door::Options door_options(const config::Configuration& configuration, Protocol protocol,
                                        const Clock* clock) {
  doors::smtp::Door::Options options;
  options.session = configuration.smtp;
  options.session.clock = clock;
  options.timeouts = configuration.smtp_timeouts;
  options.name = to_string(protocol);
  if (protocol != Protocol::kSmtp) options.timeouts.greeting_delay = {};  // our own people need not wait
  options.implicit_tls = is_implicit_tls(protocol);
  switch (protocol) {
    case Protocol::kLmtp:
      options.session.role = doors::smtp::Role::kLmtp;
      break;
    case Protocol::kSubmission:
    case Protocol::kSubmissions:
      options.session.role = doors::smtp::Role::kSubmission;
      options.session.offer_auth = true;
      break;
    default:
      options.session.role = doors::smtp::Role::kMx;
  }
  return options;
}

Server::Parts::Parts(config::Configuration c)
    : configuration(std::move(c)),
      log(configuration.log, log_sink(configuration.log_file), clock),
      searchers({.name = "searcher"}),
      signers({.queue_limit = kMostToBeSigned, .name = "signer"}),
      reactors({.count = configuration.reactors,
                .on_failure =
                    [this](std::exception_ptr failure) {
                      try {
                        std::rethrow_exception(std::move(failure));
                      } catch (const std::exception& e) {
                        log.error("server.task_failed", {{"what", e.what()}});
                      }
                    }}),
      budget(configuration.memory_octets),
      sessions(std::make_shared<io::net::SessionLimits>(configuration.sessions)),
      throttle(&clock, configuration.auth_throttle),
      ids(clock),
      rates(&clock, configuration.smtp_rates),
      pop3_gate(&clock, configuration.pop3_accounts),
      imap_sessions(configuration.imap_accounts) {}

/// What is computed answers to the reactors: it ends before they go.
Server::Parts::~Parts() {
  workers.stop();
  searchers.stop();
  signers.stop();
}

std::expected<void, std::string> Server::Parts::load_certificates() {
  if (configuration.certificates.empty()) return {};
  io::net::TlsContext::ServerOptions options;
  options.certificates = configuration.certificates;
  options.minimum = configuration.tls_minimum;
  auto loaded = io::net::TlsContext::server(std::move(options));
  if (!loaded) {
    std::string files;
    for (const auto& certificate : configuration.certificates)
      files += " " + certificate.chain_file + " " + certificate.key_file;
    return std::unexpected(fmt::format("certificates:{}: {}", files, to_string(loaded.error())));
  }
  tls = std::move(*loaded);
  return {};
}

std::expected<void, std::string> Server::Parts::bind() {
  // Before any of ours is open: 0.0.0.0:25 and 127.0.0.1:25 may both be.
  for (const auto& settings : configuration.listeners)
    if (const auto free = io::net::check_port_is_free(settings.endpoint); !free)
      return std::unexpected(fmt::format("cannot listen at {} for {}: {}", settings.endpoint.to_string(),
                                         to_string(settings.protocol), to_string(free.error())));
  entrances.resize(configuration.listeners.size());
  for (std::size_t i = 0; i < entrances.size(); ++i) {
    Entrance& entrance = entrances[i];
    entrance.settings = configuration.listeners[i];
    io::net::Listener::Options options;
    options.endpoint = entrance.settings.endpoint;
    options.unix_mode = entrance.settings.unix_mode;
    options.proxy_from = entrance.settings.proxy_from;
    options.limits = sessions;
    // Nobody is accepted before the reactors run, and by then the doors are there.
    io::net::Listener::Accept accept = [this, i](io::net::Connection connection) {
      Entrance& to = entrances[i];
      if (to.imap) return to.imap->serve(std::move(connection));
      return to.smtp ? to.smtp->serve(std::move(connection)) : to.pop3->serve(std::move(connection));
    };
    auto dropped = [this](const io::net::Endpoint& peer, std::string_view why) {
      log.info("server.connection_dropped", {{"peer", peer.to_string()}, {"why", why}});
    };
    auto listener = io::net::Listener::open(reactors, std::move(options), std::move(accept), std::move(dropped));
    if (!listener)
      return std::unexpected(fmt::format("cannot listen at {} for {}: {}", entrance.settings.endpoint.to_string(),
                                         to_string(entrance.settings.protocol), to_string(listener.error())));
    entrance.listener = std::move(*listener);
  }
  return {};
}

std::expected<void, std::string> Server::Parts::open_state() {
  auto options = configuration.engine;
  options.clock = &clock;
  options.log = &log;
  options.min_free_octets = disk_reserve(options);
  auto opened = io::engine::RocksDbEngine::open(std::move(options));
  if (!opened) return std::unexpected(opened.error().message);
  engine = std::move(*opened);

  VEREDUS_TRY(configuration.smtp.unknown_user_secret, load_or_make_secret(configuration.data_directory + "/secret"));
  configuration.pop3.unknown_user_secret = configuration.smtp.unknown_user_secret;
  configuration.imap.unknown_user_secret = configuration.smtp.unknown_user_secret;
  configuration.directory.sealing_key = sealing_key_of(configuration.smtp.unknown_user_secret);

  auto read = run_here(state::directory::Directory::open(engine.get(), &workers, &clock, configuration.directory));
  if (!read) return std::unexpected(fmt::format("the directory cannot be read: {}", to_string(read.error())));
  directory = std::move(*read);

  mailboxes.emplace(*engine, clock, configuration.mailbox);
  configuration.search_index.folder = configuration.data_directory + "/search";
  indexes.emplace(*mailboxes, log, metrics, configuration.search_index);
  searcher.emplace(*mailboxes, searchers, &*indexes, configuration.search);
  spool.emplace(*engine, clock, state::spool::Spool::Options{});
  journal.emplace(*engine, clock, configuration.journal);
  VEREDUS_TRY(open_way_out());
  VEREDUS_TRY(open_reports());
  senders.emplace(*engine, clock, state::senders::Senders::Options{});
  const work::mailauth::Inspector::Parts inspector_parts{.resolver = *resolver,
                                                         .clock = clock,
                                                         .metrics = metrics,
                                                         .evaluations = &reports->counting(),
                                                         .tasks = &reactors[0].tasks(),
                                                         .senders = &*senders};
  inspector.emplace(inspector_parts, configuration.mail_auth);
  signer.emplace(directory.get(), &signers, &clock, &metrics, configuration.signing);
  const work::mailauth::KeyWatch::Parts key_parts{
      .clock = clock, .directory = *directory, .resolver = *resolver, .log = log};
  signing_keys.emplace(key_parts, configuration.signing_keys);
  router.emplace(*directory, *mailboxes, clock, work::delivery::Router::Options{.hostname = configuration.hostname});
  std::vector<asio::any_io_executor> executors;
  executors.reserve(reactors.size());
  for (std::size_t i = 0; i < reactors.size(); ++i) executors.push_back(reactors[i].executor());
  const work::delivery::FanOut::Parts fan_out_parts{.clock = clock,
                                                    .directory = *directory,
                                                    .mailboxes = *mailboxes,
                                                    .spool = *spool,
                                                    .shards = *shards,
                                                    .queue = *queue,
                                                    .journal = reports->journal(),
                                                    .log = log,
                                                    .executors = std::move(executors)};
  work::delivery::FanOut::Options fan_out_options;
  fan_out_options.lifetimes = configuration.reception.lifetimes;
  fan_out_options.hostname = configuration.hostname;
  fan_out.emplace(fan_out_parts, std::move(fan_out_options));
  const work::delivery::Receptions::Parts reception_parts{.clock = clock,
                                                          .engine = *engine,
                                                          .ids = ids,
                                                          .mailboxes = *mailboxes,
                                                          .spool = *spool,
                                                          .shards = *shards,
                                                          .fan_out = *fan_out,
                                                          .queue = *queue,
                                                          .journal = reports->journal(),
                                                          .budget = budget,
                                                          .tasks = reactors[0].tasks(),
                                                          .signer = &*signer};
  receptions.emplace(reception_parts, configuration.reception);
  return {};
}

void Server::Parts::open_doors() {
  for (auto& entrance : entrances) {
    const Protocol protocol = entrance.settings.protocol;
    if (is_pop3(protocol)) {
      doors::pop3::Door::Options options;
      options.session = configuration.pop3;
      options.timeouts = configuration.pop3_timeouts;
      options.name = to_string(protocol);
      options.tls = tls;
      options.implicit_tls = is_implicit_tls(protocol);
      const doors::pop3::Services services{.clock = clock,
                                           .directory = *directory,
                                           .throttle = throttle,
                                           .mailboxes = *mailboxes,
                                           .gate = pop3_gate,
                                           .log = log,
                                           .metrics = metrics};
      entrance.pop3 = std::make_unique<doors::pop3::Door>(services, std::move(options));
    } else if (is_imap(protocol)) {
      doors::imap::Door::Options options;
      options.session = configuration.imap;
      options.timeouts = configuration.imap_timeouts;
      options.name = to_string(protocol);
      options.tls = tls;
      options.implicit_tls = is_implicit_tls(protocol);
      const doors::imap::Services services{.clock = clock,
                                           .directory = *directory,
                                           .throttle = throttle,
                                           .mailboxes = *mailboxes,
                                           .searcher = *searcher,
                                           .workers = workers,
                                           .account_sessions = imap_sessions,
                                           .log = log,
                                           .metrics = metrics};
      entrance.imap = std::make_unique<doors::imap::Door>(services, std::move(options));
    } else {
      auto options = door_options(configuration, protocol, &clock);
      options.tls = tls;
      options.inspect = protocol == Protocol::kSmtp && entrance.settings.check_senders;
      const doors::smtp::Services services{.clock = clock,
                                           .engine = *engine,
                                           .directory = *directory,
                                           .throttle = throttle,
                                           .router = *router,
                                           .receptions = *receptions,
                                           .rates = rates,
                                           .log = log,
                                           .metrics = metrics,
                                           .journal = *journal,
                                           .inspector = &*inspector};
      entrance.smtp = std::make_unique<doors::smtp::Door>(services, std::move(options));
    }
  }
}

std::expected<void, std::string> Server::Parts::begin() {
  sample_metrics();
  VEREDUS_TRY(begin_way_out());
  // Before anybody is heard: without its leases the spool takes nothing.
  const auto report = [this](work::delivery::OwnMessage message) {
    return submit_delivery_report(&*router, &*receptions, std::move(message));
  };
  const auto started = run_here(fan_out->start(report));
  if (!started) return std::unexpected(fmt::format("the spool cannot be worked: {}", to_string(started.error())));
  io::net::watch_lag(reactors, metrics);
  reactors.start();
  serving = true;
  reactors[0].tasks().spawn(journal->run());
  reactors[0].tasks().spawn(keep_house());
  reactors[0].tasks().spawn(senders->work());
  reactors[0].tasks().spawn(reports->run());
  reactors[0].tasks().spawn(indexes->work());
  VEREDUS_TRY(begin_acme());
  reactors[0].tasks().spawn(signing_keys->run());
  return {};
}

std::expected<std::unique_ptr<Server>, std::string> Server::start(config::Configuration configuration) {
  std::unique_ptr<Server> server(new Server(std::make_unique<Parts>(std::move(configuration))));
  Parts& parts = *server->parts_;
  const auto& settings = parts.configuration;
  VEREDUS_TRY(prepare_directory(settings.data_directory, settings.run_as));
  raise_descriptor_limit();
  VEREDUS_TRY(parts.prepare_acme());
  VEREDUS_TRY(parts.load_certificates());
  VEREDUS_TRY(parts.bind());
  VEREDUS_TRY(parts.listen_for_admin_and_metrics());
  VEREDUS_TRY(parts.listen_for_challenges());
  VEREDUS_TRY(become(settings.run_as));
  VEREDUS_TRY(parts.open_state());
  parts.open_doors();
  parts.open_admin(*server);
  VEREDUS_TRY(parts.begin());
  parts.log.info("server.started", {{"hostname", settings.hostname}, {"data_directory", settings.data_directory}});
  return server;
}

}  // namespace veredus::app::server
