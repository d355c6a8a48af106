#pragma once

#include <memory>
#include <optional>
#include <shared_mutex>
#include <string>
#include <string_view>
#include <vector>

#include "work/queue/carrier.h"
#include "work/queue/domain_tls.h"
#include "work/smtpclient/idle_connections.h"
#include "work/smtpclient/options.h"
#include "work/smtpclient/site.h"

namespace veredus {
class Clock;
}
namespace veredus::base::observe {
class Metrics;
}
namespace veredus::io::net {
class Reactor;
}
namespace veredus::work::smtpclient {
class StsPolicies;
class TlsOutcomeSink;
struct TlsOutcome;
}  // namespace veredus::work::smtpclient

namespace veredus::work::queue {

/// The carrier of the real world: DNS through a SiteFinder, SMTP through connections that are kept between messages, on
/// each reactor its own.
class SmtpCarrier final : public Carrier {
 public:
  /// What TLS with mail hosts must be, and who hears what it was.
  struct Security {
    smtpclient::StsPolicies* sts = nullptr;  // null: MTA-STS is not asked for
    std::vector<DomainTls> domains;          // the first that fits counts
    const Clock* clock = nullptr;            // null: nobody is told anything
    base::observe::Metrics* metrics = nullptr;
  };

  /// All must outlive it. `options` are the client's.
  SmtpCarrier(smtpclient::SiteFinder& finder, std::vector<io::net::Reactor*> reactors, smtpclient::Options options,
              smtpclient::IdleConnections::Options idle, Security security);
  ~SmtpCarrier() override;

  /// What TLS with mail hosts must be for connections asked for from now on. Any thread.
  void change_domains(std::vector<DomainTls> domains);
  /// Who hears of TLS outcomes from now on; before the first connection. Must outlive this; null: nobody.
  void set_outcomes(smtpclient::TlsOutcomeSink* sink) { outcomes_ = sink; }

  asio::awaitable<Found> find(std::string domain, delivery::NextHop hop) override;
  asio::awaitable<Opened> open(std::size_t reactor, smtpclient::Peer peer) override;
  void give_back(std::size_t reactor, std::unique_ptr<Link> link) override;

  /// QUIT to all that wait for a message; when the queue has stopped. Any thread; does not wait.
  void close_all();

 private:
  asio::awaitable<Found> find_by_mx(std::string domain);
  [[nodiscard]] DomainTlsRule rule_of(std::string_view domain) const;
  void apply_rules(smtpclient::Peer& peer) const;
  void tell(std::optional<smtpclient::TlsOutcome> outcome, smtpclient::TlsOutcomeSink* sink) const;

  smtpclient::SiteFinder& finder_;
  std::vector<io::net::Reactor*> reactors_;
  smtpclient::Options options_;
  std::vector<std::shared_ptr<smtpclient::IdleConnections>> idle_;
  Security security_;
  mutable std::shared_mutex mutex_;  // of security_.domains
  smtpclient::TlsOutcomeSink* outcomes_ = nullptr;
};

}  // namespace veredus::work::queue
