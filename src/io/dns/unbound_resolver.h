#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <expected>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "io/dns/resolver.h"

namespace veredus::base::observe {
class Metrics;
}

namespace veredus::io::dns {

/// Whom the resolver asks.
enum class Source : std::uint8_t {
  kSystem,      // the servers in resolv.conf
  kForwarders,  // those named in the options
  kRoot,        // nobody: it follows delegations from the root itself
};

/// A zone whose servers are given, whatever the world says: for tests and private networks.
struct StubZone {
  std::string name;                      // "." stands for all
  std::vector<net::Endpoint> addresses;  // of authoritative servers
  bool validate = false;                 // as the trust anchors say; else it is believed as it is
};

struct ResolverOptions {
  Source source = Source::kSystem;
  std::string resolv_conf = "/etc/resolv.conf";
  std::vector<net::Endpoint> forwarders;
  std::vector<StubZone> stub_zones;
  /// DS or DNSKEY records, of the root or of zones of one's own, as in zone files. Empty: nothing is validated, nothing
  /// is authentic.
  std::string trust_anchor_file;
  std::string root_hints_file;                    // empty: those built into libunbound
  std::uint64_t cache_octets = 32 * 1024 * 1024;  // over all caches
  std::chrono::seconds minimum_ttl{0};
  std::chrono::seconds maximum_ttl{86'400};
  std::chrono::milliseconds deadline{20'000};  // of one question, with all that it takes
  std::size_t in_flight = 1'000;               // questions asked at a time; others wait for their turn
  std::size_t waiting = 100'000;               // questions that wait; one more ends with kTooManyQueries
  bool use_ipv6 = true;                        // towards servers
};

enum class ResolverError : std::uint8_t {
  kResolvConf,   // cannot be read
  kTrustAnchor,  // the file cannot be read, or holds no key
  kRootHints,    // the file cannot be read
  kSetting,      // a zone's name or a file's name that cannot be said to libunbound
  kLibrary,      // libunbound refused
};
[[nodiscard]] std::string_view to_string(ResolverError error);

/// libunbound in this process, with its cache and, given a trust anchor, with DNSSEC validation. Has a thread of its
/// own, beside libunbound's. Destroying it ends all questions with kStopped; it must outlive whoever calls it, and
/// their executors it.
class UnboundResolver final : public Resolver {
 public:
  /// Blocks for reading files; asks nobody yet.
  static std::expected<std::unique_ptr<UnboundResolver>, ResolverError> start(ResolverOptions options,
                                                                              base::observe::Metrics& metrics);
  ~UnboundResolver() override;

  Result<MxRecord> mx(std::string name) override;
  Result<net::IpAddress> a(std::string name) override;
  Result<net::IpAddress> aaaa(std::string name) override;
  Result<std::string> txt(std::string name) override;
  Result<TlsaRecord> tlsa(std::string name) override;
  Result<SrvRecord> srv(std::string name) override;
  Result<std::string> ptr(net::IpAddress address) override;
  Result<std::string> cname(std::string name) override;
  Result<std::string> ns(std::string name) override;

  /// Ends all questions, and those to come, with kStopped. Any thread; blocks until libunbound has ended.
  void stop();

 private:
  class Questions;
  explicit UnboundResolver(std::shared_ptr<Questions> questions);
  template <class Record>
  Result<Record> ask(std::string name, RecordType type, std::optional<Record> (*parse)(std::string_view));

  std::shared_ptr<Questions> questions_;
};

}  // namespace veredus::io::dns
