#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace veredus::wire::smtp {

/// RFC 2852 s4: what happens to a message that is not delivered in time.
enum class ByMode : std::uint8_t {
  kReturn,  // `R`: it comes back undelivered
  kNotify,  // `N`: the sender is told of the delay, and delivery goes on
};

/// RFC 2852 s4 `BY=seconds;mode[T]`.
struct DeliverBy {
  std::int32_t seconds = 0;  // -999,999,999..999,999,999; above 0 with kReturn
  ByMode mode = ByMode::kNotify;
  bool trace = false;  // `T`: every relay is to be reported

  friend bool operator==(const DeliverBy&, const DeliverBy&) = default;
};

/// The value of a BY parameter; nullopt when it is none. by-value = [ "-" / "+" ] 1*9digit ";" ("N" / "R") [ "T" ]
std::optional<DeliverBy> parse_deliver_by(std::string_view value);

/// As parse_deliver_by reads it.
[[nodiscard]] std::string to_string(const DeliverBy& deliver_by);

}  // namespace veredus::wire::smtp
