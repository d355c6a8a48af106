#pragma once

#include <cstdint>
#include <expected>
#include <memory>

#include "io/net/asio.h"
#include "io/net/line_stream.h"
#include "work/smtpclient/connection_error.h"
#include "work/smtpclient/options.h"
#include "work/smtpclient/outgoing.h"
#include "work/smtpclient/peer.h"

namespace veredus::io::net {
class Reactor;
}

namespace veredus::work::smtpclient {

/// One SMTP or LMTP session as a client. Lives on its reactor; one coroutine at a time. Destroying it closes the
/// connection without a word.
class Connection {
 public:
  using Opened = std::expected<std::unique_ptr<Connection>, ConnectFailure>;

  /// Connects, greets, and starts TLS and authenticates where the peer asks for it. Where TLS is opportunistic and the
  /// handshake fails, connects once more and goes in the clear. `reactor` and `options` are owned by someone who joins
  /// the caller, and outlive the connection.
  static asio::awaitable<Opened> open(io::net::Reactor* reactor, Peer peer, const Options* options);
  /// The same over a stream that is connected already.
  static asio::awaitable<Opened> open_over(io::net::LineStream stream, Peer peer, const Options* options);

  ~Connection();
  Connection(const Connection&) = delete;
  Connection& operator=(const Connection&) = delete;

  /// One transaction. Of a connection that is not reusable(), all recipients come back kNotTried. `next`, where the
  /// caller knows that he will send it right after this one: its commands may go in one write with this message's end
  /// (RFC 2920 s3.1). Whoever does not send it then has a connection that is not reusable().
  asio::awaitable<TransactionResult> send(std::shared_ptr<const Outgoing> message,
                                          std::shared_ptr<const Outgoing> next = nullptr);

  /// Another message may go.
  [[nodiscard]] bool reusable() const;
  /// The peer has closed, or has said something unasked (421): do not use it. One look without waiting.
  [[nodiscard]] bool stale();
  [[nodiscard]] std::uint32_t messages() const;  // transactions begun
  [[nodiscard]] const PeerDetails& details() const;

  /// QUIT, a short wait for its reply, and closed.
  asio::awaitable<void> quit();
  void close();

 private:
  class Core;
  explicit Connection(std::unique_ptr<Core> core);
  std::unique_ptr<Core> core_;
};

}  // namespace veredus::work::smtpclient
