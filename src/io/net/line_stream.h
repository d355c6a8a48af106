#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <expected>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "io/net/asio.h"
#include "io/net/endpoint.h"
#include "io/net/io_error.h"
#include "io/net/tls_context.h"

namespace veredus::io::net {

class Reactor;
class Transport;

struct TlsStarted {
  std::size_t discarded_octets = 0;  // plaintext that had arrived already: an attack, or a broken client
};

/// A connection as line protocols see it: lines and chunks in, coalesced replies out, TLS on the way. Movable; one
/// coroutine at a time, on its reactor's thread. Holds no read buffer while it waits for input.
///
/// Reading never waits while replies are queued: read_line and read_chunk flush first when they must go to the
/// network. So a door just queues its replies, and a pipelined batch of commands costs one receive and one send.
class LineStream {
 public:
  template <class T>
  using Result = asio::awaitable<std::expected<T, IoError>>;
  using Octets = std::string_view;
  static constexpr std::size_t kLineLimit = 16 * 1024;  // no read_line may ask for more

  /// The reactor must outlive the stream.
  LineStream(Reactor& reactor, std::unique_ptr<Transport> transport);
  LineStream(LineStream&& other) noexcept;
  LineStream& operator=(LineStream&& other) noexcept;
  ~LineStream();

  /// One line without its CRLF; valid until the next read. `max_octets` counts the CRLF (RFC 5321 s4.5.3.1). A line
  /// that breaks a rule (kLineTooLong, kBareLineFeed, kBareCarriageReturn) is skipped, and reading may go on. The
  /// deadline is for the whole line. kStopping, once: the server drains and no line is waiting.
  Result<Octets> read_line(std::size_t max_octets, std::chrono::milliseconds deadline);
  /// The same, without waiting or receiving: nullopt when no whole line is buffered.
  std::optional<std::expected<Octets, IoError>> buffered_line(std::size_t max_octets);

  /// What is there, 1..max_octets of it; valid until the next read. Give back what was too much by unread().
  Result<Octets> read_chunk(std::size_t max_octets, std::chrono::milliseconds deadline);
  /// The same while nothing is under way: ends with kStopping, once, when the server drains.
  Result<Octets> read_first_chunk(std::size_t max_octets, std::chrono::milliseconds deadline);
  /// The same, and what comes after it stays in the socket: for a header in front of TLS.
  Result<Octets> read_exact_chunk(std::size_t max_octets, std::chrono::milliseconds deadline);
  /// Puts the last `octets` of the last chunk back in front of the input. Only right after read_chunk.
  void unread(std::size_t octets);

  /// Input has arrived that was not read yet.
  [[nodiscard]] bool has_buffered_input() const;
  /// Input has arrived, or the peer has closed, before we said a word: receives what is there without waiting.
  [[nodiscard]] bool peer_has_spoken();
  /// The peer sends nothing more after what has arrived. It may still be listening: writing tells.
  [[nodiscard]] bool peer_has_finished();

  /// Keeps a copy until the next flush.
  void queue_write(std::string_view octets);
  /// Keeps the string itself: for long ones.
  void queue_write(std::string&& octets);
  void queue_write(const char* octets) { queue_write(std::string_view(octets)); }
  [[nodiscard]] std::size_t queued_octets() const;
  /// Sends all that is queued. The deadline is renewed whenever the peer takes some.
  Result<void> flush(std::chrono::milliseconds deadline);
  /// queue_write and flush.
  Result<void> write(std::string octets, std::chrono::milliseconds deadline);

  /// Flushes, drops plaintext input (RFC 3207 s4.2, RFC 2595 s4), shakes hands as server. On error the stream is of no
  /// more use.
  Result<TlsStarted> start_tls(std::shared_ptr<TlsContext> context, std::chrono::milliseconds deadline);
  /// The same as client. `server_name` is sent as SNI and, where the context verifies, checked.
  Result<TlsStarted> start_tls_client(std::shared_ptr<TlsContext> context, std::string server_name,
                                      std::chrono::milliseconds deadline);
  [[nodiscard]] bool is_tls() const;
  /// nullopt while plain. Computes; call it once.
  [[nodiscard]] std::optional<TlsDetails> tls() const;

  /// Why the handshake failed, in OpenSSL's words; for logs.
  [[nodiscard]] std::string tls_failure() const;

  [[nodiscard]] const Endpoint& peer() const;
  [[nodiscard]] const Endpoint& local() const;
  /// As told by a PROXY header; for logs, limits and Received, they replace the socket's own.
  void set_endpoints(Endpoint peer, Endpoint local);
  [[nodiscard]] Reactor& reactor() const;
  /// The server drains: refuse new work, end soon.
  [[nodiscard]] bool draining() const;

  [[nodiscard]] std::uint64_t octets_in() const;
  [[nodiscard]] std::uint64_t octets_out() const;
  [[nodiscard]] bool is_open() const;
  /// Says goodbye to TLS and closes; nothing queued is sent any more. Also done by the destructor.
  void close();

 private:
  class Core;
  std::unique_ptr<Core> core_;
};

}  // namespace veredus::io::net
