#include "work/queue/smtp_carrier.h"

#include <boost/asio/post.hpp>
#include <utility>

#include "io/net/reactor.h"
#include "work/smtpclient/connection.h"

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
                         smtpclient::Options options, smtpclient::IdleConnections::Options idle)
    : finder_(finder), reactors_(std::move(reactors)), options_(std::move(options)) {
  for (auto* reactor : reactors_) idle_.push_back(std::make_shared<smtpclient::IdleConnections>(*reactor, idle));
}

SmtpCarrier::~SmtpCarrier() = default;

asio::awaitable<Carrier::Found> SmtpCarrier::find(std::string domain, delivery::NextHop hop) {
  if (hop.kind == delivery::NextHop::Kind::kMx) co_return co_await finder_.find(std::move(domain));
  std::vector<smtpclient::HostPort> hosts;
  for (auto& host : hop.hosts) hosts.push_back({.host = std::move(host.host), .port = host.port});
  auto found = co_await finder_.find_hosts(std::move(hosts));
  if (found) found->key += "|" + hop.name;  // its login and TLS are the route's own
  co_return found;
}

asio::awaitable<Carrier::Opened> SmtpCarrier::open(std::size_t reactor, smtpclient::Peer peer) {
  std::string key = connection_key(peer);
  if (auto idle = idle_[reactor]->take(key)) co_return std::make_unique<SmtpLink>(std::move(idle), std::move(key));
  auto opened = co_await Connection::open(reactors_[reactor], std::move(peer), &options_);
  if (!opened) co_return std::unexpected(std::move(opened).error());
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
