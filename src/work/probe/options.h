#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "base/crypto/secret.h"
#include "io/net/endpoint.h"
#include "wire/smtp/address.h"

namespace veredus::work::probe {

/// Which addresses and ports may be connected to. For use by others than the machine's own administrator: without it a
/// probe would be a way into the network behind the server.
struct Guard {
  bool only_public = false;               // addresses the Internet routes
  std::vector<io::net::Network> allowed;  // whatever only_public says
  std::vector<std::uint16_t> ports = {};  // empty: all

  [[nodiscard]] bool permits(const io::net::IpAddress& address) const;
  [[nodiscard]] bool permits_port(std::uint16_t port) const;
};

/// Not private, loopback, link-local, multicast, documentation or otherwise reserved. Source: RFC 6890 s2.2 and the
/// registries it names.
[[nodiscard]] bool is_public(const io::net::IpAddress& address);

/// Public addresses, and the ports of mail: 25, 465, 587, 2525.
[[nodiscard]] Guard guard_of_strangers();

enum class TlsMode : std::uint8_t {
  kAutomatic,  // port 465: from the first octet; else STARTTLS where it is offered
  kImplicit,
  kStartTls,
  kNone,
};

struct Options {
  std::string hello_name = "localhost";
  std::uint16_t mail_port = 25;  // of a domain's hosts
  TlsMode tls = TlsMode::kAutomatic;
  std::string trusted_pem;  // empty: the system's roots
  bool use_ipv4 = true;
  bool use_ipv6 = true;

  std::string user;  // empty: no AUTH
  base::crypto::Secret password;
  std::optional<wire::smtp::Address> sender;     // none: probe@hello_name
  std::optional<wire::smtp::Address> recipient;  // of the message to send; unknown recipients are tried at its domain
  bool send = false;
  bool relay_trials = true;
  bool recipient_trials = true;

  std::chrono::milliseconds connect_wait = std::chrono::seconds(15);
  std::chrono::milliseconds reply_wait = std::chrono::seconds(30);
  std::chrono::milliseconds in_all = std::chrono::minutes(5);  // no session is begun after that
  std::size_t max_sessions = 16;
  std::size_t max_dialogue_lines = 400;  // of one session
  Guard guard;
};

/// How far a probe has come; called on its reactor.
struct Progress {
  std::size_t done = 0;
  std::size_t total = 0;  // sessions; 0 while DNS is asked
  std::string doing;      // "mx1.example.org, 192.0.2.1"
};
using OnProgress = std::function<void(Progress)>;

}  // namespace veredus::work::probe
