#pragma once

#include <memory>
#include <string>
#include <vector>

#include "work/queue/carrier.h"
#include "work/smtpclient/idle_connections.h"
#include "work/smtpclient/options.h"
#include "work/smtpclient/site.h"

namespace veredus::io::net {
class Reactor;
}

namespace veredus::work::queue {

/// The carrier of the real world: DNS through a SiteFinder, SMTP through connections that are kept between messages, on
/// each reactor its own.
class SmtpCarrier final : public Carrier {
 public:
  /// All must outlive it. `options` are the client's.
  SmtpCarrier(smtpclient::SiteFinder& finder, std::vector<io::net::Reactor*> reactors, smtpclient::Options options,
              smtpclient::IdleConnections::Options idle);
  ~SmtpCarrier() override;

  asio::awaitable<Found> find(std::string domain, delivery::NextHop hop) override;
  asio::awaitable<Opened> open(std::size_t reactor, smtpclient::Peer peer) override;
  void give_back(std::size_t reactor, std::unique_ptr<Link> link) override;

  /// QUIT to all that wait for a message; when the queue has stopped. Any thread; does not wait.
  void close_all();

 private:
  smtpclient::SiteFinder& finder_;
  std::vector<io::net::Reactor*> reactors_;
  smtpclient::Options options_;
  std::vector<std::shared_ptr<smtpclient::IdleConnections>> idle_;
};

}  // namespace veredus::work::queue
