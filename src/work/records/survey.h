#pragma once

#include <cstdint>
#include <expected>
#include <functional>
#include <string>
#include <vector>

#include "base/types/clock.h"
#include "io/net/asio.h"
#include "io/net/endpoint.h"
#include "rules/mtasts/policy.h"
#include "state/directory/signing_key.h"
#include "work/records/report.h"

namespace veredus::io::dns {
class Resolver;
}

namespace veredus::work::records {

/// A service that mail programs look for, and where it is. Source: RFC 6186 s3, RFC 8314 s5.1.
struct Service {
  std::string name;  // "_imaps"
  std::uint16_t port = 0;
};

/// Fetches a domain's MTA-STS policy; the error is for people.
using FetchPolicy =
    std::function<asio::awaitable<std::expected<rules::mtasts::Policy, std::string>>(std::string domain)>;

/// This server, as DNS should describe it.
struct OwnHost {
  std::string name;                           // A-labels
  std::vector<io::net::IpAddress> egress;     // that mail leaves from besides the name's own addresses
  std::vector<Service> services;              // in order of preference
  std::vector<std::string> certificates_der;  // the server's own, one for each name it has
  FetchPolicy fetch_policy = {};              // empty: nobody looks at it
  bool validates = true;                      // DNSSEC, so that it knows which zones are signed, and can use DANE
};

/// A domain whose mail this server keeps.
struct OwnDomain {
  std::string name;  // A-labels
  std::vector<state::directory::SigningKey> keys;
};

/// Looks at everything that other servers and mail programs ask DNS about this domain's mail. All questions are asked
/// at the same time. The resolver is owned by someone who joins the caller.
asio::awaitable<Report> survey(io::dns::Resolver* resolver, OwnHost host, OwnDomain domain, SystemTime now);

/// The first certificate of PEM text, in DER; empty: there is none.
[[nodiscard]] std::string first_certificate(const std::string& pem);

}  // namespace veredus::work::records
