#pragma once

#include <chrono>
#include <cstdint>
#include <expected>
#include <string>
#include <string_view>
#include <vector>

#include "app/config/config_error.h"
#include "base/observe/log.h"
#include "doors/imap/options.h"
#include "doors/pop3/options.h"
#include "doors/smtp/options.h"
#include "doors/smtp/rate_limits.h"
#include "io/dns/unbound_resolver.h"
#include "io/engine/rocksdb_engine.h"
#include "io/net/endpoint.h"
#include "io/net/session_limits.h"
#include "io/net/tls_context.h"
#include "state/directory/auth_throttle.h"
#include "state/directory/directory.h"
#include "state/journal/journal.h"
#include "state/mailbox/mailboxes.h"
#include "state/search/indexes.h"
#include "state/search/searcher.h"
#include "work/acme/options.h"
#include "work/delivery/reception.h"
#include "work/mailauth/key_watch.h"
#include "work/mailauth/options.h"
#include "work/mailauth/signer.h"
#include "work/mtasts/fetch.h"
#include "work/probe/options.h"
#include "work/queue/domain_tls.h"
#include "work/queue/queue.h"
#include "work/reports/options.h"
#include "work/smtpclient/idle_connections.h"
#include "work/smtpclient/options.h"
#include "work/smtpclient/site.h"

namespace veredus::app::config {

enum class Protocol : std::uint8_t { kSmtp, kSubmission, kSubmissions, kLmtp, kPop3, kPop3s, kImap, kImaps };
[[nodiscard]] std::string_view to_string(Protocol protocol);
/// TLS from the first octet.
[[nodiscard]] bool is_implicit_tls(Protocol protocol);

struct ListenerSettings {
  Protocol protocol = Protocol::kSmtp;
  io::net::Endpoint endpoint;
  std::vector<io::net::Network> proxy_from;
  unsigned unix_mode = 0660;
  bool check_senders = true;  // of Protocol::kSmtp: whether strangers' mail is looked at
};

/// The configuration file, parsed into each module's own options. Defaults are the modules'. Every key is described in
/// docs/configuration.md.
struct Configuration {
  std::string file;  // what it was read from; empty: a text made in memory
  std::string hostname;
  std::string data_directory;
  std::string run_as;  // user to become after binding; empty: stay
  unsigned reactors = 0;
  std::chrono::seconds drain_wait{10};
  std::uint64_t memory_octets = 256ULL * 1024 * 1024;  // message octets in flight, over all sessions

  std::vector<ListenerSettings> listeners;
  io::net::SessionLimits::Options sessions;
  std::vector<io::net::TlsContext::Certificate> certificates;
  work::acme::Options acme;
  io::net::TlsContext::MinimumVersion tls_minimum = io::net::TlsContext::MinimumVersion::kTls12;

  std::string admin_socket;  // empty: <data_directory>/admin.sock
  unsigned admin_socket_mode = 0600;
  std::string metrics_address;  // empty: none

  base::observe::LogOptions log;
  std::string log_file;  // empty: standard error

  doors::smtp::SessionOptions smtp;
  doors::smtp::Timeouts smtp_timeouts;
  doors::smtp::RateLimits::Options smtp_rates;
  doors::pop3::SessionOptions pop3;
  doors::pop3::Timeouts pop3_timeouts;
  doors::pop3::AccountOptions pop3_accounts;
  doors::imap::SessionOptions imap;
  doors::imap::Timeouts imap_timeouts;
  doors::imap::AccountOptions imap_accounts;
  state::directory::AuthThrottle::Options auth_throttle;
  work::mailauth::InspectionOptions mail_auth;

  io::dns::ResolverOptions dns;
  std::string proven_anchor;  // validation by this trust anchor wherever signatures come through; empty: as `dns` says
  work::probe::Guard probe_guard = work::probe::guard_of_strangers();

  work::queue::QueueOptions queue;
  work::smtpclient::SiteFinder::Options sites;
  work::smtpclient::Options smtp_client;
  work::smtpclient::IdleConnections::Options idle_connections;
  std::vector<work::queue::DomainTls> domain_tls;
  bool mta_sts = true;
  work::mtasts::FetchOptions policy_fetch;

  work::mailauth::Signer::Options signing;
  work::mailauth::KeyWatch::Options signing_keys;

  work::reports::Options reports;

  io::engine::RocksDbOptions engine;
  state::directory::Directory::Options directory;
  state::mailbox::Options mailbox;
  state::search::Options search;
  state::search::IndexesOptions search_index;
  state::journal::Journal::Options journal;
  work::delivery::Receptions::Options reception;
};

/// `file` is the name shown in errors; relative paths in the text are taken from `folder`. Errors: all of them, in
/// order of line.
[[nodiscard]] std::expected<Configuration, std::vector<ConfigError>> parse_configuration(std::string_view text,
                                                                                         const std::string& file,
                                                                                         const std::string& folder);
/// Reads and parses `path`.
[[nodiscard]] std::expected<Configuration, std::vector<ConfigError>> load_configuration(const std::string& path);

}  // namespace veredus::app::config
