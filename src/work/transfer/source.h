#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <string>

#include "base/crypto/secret.h"

namespace veredus::io::net {
class TlsContext;
}

namespace veredus::work::transfer {

/// An account on another server, to be copied from.
struct Source {
  enum class Tls : std::uint8_t {
    kImplicit,  // port 993
    kStartTls,
    kNone,  // all goes in the clear
  };
  std::string host;  // a name, or an address
  std::uint16_t port = 993;
  Tls tls = Tls::kImplicit;
  enum class Login : std::uint8_t { kPassword, kOAuthToken };
  std::string user;
  Login login = Login::kPassword;
  base::crypto::Secret secret;
};

struct Options {
  std::shared_ptr<io::net::TlsContext> tls;  // verifies, or not, as the caller wants
  std::chrono::seconds connect_wait{30};
  std::chrono::seconds reply_wait{5 * 60};  // for the next octets of a reply
  std::uint64_t max_message_octets = 100ULL * 1024 * 1024;
  std::uint32_t fetch_messages = 100;       // in one FETCH
  std::uint32_t attempts = 5;               // connections in a row that bring nothing new
  std::chrono::seconds retry_wait{5};       // before the next one; longer each time
  std::chrono::hours remembered{24 * 400};  // what was copied is not copied again for so long
  std::size_t kept_complaints = 200;        // of a run
};

}  // namespace veredus::work::transfer
