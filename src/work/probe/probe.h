#pragma once

#include <cstdint>
#include <expected>
#include <string>
#include <string_view>

#include "base/types/clock.h"
#include "io/net/asio.h"
#include "work/probe/options.h"
#include "work/probe/report.h"

namespace veredus::io::dns {
class Resolver;
}
namespace veredus::io::net {
class Reactor;
}

namespace veredus::work::probe {

/// What a probe works with; all outlive it.
struct Surroundings {
  io::net::Reactor* reactor = nullptr;  // the caller's own
  io::dns::Resolver* resolver = nullptr;
  const Clock* clock = nullptr;
};

enum class TargetError : std::uint8_t {
  kEmpty,
  kHost,   // neither a name nor an address
  kPort,   // no number of 1..65535
  kGuard,  // a port that may not be probed
};
[[nodiscard]] std::string_view to_string(TargetError error);

/// A server to talk to.
struct Target {
  std::string host;  // name, A-labels; or an address without brackets
  std::uint16_t port = 25;
};
/// "mx.example.org", "mx.example.org:587", "192.0.2.1", "[2001:db8::1]:25".
[[nodiscard]] std::expected<Target, TargetError> parse_target(std::string_view text);

/// Talks to every address of one server. Never fails: what goes wrong is what the report is about.
asio::awaitable<Report> probe_server(Surroundings surroundings, Target target, Options options, OnProgress progress);

/// Finds out who takes a domain's mail and talks to each address of each of these hosts, on port 25. `domain` as people
/// write it.
asio::awaitable<Report> probe_domain(Surroundings surroundings, std::string domain, Options options,
                                     OnProgress progress);

}  // namespace veredus::work::probe
