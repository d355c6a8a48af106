#pragma once

#include <cstdint>

namespace veredus::work::login {

/// Whether passwords are taken on a connection without TLS.
enum class PlainAuth : std::uint8_t {
  kNever,
  kLocalMachine,  // from loopback addresses and UNIX sockets
};

[[nodiscard]] constexpr bool may_log_in(PlainAuth plain_auth, bool tls, bool local_machine) {
  return tls || (local_machine && plain_auth == PlainAuth::kLocalMachine);
}

}  // namespace veredus::work::login
