#pragma once

#include <cstddef>
#include <cstdint>
#include <expected>
#include <memory>
#include <string>

#include "io/net/asio.h"
#include "work/delivery/routes.h"
#include "work/smtpclient/connection_error.h"
#include "work/smtpclient/outgoing.h"
#include "work/smtpclient/peer.h"
#include "work/smtpclient/site.h"

namespace veredus::work::queue {

/// One open connection to a mail host. One coroutine at a time, on the reactor it was opened for.
class Link {
 public:
  virtual ~Link() = default;
  /// `next`: what will be sent right after it, or null (smtpclient/connection.h).
  virtual asio::awaitable<smtpclient::TransactionResult> send(std::shared_ptr<const smtpclient::Outgoing> message,
                                                              std::shared_ptr<const smtpclient::Outgoing> next) = 0;
  /// Another message may go.
  [[nodiscard]] virtual bool reusable() const = 0;
  [[nodiscard]] virtual std::uint32_t messages() const = 0;  // transactions begun
  [[nodiscard]] virtual const smtpclient::PeerDetails& details() const = 0;
};

/// What the queue needs of the world outside: to find sites and to connect to them. Thread-safe, but each connection
/// belongs to the reactor whose number it was opened with.
class Carrier {
 public:
  using Found = std::expected<smtpclient::Site, smtpclient::SiteError>;
  using Opened = std::expected<std::unique_ptr<Link>, smtpclient::ConnectFailure>;

  virtual ~Carrier() = default;
  /// The hosts for `domain` by this hop.
  virtual asio::awaitable<Found> find(std::string domain, delivery::NextHop hop) = 0;
  /// A connection to this peer: one kept from before, or a new one.
  virtual asio::awaitable<Opened> open(std::size_t reactor, smtpclient::Peer peer) = 0;
  /// Kept for the next message while it is reusable, else said goodbye to. On the reactor's thread.
  virtual void give_back(std::size_t reactor, std::unique_ptr<Link> link) = 0;
};

}  // namespace veredus::work::queue
