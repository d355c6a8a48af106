#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <string_view>

#include "base/types/clock.h"

namespace veredus::base::codec {

/// A moment, and the offset from UTC of the clock it was read from.
struct ZonedTime {
  SystemTime time;
  std::chrono::minutes offset{};  // east of UTC is positive
  friend bool operator==(const ZonedTime&, const ZonedTime&) = default;
};

/// "Sun, 22 Nov 2026 03:40:00 +0000". Years 0000..9999; milliseconds are cut. Source: RFC 5322 s3.3.
std::string format_rfc5322_date(SystemTime time, std::chrono::minutes offset = {});

/// Lenient: comments, folding, a missing or wrong day of the week, missing seconds, two- and three-digit years,
/// obsolete zones and a missing zone (read as -0000: offset 0) are taken. nullopt when day, month, year, hour or minute
/// cannot be told or are impossible. Source: RFC 5322 s3.3, s4.3.
std::optional<ZonedTime> parse_rfc5322_date(std::string_view text);

/// "2026-11-22T03:40:00.123Z", or "+01:00" for an offset; milliseconds only when not 0. Source: RFC 3339 s5.6.
std::string format_rfc3339(SystemTime time, std::chrono::minutes offset = {});

/// Strict, but for digits beyond milliseconds, which are cut, and a leap second, which is read as the second before.
std::optional<ZonedTime> parse_rfc3339(std::string_view text);

}  // namespace veredus::base::codec
