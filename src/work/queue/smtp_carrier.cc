#include "work/queue/smtp_carrier.h"

#include <boost/asio/post.hpp>
#include <mutex>
#include <utility>

#include "base/observe/metrics.h"
#include "base/types/clock.h"
#include "io/net/reactor.h"
#include "work/smtpclient/connection.h"
#include "work/smtpclient/sts_standing.h"
#include "work/smtpclient/tls_policy.h"

namespace veredus::work::queue {

using smtpclient::Connection;
using smtpclient::TransactionResult;

namespace {

/// A connection and the key it waits under.
class SmtpLink final : public Link {
 public:
  SmtpLink(std::unique_ptr<Connection> connection, std::string key)
      : connection_(std::move(connection)), key_(std::move(key)) {}

  asio::awaitable<TransactionResult> send(std::shared_ptr<const smtpclient::Outgoing> message,
                                          std::shared_ptr<const smtpclient::Outgoing> next) override {
    return connection_->send(std::move(message), std::move(next));
  }
  [[nodiscard]] bool reusable() const override { return connection_->reusable(); }
  [[nodiscard]] std::uint32_t messages() const override { return connection_->messages(); }
  [[nodiscard]] const smtpclient::PeerDetails& details() const override { return connection_->details(); }

  [[nodiscard]] const std::string& key() const { return key_; }
  std::unique_ptr<Connection> take() { return std::move(connection_); }

 private:
  std::unique_ptr<Connection> connection_;
  std::string key_;
};

}  // namespace

SmtpCarrier::SmtpCarrier(smtpclient::SiteFinder& finder, std::vector<io::net::Reactor*> reactors,
                         smtpclient::Options options, smtpclient::IdleConnections::Options idle, Security security)
    : finder_(finder), reactors_(std::move(reactors)), options_(std::move(options)), security_(std::move(security)) {
  for (auto* reactor : reactors_) idle_.push_back(std::make_shared<smtpclient::IdleConnections>(*reactor, idle));
}

SmtpCarrier::~SmtpCarrier() = default;

void SmtpCarrier::change_domains(std::vector<DomainTls> domains) {
  const std::scoped_lock lock(mutex_);
  security_.domains = std::move(domains);
}

DomainTlsRule SmtpCarrier::rule_of(std::string_view domain) const {
  const std::shared_lock lock(mutex_);
  return rule_for(security_.domains, domain);
}

asio::awaitable<Carrier::Found> SmtpCarrier::find(std::string domain, delivery::NextHop hop) {
  if (hop.kind == delivery::NextHop::Kind::kMx) co_return co_await find_by_mx(std::move(domain));
  std::vector<smtpclient::HostPort> hosts;
  for (auto& host : hop.hosts) hosts.push_back({.host = std::move(host.host), .port = host.port});
  auto found = co_await finder_.find_hosts(std::move(hosts));
  if (found) found->key += "|" + hop.name;  // its login and TLS are the route's own
  co_return found;
}

/// The site and what its domain, or configuration, asks of TLS with its hosts. Domains that ask for different things
/// share no site: a connection made for one must do for all.
asio::awaitable<Carrier::Found> SmtpCarrier::find_by_mx(std::string domain) {
  const auto rule = rule_of(domain);
  const bool asks = security_.sts != nullptr && asks_policies(rule) && !domain.starts_with('[');
  std::shared_ptr<const smtpclient::StsStanding> standing;
  if (asks) {
    standing = co_await security_.sts->find(domain);
    if (!standing) co_return std::unexpected(smtpclient::SiteError::kDnsTemporary);
  }
  auto site = co_await finder_.find(std::move(domain));
  if (!site) co_return site;
  if (standing && standing->enforced()) apply_sts(*site, *standing->policy);
  if (rule != DomainTlsRule::kPublished) site->key.append("|tls=").append(to_string(rule));
  co_return site;
}

/// What configuration says of the domain, and what is known of its policy. A smart host is no recipients' domain: its
/// route has said all.
void SmtpCarrier::apply_rules(smtpclient::Peer& peer) const {
  auto& published = peer.published;
  if (published.domain.empty() || published.of_route) return;
  const auto rule = rule_of(published.domain);
  if (!asks_policies(rule)) published.ignored = true;
  published.dane_required = rule == DomainTlsRule::kDane;
  if (const auto tls = tls_rule_of(rule)) peer.tls = *tls;
  if (security_.sts != nullptr && !published.ignored) published.sts = security_.sts->known(published.domain);
}

void SmtpCarrier::tell(std::optional<smtpclient::TlsOutcome> outcome, smtpclient::TlsOutcomeSink* sink) const {
  if (!outcome) return;
  if (security_.metrics != nullptr) {
    const base::observe::Labels labels = {{"policy", std::string(to_string(outcome->policy_type))},
                                          {"result", std::string(to_string(outcome->result))}};
    security_.metrics
        ->counter("veredus_smtp_client_tls_total", "Sessions with other hosts, by what became of TLS", labels)
        .add();
  }
  if (sink != nullptr) sink->record(*std::move(outcome));
}

asio::awaitable<Carrier::Opened> SmtpCarrier::open(std::size_t reactor, smtpclient::Peer peer) {
  // RFC 8460 s5.3: reports on TLS go whatever becomes of TLS, and are not reported on.
  auto* const sink = peer.published.ignored ? nullptr : outcomes_;
  apply_rules(peer);
  const auto now = [this] { return security_.clock != nullptr ? security_.clock->now() : SystemTime(); };
  if (auto forbidden = settle_tls(peer, options_)) {
    tell(outcome_of(peer, *forbidden, now()), sink);
    co_return std::unexpected(*std::move(forbidden));
  }
  std::string key = connection_key(peer);
  if (auto idle = idle_[reactor]->take(key)) co_return std::make_unique<SmtpLink>(std::move(idle), std::move(key));
  auto opened = co_await Connection::open(reactors_[reactor], peer, &options_);
  if (!opened) {
    tell(outcome_of(peer, opened.error(), now()), sink);
    co_return std::unexpected(std::move(opened).error());
  }
  tell(outcome_of(peer, (*opened)->details(), now()), sink);
  co_return std::make_unique<SmtpLink>(*std::move(opened), std::move(key));
}

void SmtpCarrier::give_back(std::size_t reactor, std::unique_ptr<Link> link) {
  auto* smtp = static_cast<SmtpLink*>(link.get());  // open() makes no others
  std::string key = smtp->key();
  idle_[reactor]->put(std::move(key), smtp->take());
}

void SmtpCarrier::close_all() {
  for (std::size_t i = 0; i < reactors_.size(); ++i)
    asio::post(reactors_[i]->executor(), [idle = idle_[i]] { idle->close_all(); });
}

}  // namespace veredus::work::queue
