#pragma once

#include <atomic>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "app/config/configuration.h"
#include "app/server/report_poster.h"
#include "app/server/server.h"
#include "base/observe/log.h"
#include "base/observe/metrics.h"
#include "base/types/clock.h"
#include "doors/admin/routes.h"
#include "doors/imap/serve.h"
#include "doors/pop3/account_gate.h"
#include "doors/pop3/serve.h"
#include "doors/smtp/rate_limits.h"
#include "doors/smtp/serve.h"
#include "io/dns/proven_resolver.h"
#include "io/dns/unbound_resolver.h"
#include "io/engine/rocksdb_engine.h"
#include "io/http/server.h"
#include "io/net/listener.h"
#include "io/net/memory_budget.h"
#include "io/net/reactor.h"
#include "io/net/worker_pool.h"
#include "state/directory/auth_throttle.h"
#include "state/directory/directory.h"
#include "state/journal/journal.h"
#include "state/mailbox/mailboxes.h"
#include "state/search/indexes.h"
#include "state/search/searcher.h"
#include "state/senders/senders.h"
#include "state/spool/queue_shards.h"
#include "state/spool/spool.h"
#include "work/acme/challenge_board.h"
#include "work/acme/https_transport.h"
#include "work/acme/keeper.h"
#include "work/delivery/fan_out.h"
#include "work/delivery/queue_id.h"
#include "work/delivery/reception.h"
#include "work/delivery/router.h"
#include "work/delivery/routes.h"
#include "work/mailauth/inspector.h"
#include "work/mailauth/key_watch.h"
#include "work/mailauth/signer.h"
#include "work/mtasts/policies.h"
#include "work/probe/jobs.h"
#include "work/queue/queue.h"
#include "work/queue/smtp_carrier.h"
#include "work/records/survey.h"
#include "work/reports/reports.h"
#include "work/smtpclient/site.h"
#include "work/transfer/copies.h"

namespace veredus::app::server {

/// One listener of the configuration and the door behind it; which of the doors is set tells the protocol.
struct Entrance {
  config::ListenerSettings settings;
  std::unique_ptr<doors::smtp::Door> smtp;
  std::unique_ptr<doors::pop3::Door> pop3;
  std::unique_ptr<doors::imap::Door> imap;
  std::unique_ptr<io::net::Listener> listener;
};

/// What distinguishes one SMTP listener from another; the rest is the same for all.
[[nodiscard]] doors::smtp::Door::Options door_options(const config::Configuration& configuration,
                                                      config::Protocol protocol, const Clock* clock);

/// Everything, from the ground up: destroyed from the last to the first.
struct Server::Parts {
  explicit Parts(config::Configuration c);
  Parts(const Parts&) = delete;
  Parts& operator=(const Parts&) = delete;
  ~Parts();

  config::Configuration configuration;
  MachineClock clock;
  base::observe::Logger log;
  base::observe::Metrics metrics;
  io::net::WorkerPool workers;    // of what is short and waited for: logins
  io::net::WorkerPool searchers;  // of what clients can make long
  io::net::WorkerPool signers;
  io::net::Reactors reactors;  // its tasks, which go with it, may still name the pools
  io::net::MemoryBudget budget;
  std::shared_ptr<io::net::SessionLimits> sessions;
  std::shared_ptr<io::net::TlsContext> tls;  // null: no certificate

  std::unique_ptr<io::engine::RocksDbEngine> engine;
  std::unique_ptr<state::directory::Directory> directory;
  state::directory::AuthThrottle throttle;
  std::optional<state::mailbox::Mailboxes> mailboxes;
  std::optional<state::search::Indexes> indexes;
  std::optional<state::search::Searcher> searcher;
  std::optional<state::spool::Spool> spool;
  std::optional<state::journal::Journal> journal;

  std::vector<std::unique_ptr<io::dns::UnboundResolver>> unbound;
  std::optional<io::dns::ProvenResolver> proven_resolver;  // empty: configuration says whether DNSSEC is validated
  io::dns::Resolver* resolver = nullptr;                   // the one to ask; of these
  std::optional<work::probe::Jobs> probes;
  std::optional<work::transfer::Copies> copies;
  std::optional<work::mailauth::Signer> signer;
  std::optional<work::mailauth::KeyWatch> signing_keys;
  std::optional<work::smtpclient::SiteFinder> sites;
  std::optional<state::spool::QueueShards> shards;
  std::optional<work::delivery::Routes> routes;
  std::optional<work::mtasts::Policies> policies;  // empty: MTA-STS is not asked for
  std::optional<work::queue::SmtpCarrier> carrier;
  std::optional<work::acme::ChallengeBoard> challenges;  // this and the next two: empty without [acme]
  std::optional<work::acme::HttpsTransport> authority;
  std::optional<work::acme::Keeper> certificate_keeper;
  work::delivery::MessageIds ids;
  std::optional<work::queue::Queue> queue;
  std::optional<ReportPoster> report_poster;
  std::optional<work::reports::Reports> reports;
  std::optional<state::senders::Senders> senders;
  std::optional<work::mailauth::Inspector> inspector;
  std::optional<work::delivery::Router> router;
  std::optional<work::delivery::FanOut> fan_out;
  std::optional<work::delivery::Receptions> receptions;
  doors::smtp::RateLimits rates;
  doors::pop3::AccountGate pop3_gate;
  doors::imap::AccountSessions imap_sessions;

  std::unique_ptr<io::http::Server> admin;
  std::unique_ptr<io::http::Server> metrics_page;
  std::unique_ptr<io::http::Server> challenge_page;
  std::vector<Entrance> entrances;
  std::unique_ptr<io::net::Listener> admin_listener;
  std::unique_ptr<io::net::Listener> metrics_listener;
  std::vector<std::unique_ptr<io::net::Listener>> challenge_listeners;

  std::atomic<bool> stop_requested{false};
  bool serving = false;
  std::mutex reloading;

  // The steps of start(), in order; each answers what went wrong.
  std::expected<void, std::string> prepare_acme();
  std::expected<void, std::string> load_certificates();
  std::expected<void, std::string> bind();
  std::expected<void, std::string> open_state();
  std::expected<void, std::string> open_dns();
  /// Whether DNSSEC comes through from the servers that are asked. Asks them anew.
  asio::awaitable<io::dns::Proof> look_at_dnssec();
  /// As ServerActions::dnssec.
  [[nodiscard]] std::string_view dnssec() const;
  std::expected<void, std::string> open_way_out();
  void open_policies();
  /// A domain's MTA-STS policy as it is published, asked for on a reactor of ours wherever the caller is.
  asio::awaitable<work::mtasts::Fetched> fetch_policy(std::string domain, std::chrono::milliseconds deadline);
  std::expected<void, std::string> open_reports();
  void open_doors();
  std::expected<void, std::string> begin();

  std::expected<void, std::string> listen_for_admin_and_metrics();
  std::expected<void, std::string> listen_for_challenges();
  std::expected<void, std::string> begin_acme();
  void open_admin(Server& server);
  [[nodiscard]] work::records::OwnHost own_host();
  std::expected<void, std::string> begin_way_out();
  void stop_way_out(std::chrono::milliseconds drain);
  std::expected<void, std::string> reload();
  void apply(config::Configuration fresh);
  void sample_metrics();
  void sample_queue();
  asio::awaitable<void> keep_house();
  asio::awaitable<void> sweep_accounts();
};

}  // namespace veredus::app::server
