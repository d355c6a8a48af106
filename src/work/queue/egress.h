#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "io/net/endpoint.h"

namespace veredus::work::queue {

/// One face this server shows to others: the addresses it connects from and the name it says. Without an address of a
/// family the system chooses one, when neither is set; else that family is not used.
struct EgressSource {
  std::string name;  // "default" is always there
  std::optional<io::net::IpAddress> v4;
  std::optional<io::net::IpAddress> v6;
  std::string hello_name;  // empty: the server's own
  unsigned weight = 1;     // within its pools; 0: nothing new goes out here

  /// What to bind to before connecting to `peer`; nullopt when this source cannot reach that family.
  struct Binding {
    std::optional<io::net::IpAddress> address;  // nullopt: the system chooses
  };
  [[nodiscard]] std::optional<Binding> binding_for(const io::net::IpAddress& peer) const;
};

/// Sources that share the mail of some senders.
struct EgressPool {
  std::string name;
  std::vector<std::string> sources;
};

/// Which source a message leaves from. A plain value.
class Egress {
 public:
  /// Every pool's sources must exist (app/config checks). No source at all: one called "default" is made, which binds
  /// to nothing; a pool "default" that is not given holds all sources.
  Egress(std::vector<EgressSource> sources, std::vector<EgressPool> pools);

  /// By weight, the same for the same `key`: a message retried leaves from where it left before. An unknown or empty
  /// pool name is the pool "default". Answers an index for source().
  [[nodiscard]] std::uint32_t pick(std::string_view pool, std::uint64_t key) const;
  [[nodiscard]] const EgressSource& source(std::uint32_t index) const { return sources_[index]; }
  [[nodiscard]] std::size_t size() const { return sources_.size(); }

 private:
  struct Pool {
    std::string name;
    std::vector<std::uint32_t> members;
    std::uint64_t weight = 0;
  };
  const Pool& pool_called(std::string_view name) const;

  std::vector<EgressSource> sources_;
  std::vector<Pool> pools_;  // the first is "default"
};

}  // namespace veredus::work::queue
