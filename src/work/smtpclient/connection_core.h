#pragma once

#include <chrono>
#include <cstdint>
#include <expected>
#include <memory>
#include <optional>
#include <string>

#include "io/net/line_stream.h"
#include "wire/smtp/reply.h"
#include "work/smtpclient/connection.h"
#include "work/smtpclient/message_octets.h"
#include "work/smtpclient/opening.h"
#include "work/smtpclient/plan.h"
#include "work/smtpclient/transaction.h"

namespace veredus::work::smtpclient {

/// A connection's stream and what moves octets between it, the opening and the transactions.
class Connection::Core {
 public:
  using Replied = std::expected<wire::smtp::Reply, ConnectionError>;
  using Opened = asio::awaitable<std::expected<void, ConnectFailure>>;

  Core(io::net::LineStream stream, Peer peer, const Options* options);

  Opened open(TlsUse tls_use);
  asio::awaitable<TransactionResult> send(std::shared_ptr<const Outgoing> message,
                                          std::shared_ptr<const Outgoing> next);
  asio::awaitable<void> quit();
  void close() { stream_.close(); }

  [[nodiscard]] bool reusable() const;
  [[nodiscard]] bool stale() { return !usable_ || stream_.peer_has_spoken(); }
  [[nodiscard]] std::uint32_t messages() const { return messages_; }
  [[nodiscard]] PeerDetails& details() { return details_; }

 private:
  /// Whether the gate of the message under way was asked, and what it said.
  enum class Gate : std::uint8_t { kNotAsked, kOpen, kClosed };
  /// One transaction under way. Stays where it is: its parts refer to each other.
  struct Sending {
    Sending(std::shared_ptr<const Outgoing> what, MessageOctets looked_at, Plan how, std::uint64_t expected,
            const Core& core, Before before);
    std::shared_ptr<const Outgoing> message;
    MessageOctets octets;
    Plan plan;
    std::uint64_t expected_octets;  // of head and body
    Transaction transaction;
    std::shared_ptr<const Outgoing> next = nullptr;
    Gate gate = Gate::kNotAsked;
  };
  using Prepared = std::expected<std::unique_ptr<Sending>, TransactionResult>;
  using Written = asio::awaitable<std::expected<void, ConnectionError>>;

  [[nodiscard]] bool is_full() const;
  [[nodiscard]] std::optional<Replied> buffered_reply();
  [[nodiscard]] std::optional<Replied> feed(std::expected<std::string_view, io::net::IoError> line);
  asio::awaitable<Replied> read_reply(std::chrono::milliseconds wait);
  [[nodiscard]] std::chrono::milliseconds patience(Stage stage) const;

  Opened start_tls();
  [[nodiscard]] std::shared_ptr<io::net::TlsContext> tls_context() const;
  [[nodiscard]] ConnectFailure failure(ConnectionError error, Stage stage) const;

  [[nodiscard]] std::optional<ConnectionError> unasked_words();
  asio::awaitable<Prepared> prepare(std::shared_ptr<const Outgoing> message, Before before);
  asio::awaitable<std::size_t> begin_next(Sending* sending);
  asio::awaitable<void> converse(Sending* sending);
  Written write_commands(Sending* sending);
  Written write_message(Sending* sending);
  Written write_chunks(Sending* sending);
  Written flush();
  asio::awaitable<bool> gate_opens(Sending* sending);
  void hear_last_words(Sending* sending, ConnectionError error);

  io::net::LineStream stream_;
  Peer peer_;
  const Options* options_;
  PeerDetails details_;
  wire::smtp::ReplyReader reader_;
  Before before_ = Before::kNothing;
  std::unique_ptr<Sending> ahead_;  // the next message: its commands went behind the last one
  std::uint32_t messages_ = 0;
  bool usable_ = true;
  bool quit_said_ = false;
};

}  // namespace veredus::work::smtpclient
