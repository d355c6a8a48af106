#include "rules/bounce/reply_codes.h"

#include <charconv>
#include <optional>

#include "base/codec/ascii.h"

namespace veredus::rules::bounce {
namespace {

using base::codec::is_alpha;
using base::codec::is_digit;
using wire::smtp::EnhancedStatus;

constexpr std::size_t kMaxText = 8192;

/// What may stand before a number that is a code.
bool opens(std::string_view text, std::size_t at) {
  return at == 0 || std::string_view(" \t\r\n:;(<#'\",-*>|").contains(text[at - 1]);
}

/// Numbers in 2xx are common; a reply goes on in its line.
bool is_reply_text(std::string_view after) {
  if (after.size() < 2 || (after[0] != ' ' && after[0] != '-')) return false;
  return is_alpha(after[1]) || (after[1] == '2' && after.size() > 2 && after[2] == '.');
}

std::optional<int> code_at(std::string_view text, std::size_t at) {
  if (text.size() - at < 3 || !opens(text, at)) return std::nullopt;
  const char klass = text[at];
  if (klass != '2' && klass != '4' && klass != '5') return std::nullopt;
  if (text[at + 1] > '7' || !is_digit(text[at + 1]) || !is_digit(text[at + 2])) return std::nullopt;
  if (at + 3 < text.size()) {
    const char next = text[at + 3];
    if (is_digit(next) || is_alpha(next)) return std::nullopt;
    const bool ends = std::string_view(" \t\r\n-:;,<>'\")(").contains(next) ||
                      (next == '.' && (at + 4 >= text.size() || !is_digit(text[at + 4])));
    if (!ends) return std::nullopt;
  }
  // "550 seconds", "from 2001-550-1": a code is followed by words or a status.
  const auto rest = base::codec::trim_ascii(text.substr(at + 3, 12));
  for (const std::string_view unit : {"second", "minute", "hour", "day", "kb", "bytes", "attempts"})
    if (base::codec::istarts_with_ascii(rest, unit)) return std::nullopt;
  if (klass == '2' && (rest.empty() || !is_reply_text(text.substr(at + 3)))) return std::nullopt;
  return (klass - '0') * 100 + (text[at + 1] - '0') * 10 + (text[at + 2] - '0');
}

/// A status at `at`, and how long it is.
std::optional<EnhancedStatus> status_at(std::string_view text, std::size_t at) {
  if (at > 0 && (is_digit(text[at - 1]) || is_alpha(text[at - 1]) || text[at - 1] == '.')) return std::nullopt;
  const char klass = text[at];
  if (klass != '2' && klass != '4' && klass != '5') return std::nullopt;
  const char* p = text.data() + at + 1;
  const char* const end = text.data() + text.size();
  EnhancedStatus status{.klass = static_cast<std::uint8_t>(klass - '0')};
  for (std::uint16_t* const part : {&status.subject, &status.detail}) {
    if (p == end || *p != '.') return std::nullopt;
    const auto result = std::from_chars(p + 1, end, *part);
    if (result.ec != std::errc{} || result.ptr - p > 4) return std::nullopt;
    p = result.ptr;
  }
  if (p != end && (is_digit(*p) || (is_alpha(*p)))) return std::nullopt;
  if (p != end && *p == '.' && p + 1 != end && is_digit(p[1])) return std::nullopt;  // an IP address
  if (status.subject > 7) return std::nullopt;                                       // a version number
  return status;
}

/// How much a status tells; of two with the same the earlier one counts.
int weight(EnhancedStatus status, int code) {
  int value = status.klass == code / 100 || code == 0 ? 2 : 0;
  if (status.subject != 0 || status.detail != 0) value += 1;
  return value;
}

}  // namespace

ReplyCodes find_reply_codes(std::string_view text) {
  text = text.substr(0, kMaxText);
  ReplyCodes found;
  for (std::size_t at = 0; at < text.size() && found.code < 400; ++at) {
    const int code = is_digit(text[at]) ? code_at(text, at).value_or(0) : 0;
    if (code >= 400 || found.code == 0) found.code = code;
  }
  int best = -1;
  for (std::size_t at = 0; at < text.size(); ++at) {
    if (!is_digit(text[at])) continue;
    const auto status = status_at(text, at);
    if (!status || weight(*status, found.code) <= best) continue;
    best = weight(*status, found.code);
    found.status = *status;
  }
  return found;
}

EnhancedStatus parse_status(std::string_view text) {
  const auto begin = text.find_first_not_of(" \t\r\n");
  if (begin == std::string_view::npos) return {};
  return status_at(text, begin).value_or(EnhancedStatus{});
}

}  // namespace veredus::rules::bounce
