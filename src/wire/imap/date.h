#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <string_view>

#include "base/codec/date.h"
#include "base/types/clock.h"

namespace veredus::wire::imap {

using Date = std::chrono::year_month_day;

///   date = 1*2DIGIT "-" date-month "-" 4DIGIT ; as in SEARCH, without quotes (RFC 9051 s9). nullopt for a day that no
/// calendar has.
[[nodiscard]] std::optional<Date> parse_date(std::string_view text);
[[nodiscard]] std::string to_string(Date date);

///   date-time = (SP DIGIT / 2DIGIT) "-" date-month "-" 4DIGIT SP time SP zone ; without its quotes. Also one digit
///   without
/// the space.
[[nodiscard]] std::optional<base::codec::ZonedTime> parse_date_time(std::string_view text);

/// `"17-Jul-1996 02:44:25 -0700"`, quotes included; milliseconds are cut, years outside 0..9999 clamped.
void append_date_time(std::string& out, SystemTime time, std::chrono::minutes offset = {});

}  // namespace veredus::wire::imap
