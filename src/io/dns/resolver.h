#pragma once

#include <chrono>
#include <expected>
#include <string>
#include <vector>

#include "io/dns/dns_error.h"
#include "io/dns/records.h"
#include "io/net/asio.h"
#include "io/net/endpoint.h"

namespace veredus::io::dns {

/// What DNS says of one name and one type.
template <class Record>
struct Answer {
  std::vector<Record> records;  // in no order that means anything; empty: the name exists and has none of this type
  std::chrono::seconds ttl{};   // for how long this holds, also when it is "none"
  bool authentic = false;       // DNSSEC proves it, "none" included
  std::string canonical_name;   // the name at the end of the aliases; the name asked for when there are none
};

/// Asks DNS. Names may be U-labels or A-labels, or written as those in records are, with or without the last dot, and
/// are always fully qualified: no search lists. Aliases are followed by the resolver. Each call completes on the
/// caller's executor, before a deadline of the resolver's; cancelling the caller ends it at once with kStopped.
/// Thread-safe.
class Resolver {
 public:
  template <class Record>
  using Result = asio::awaitable<std::expected<Answer<Record>, DnsError>>;

  virtual ~Resolver() = default;

  virtual Result<MxRecord> mx(std::string name) = 0;
  virtual Result<net::IpAddress> a(std::string name) = 0;
  virtual Result<net::IpAddress> aaaa(std::string name) = 0;
  /// The strings of one record are joined, without anything between them (RFC 7208 s3.3).
  virtual Result<std::string> txt(std::string name) = 0;
  virtual Result<TlsaRecord> tlsa(std::string name) = 0;
  virtual Result<SrvRecord> srv(std::string name) = 0;
  /// The names of an address.
  virtual Result<std::string> ptr(net::IpAddress address) = 0;
  /// What the name itself is an alias of: one name or none.
  virtual Result<std::string> cname(std::string name) = 0;
  /// The servers of a zone.
  virtual Result<std::string> ns(std::string name) = 0;
};

}  // namespace veredus::io::dns
