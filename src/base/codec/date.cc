#include "base/codec/date.h"

#include <algorithm>
#include <array>
#include <cstdint>

#include "base/codec/ascii.h"

namespace veredus::base::codec {
namespace {

using std::chrono::days;
using std::chrono::hours;
using std::chrono::milliseconds;
using std::chrono::minutes;
using std::chrono::seconds;

constexpr std::array<std::string_view, 7> kDays = {"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"};
constexpr std::array<std::string_view, 12> kMonths = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                                      "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
constexpr minutes kMaxOffset{99 * 60 + 59};  // RFC 5322 s3.3

void put_number(std::string& out, unsigned value, int digits) {
  char text[8];
  for (int i = digits - 1; i >= 0; --i) {
    text[i] = static_cast<char>('0' + value % 10);
    value /= 10;
  }
  out.append(text, static_cast<std::size_t>(digits));
}

// One moment on a wall clock.
struct Civil {
  std::chrono::year_month_day date;
  std::chrono::hh_mm_ss<milliseconds> time;
  unsigned weekday;

  explicit Civil(SystemTime local)
      : date(std::chrono::floor<days>(local)),
        time(local - std::chrono::floor<days>(local)),
        weekday(std::chrono::weekday(std::chrono::floor<days>(local)).c_encoding()) {}
  [[nodiscard]] unsigned year() const { return static_cast<unsigned>(static_cast<int>(date.year())); }
  [[nodiscard]] unsigned month() const { return static_cast<unsigned>(date.month()); }
  [[nodiscard]] unsigned day() const { return static_cast<unsigned>(date.day()); }
};

// The wall clock's moment, within the years that four digits can name.
Civil civil(SystemTime time, minutes offset) {
  constexpr SystemTime kFirst = std::chrono::sys_days(std::chrono::year(0) / 1 / 1);
  constexpr SystemTime kLast = SystemTime(std::chrono::sys_days(std::chrono::year(10000) / 1 / 1)) - milliseconds(1);
  return Civil(std::clamp(std::clamp(time, kFirst, kLast) + offset, kFirst, kLast));
}

minutes clamp_offset(minutes offset) { return std::clamp(offset, -kMaxOffset, kMaxOffset); }

void put_time(std::string& out, const Civil& when) {
  put_number(out, static_cast<unsigned>(when.time.hours().count()), 2);
  out.push_back(':');
  put_number(out, static_cast<unsigned>(when.time.minutes().count()), 2);
  out.push_back(':');
  put_number(out, static_cast<unsigned>(when.time.seconds().count()), 2);
}

void put_offset(std::string& out, minutes offset, std::string_view separator) {
  const auto magnitude = static_cast<unsigned>(offset.count() < 0 ? -offset.count() : offset.count());
  out.push_back(offset.count() < 0 ? '-' : '+');
  put_number(out, magnitude / 60, 2);
  out.append(separator);
  put_number(out, magnitude % 60, 2);
}

// Numbers as they were written.
struct Fields {
  unsigned year = 0;
  unsigned month = 0;
  unsigned day = 0;
  unsigned hour = 0;
  unsigned minute = 0;
  unsigned second = 0;
  unsigned millisecond = 0;
  minutes offset{};
};

std::optional<ZonedTime> zoned(const Fields& f) {
  const std::chrono::year_month_day date(std::chrono::year(static_cast<int>(f.year)), std::chrono::month(f.month),
                                         std::chrono::day(f.day));
  if (f.year > 9999 || !date.ok() || f.hour > 23 || f.minute > 59 || f.second > 60) return std::nullopt;
  const seconds time = hours(f.hour) + minutes(f.minute) + seconds(std::min(f.second, 59u));
  return ZonedTime{SystemTime(std::chrono::sys_days(date)) + time + milliseconds(f.millisecond) - f.offset, f.offset};
}

struct Number {
  unsigned value = 0;
  std::size_t digits = 0;
};

// Reads the words and numbers of a Date field, whatever stands between them.
class Scanner {
 public:
  explicit Scanner(std::string_view text) : rest_(text) {}

  // Folding white space and comments, RFC 5322 s3.2.2, and what else is met where they belong.
  void skip(std::string_view also = "") {
    while (!rest_.empty()) {
      const char c = rest_.front();
      if (c == '(')
        skip_comment();
      else if (c == ' ' || c == '\t' || c == '\r' || c == '\n' || also.contains(c))
        rest_.remove_prefix(1);
      else
        return;
    }
  }
  std::string_view word() {
    std::size_t n = 0;
    while (n < rest_.size() && is_alpha(rest_[n])) ++n;
    return cut(n);
  }
  Number number() {
    Number out;
    while (out.digits < rest_.size() && is_digit(rest_[out.digits])) {
      if (out.digits < 8) out.value = out.value * 10 + static_cast<unsigned>(rest_[out.digits] - '0');
      ++out.digits;
    }
    cut(out.digits);
    return out;
  }
  bool take(char c) {
    if (!rest_.starts_with(c)) return false;
    rest_.remove_prefix(1);
    return true;
  }
  [[nodiscard]] char peek() const { return rest_.empty() ? '\0' : rest_.front(); }
  [[nodiscard]] std::string_view rest() const { return rest_; }

 private:
  std::string_view cut(std::size_t n) {
    const auto out = rest_.substr(0, n);
    rest_.remove_prefix(n);
    return out;
  }
  void skip_comment() {
    std::size_t depth = 0;
    while (!rest_.empty()) {
      const char c = rest_.front();
      rest_.remove_prefix(1);
      if (c == '\\' && !rest_.empty()) rest_.remove_prefix(1);
      if (c == '(') ++depth;
      if (c == ')' && --depth == 0) return;
    }
  }
  std::string_view rest_;
};

unsigned month_of(std::string_view word) {
  if (word.size() < 3) return 0;
  for (unsigned i = 0; i < kMonths.size(); ++i)
    if (istarts_with_ascii(word, kMonths[i])) return i + 1;
  return 0;
}

// RFC 5322 s4.3: two digits below 50 are this century's, others and three digits count from 1900.
std::optional<unsigned> full_year(Number year) {
  if (year.digits < 2 || year.digits > 4) return std::nullopt;
  if (year.digits == 4) return year.value;
  return year.digits == 2 && year.value < 50 ? year.value + 2000 : year.value + 1900;
}

bool scan_time(Scanner& in, Fields& f) {
  const Number hour = in.number();
  in.skip();
  if (hour.digits == 0 || hour.digits > 2 || !(in.take(':') || in.take('.'))) return false;
  in.skip();
  const Number minute = in.number();
  if (minute.digits == 0 || minute.digits > 2) return false;
  f.hour = hour.value;
  f.minute = minute.value;
  in.skip();
  if (!in.take(':') && !in.take('.')) return true;
  in.skip();
  const Number second = in.number();
  if (second.digits == 0 || second.digits > 2) return false;
  f.second = second.value;
  if (in.take('.') || in.take(',')) in.number();  // fractions, which RFC 5322 does not know
  return true;
}

// RFC 5322 s4.3: what is not listed there says nothing, so UTC.
minutes named_zone(std::string_view word) {
  struct Zone {
    std::string_view name;
    int hours;
  };
  constexpr Zone kZones[] = {{"EST", -5}, {"EDT", -4}, {"CST", -6}, {"CDT", -5},
                             {"MST", -7}, {"MDT", -6}, {"PST", -8}, {"PDT", -7}};
  for (const auto& zone : kZones)
    if (iequals_ascii(zone.name, word)) return hours(zone.hours);
  return minutes(0);
}

minutes scan_zone(Scanner& in) {
  in.skip();
  minutes offset{};
  if (is_alpha(in.peek())) offset = named_zone(in.word());
  if (in.peek() != '+' && in.peek() != '-') return offset;
  const bool west = in.take('-');
  if (!west) in.take('+');
  Number digits = in.number();
  if (digits.digits == 2 && in.take(':')) {
    const Number minute = in.number();
    digits = {.value = digits.value * 100 + minute.value, .digits = digits.digits + minute.digits};
  } else if (digits.digits == 1 || digits.digits == 2) {
    digits = {.value = digits.value * 100, .digits = 4};
  }
  if ((digits.digits != 4 && digits.digits != 3) || digits.value % 100 > 59) return offset;
  const minutes magnitude(digits.value / 100 * 60 + digits.value % 100);
  return west ? -magnitude : magnitude;
}

// Day and month in either order; with "Nov 22", as asctime() writes it, the year may come behind the time.
bool scan_day_and_month(Scanner& in, Fields& f, bool& month_first) {
  if (is_alpha(in.peek())) f.month = month_of(in.word());
  if (f.month == 0) in.skip(",.;");  // that was the day of the week, which the date tells as well
  if (f.month == 0 && is_alpha(in.peek())) f.month = month_of(in.word());
  month_first = f.month != 0;
  in.skip("-/.,");
  const Number day = in.number();
  if (day.digits == 0 || day.digits > 2) return false;
  f.day = day.value;
  in.skip("-/.,");
  if (!month_first) f.month = month_of(in.word());
  in.skip("-/.,");
  return f.month != 0;
}

}  // namespace

std::string format_rfc5322_date(SystemTime time, minutes offset) {
  offset = clamp_offset(offset);
  const Civil when = civil(time, offset);
  std::string out;
  out.reserve(31);
  out.append(kDays[when.weekday]).append(", ");
  put_number(out, when.day(), 2);
  out.append(" ").append(kMonths[when.month() - 1]).append(" ");
  put_number(out, when.year(), 4);
  out.push_back(' ');
  put_time(out, when);
  out.push_back(' ');
  put_offset(out, offset, "");
  return out;
}

std::optional<ZonedTime> parse_rfc5322_date(std::string_view text) {
  Scanner in(text);
  Fields f;
  bool month_first = false;
  in.skip(",");
  if (!scan_day_and_month(in, f, month_first)) return std::nullopt;
  Scanner ahead = in;
  ahead.number();
  const bool time_first = month_first && ahead.peek() == ':';
  if (time_first && !scan_time(in, f)) return std::nullopt;
  in.skip();
  if (time_first && !is_digit(in.peek())) f.offset = scan_zone(in);
  in.skip();
  const auto year = full_year(in.number());
  if (!year) return std::nullopt;
  f.year = *year;
  in.skip(",-");
  if (!time_first && !scan_time(in, f)) return std::nullopt;
  if (!time_first) f.offset = scan_zone(in);
  return zoned(f);
}

std::string format_rfc3339(SystemTime time, minutes offset) {
  offset = clamp_offset(offset);
  const Civil when = civil(time, offset);
  std::string out;
  out.reserve(29);
  put_number(out, when.year(), 4);
  out.push_back('-');
  put_number(out, when.month(), 2);
  out.push_back('-');
  put_number(out, when.day(), 2);
  out.push_back('T');
  put_time(out, when);
  if (const auto fraction = when.time.subseconds().count(); fraction != 0) {
    out.push_back('.');
    put_number(out, static_cast<unsigned>(fraction), 3);
  }
  if (offset.count() == 0)
    out.push_back('Z');
  else
    put_offset(out, offset, ":");
  return out;
}

std::optional<ZonedTime> parse_rfc3339(std::string_view text) {
  Scanner in(text);
  const auto field = [&](std::size_t digits, unsigned& value) {
    const Number number = in.number();
    value = number.value;
    return number.digits == digits;
  };
  Fields f;
  if (!field(4, f.year) || !in.take('-') || !field(2, f.month) || !in.take('-') || !field(2, f.day))
    return std::nullopt;
  if (!in.take('T') && !in.take('t') && !in.take(' ')) return std::nullopt;
  if (!field(2, f.hour) || !in.take(':') || !field(2, f.minute) || !in.take(':') || !field(2, f.second))
    return std::nullopt;
  if (in.take('.')) {
    const std::string_view fraction = in.rest();
    const std::size_t digits = in.number().digits;
    if (digits == 0) return std::nullopt;
    for (std::size_t i = 0; i < 3; ++i)
      f.millisecond = f.millisecond * 10 + (i < digits ? static_cast<unsigned>(fraction[i] - '0') : 0);
  }
  if (!in.take('Z') && !in.take('z')) {
    const bool west = in.take('-');
    unsigned hour = 0;
    unsigned minute = 0;
    if ((!west && !in.take('+')) || !field(2, hour) || !in.take(':') || !field(2, minute)) return std::nullopt;
    if (hour > 23 || minute > 59) return std::nullopt;
    f.offset = west ? -minutes(hour * 60 + minute) : minutes(hour * 60 + minute);
  }
  if (!in.rest().empty()) return std::nullopt;
  return zoned(f);
}

}  // namespace veredus::base::codec
