#pragma once

#include <cstddef>
#include <expected>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "io/net/io_error.h"
#include "io/net/tls_context.h"
#include "io/net/transport.h"

struct ssl_st;

namespace veredus::io::net {

/// TLS on one non-blocking socket, by OpenSSL on the descriptor itself: an idle session holds no record buffers.
class TlsSession {
 public:
  /// `server_name`: as a client, SNI and the name to verify. The descriptor stays the caller's.
  static std::expected<TlsSession, IoError> begin(const TlsContext& context, int fd, const std::string& server_name);
  TlsSession(TlsSession&&) noexcept;
  TlsSession& operator=(TlsSession&&) noexcept;
  ~TlsSession();

  Attempt try_handshake();
  Attempt try_read(std::span<char> space);
  Attempt try_write(std::string_view octets);
  /// close_notify, if there was a session; does not wait.
  void shut_down();
  [[nodiscard]] bool has_pending() const;
  [[nodiscard]] TlsDetails details() const;
  [[nodiscard]] const std::string& failure() const { return failure_; }

 private:
  struct Free {
    void operator()(ssl_st* ssl) const;
  };
  TlsSession(std::shared_ptr<ssl_ctx_st> context, std::unique_ptr<ssl_st, Free> ssl);
  Attempt outcome(int result, IoError otherwise);

  std::shared_ptr<ssl_ctx_st> context_;  // keeps the other certificates, which SNI may choose
  std::unique_ptr<ssl_st, Free> ssl_;
  std::string failure_;
  bool broken_ = false;
};

}  // namespace veredus::io::net
