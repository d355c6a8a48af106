#pragma once

#include <boost/system/error_code.hpp>
#include <cstddef>
#include <cstdint>
#include <expected>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <tuple>

#include "io/net/asio.h"
#include "io/net/endpoint.h"
#include "io/net/io_error.h"
#include "io/net/tls_context.h"

namespace veredus::io::net {

/// What an attempt that moved nothing waits for.
enum class Want : std::uint8_t { kNothing, kReadable, kWritable };

/// One non-blocking attempt: octets were moved, or it wants to wait, or it failed.
struct Attempt {
  std::size_t octets = 0;
  Want want = Want::kNothing;
  std::optional<IoError> error;
};

/// A stream of octets under a LineStream: a socket with or without TLS, or a script in a test. One user at a time.
class Transport {
 public:
  /// Not worth looking at: the next attempt tells more.
  using Waited = std::tuple<boost::system::error_code>;

  virtual ~Transport() = default;

  /// Reads up to `space` octets.
  virtual Attempt try_read(std::span<char> space) = 0;
  /// Writes some of `pieces`, in order. At least one of them is not empty.
  virtual Attempt try_write(std::span<const std::string_view> pieces) = 0;
  /// Ends when the transport is ready, was interrupted or has failed: the next attempt tells which.
  virtual asio::awaitable<Waited> wait(Want want) = 0;
  /// Ends a wait that is going on.
  virtual void interrupt() = 0;
  /// Sends the end (TLS close_notify, FIN) without waiting, and closes. No attempt after it.
  virtual void close() = 0;

  /// From now on octets are TLS's. `server_name` is for clients: SNI and the name to verify.
  virtual std::expected<void, IoError> begin_tls(std::shared_ptr<TlsContext> context, std::string server_name) = 0;
  /// Goes on with the handshake: no want and no error when it is done.
  virtual Attempt try_handshake() = 0;
  /// TLS holds decrypted octets that a wait for readability would not see.
  [[nodiscard]] virtual bool has_pending() const = 0;
  /// The peer will send nothing after what has arrived: it has closed, or only its sending side.
  [[nodiscard]] virtual bool peer_has_finished() { return false; }
  /// nullopt before TLS.
  [[nodiscard]] virtual std::optional<TlsDetails> tls() const = 0;
  /// Why the handshake failed, in OpenSSL's words; for logs.
  [[nodiscard]] virtual std::string tls_failure() const { return {}; }

  [[nodiscard]] virtual const Endpoint& peer() const = 0;
  [[nodiscard]] virtual const Endpoint& local() const = 0;
};

}  // namespace veredus::io::net
