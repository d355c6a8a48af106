#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>

#include "io/net/tls_context.h"

namespace veredus::io::net {
class WorkerPool;
}

namespace veredus::work::smtpclient {

/// How long a peer may take. Source: RFC 5321 s4.5.3.2; the defaults are its minimums.
struct Timeouts {
  std::chrono::milliseconds connect = std::chrono::seconds(30);
  std::chrono::milliseconds greeting = std::chrono::minutes(5);  // RFC 5321 s4.5.3.2.1
  std::chrono::milliseconds hello = std::chrono::minutes(5);
  std::chrono::milliseconds tls = std::chrono::minutes(1);
  std::chrono::milliseconds auth = std::chrono::minutes(5);
  std::chrono::milliseconds mail = std::chrono::minutes(5);        // RFC 5321 s4.5.3.2.2
  std::chrono::milliseconds recipient = std::chrono::minutes(5);   // RFC 5321 s4.5.3.2.3
  std::chrono::milliseconds data = std::chrono::minutes(2);        // RFC 5321 s4.5.3.2.4
  std::chrono::milliseconds block = std::chrono::minutes(3);       // RFC 5321 s4.5.3.2.5
  std::chrono::milliseconds final_dot = std::chrono::minutes(10);  // RFC 5321 s4.5.3.2.6
  std::chrono::milliseconds quit = std::chrono::seconds(2);
};

/// How connections are made and used. One for the program; must outlive all connections. Without a context for a rule
/// there is no TLS by that rule.
struct Options {
  Timeouts timeouts;
  std::size_t max_recipients = 100;  // RFC 5321 s4.5.3.1.8: what every server takes; more go into further transactions
  /// Messages up to this go in one write with their envelope where the peer has PIPELINING and CHUNKING; 0: never.
  std::size_t one_write_octets = 64 * 1024;
  std::size_t max_converted_octets = 64 * 1024 * 1024;  // longer messages are not downgraded but refused
  std::shared_ptr<io::net::TlsContext> recording;       // for the other rules: takes any certificate
  std::shared_ptr<io::net::TlsContext> verifying;       // for TlsRule::kVerify
  std::shared_ptr<io::net::TlsContext> sts;             // for MTA-STS: common names do not count (RFC 8461 s4.2)
  io::net::WorkerPool* workers = nullptr;               // converts long messages; null: done in place
};

}  // namespace veredus::work::smtpclient
