#include "wire/imap/date.h"

#include <algorithm>
#include <array>

#include "base/codec/ascii.h"

namespace veredus::wire::imap {
namespace {

using std::chrono::days;
using std::chrono::minutes;
using std::chrono::seconds;

constexpr std::array<std::string_view, 12> kMonths = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                                      "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};

/// Takes `least`..`most` digits from the front. nullopt: fewer.
std::optional<int> take_digits(std::string_view& text, std::size_t least, std::size_t most) {
  int value = 0;
  std::size_t count = 0;
  while (count < most && count < text.size() && base::codec::is_digit(text[count]))
    value = value * 10 + (text[count++] - '0');
  if (count < least) return std::nullopt;
  text.remove_prefix(count);
  return value;
}

bool take(std::string_view& text, char c) {
  if (!text.starts_with(c)) return false;
  text.remove_prefix(1);
  return true;
}

std::optional<Date> take_date(std::string_view& text) {
  const auto day = take_digits(text, 1, 2);
  if (!day || !take(text, '-')) return std::nullopt;
  const auto name = text.substr(0, 3);
  const auto month = std::ranges::find_if(kMonths, [name](auto m) { return base::codec::iequals_ascii(m, name); });
  if (month == kMonths.end()) return std::nullopt;
  text.remove_prefix(3);
  if (!take(text, '-')) return std::nullopt;
  const auto year = take_digits(text, 4, 4);
  if (!year) return std::nullopt;
  const auto number = static_cast<unsigned>(month - kMonths.begin()) + 1;
  const Date date{std::chrono::year(*year), std::chrono::month(number), std::chrono::day(static_cast<unsigned>(*day))};
  if (!date.ok()) return std::nullopt;
  return date;
}

/// time = 2DIGIT ":" 2DIGIT ":" 2DIGIT
std::optional<seconds> take_time(std::string_view& text) {
  const auto hour = take_digits(text, 2, 2);
  if (!hour || *hour > 23 || !take(text, ':')) return std::nullopt;
  const auto minute = take_digits(text, 2, 2);
  if (!minute || *minute > 59 || !take(text, ':')) return std::nullopt;
  const auto second = take_digits(text, 2, 2);
  if (!second || *second > 60) return std::nullopt;
  return std::chrono::hours(*hour) + minutes(*minute) +
         seconds(std::min(*second, 59));  // a leap second: the one before
}

/// zone = ("+" / "-") 4DIGIT
std::optional<minutes> take_zone(std::string_view& text) {
  const bool west = text.starts_with('-');
  if (!take(text, west ? '-' : '+')) return std::nullopt;
  const auto hours = take_digits(text, 2, 2);
  const auto rest = hours ? take_digits(text, 2, 2) : std::nullopt;
  if (!rest || *rest > 59) return std::nullopt;
  const minutes offset(*hours * 60 + *rest);
  return west ? -offset : offset;
}

char* put_two(char* at, unsigned value) {
  *at++ = static_cast<char>('0' + value / 10 % 10);
  *at++ = static_cast<char>('0' + value % 10);
  return at;
}

char* put_date(char* at, Date date) {
  *at++ = '-';
  at = std::ranges::copy(kMonths[static_cast<unsigned>(date.month()) - 1], at).out;
  *at++ = '-';
  const auto year = static_cast<unsigned>(static_cast<int>(date.year()));
  return put_two(put_two(at, year / 100), year % 100);
}

}  // namespace

std::optional<Date> parse_date(std::string_view text) {
  const auto date = take_date(text);
  return text.empty() ? date : std::nullopt;
}

std::string to_string(Date date) {
  char text[16];
  char* at = put_date(text, date);
  return std::to_string(static_cast<unsigned>(date.day())) + std::string(text, at);
}

std::optional<base::codec::ZonedTime> parse_date_time(std::string_view text) {
  while (take(text, ' ')) continue;
  const auto date = take_date(text);
  if (!date || !take(text, ' ')) return std::nullopt;
  const auto time = take_time(text);
  if (!time || !take(text, ' ')) return std::nullopt;
  const auto zone = take_zone(text);
  if (!zone || !text.empty()) return std::nullopt;
  return base::codec::ZonedTime{SystemTime(std::chrono::sys_days(*date)) + *time - *zone, *zone};
}

void append_date_time(std::string& out, SystemTime time, minutes offset) {
  constexpr SystemTime kFirst = std::chrono::sys_days(std::chrono::year(0) / 1 / 1);
  constexpr SystemTime kLast = SystemTime(std::chrono::sys_days(std::chrono::year(10000) / 1 / 1)) - seconds(1);
  offset = std::clamp(offset, minutes(-99 * 60 - 59), minutes(99 * 60 + 59));
  const auto local = std::clamp(std::clamp(time, kFirst, kLast) + offset, kFirst, kLast);
  const auto day = std::chrono::floor<days>(local);
  const Date date(day);
  const std::chrono::hh_mm_ss clock(std::chrono::floor<seconds>(local - day));
  const auto zone = static_cast<unsigned>(std::abs(offset.count()));
  char text[28];
  char* at = text;
  *at++ = '"';
  at = put_two(at, static_cast<unsigned>(date.day()));
  if (text[1] == '0') text[1] = ' ';  // date-day-fixed
  at = put_date(at, date);
  *at++ = ' ';
  at = put_two(at, static_cast<unsigned>(clock.hours().count()));
  *at++ = ':';
  at = put_two(at, static_cast<unsigned>(clock.minutes().count()));
  *at++ = ':';
  at = put_two(at, static_cast<unsigned>(clock.seconds().count()));
  *at++ = ' ';
  *at++ = offset < minutes(0) ? '-' : '+';
  at = put_two(put_two(at, zone / 60), zone % 60);
  *at++ = '"';
  out.append(text, at);
}

}  // namespace veredus::wire::imap
