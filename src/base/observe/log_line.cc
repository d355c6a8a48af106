#include "base/observe/log_line.h"

#include <fmt/format.h>

#include <array>
#include <cmath>
#include <iterator>

#include "base/codec/date.h"
#include "base/codec/utf8.h"

namespace veredus::base::observe {
namespace {

enum class Plainness : std::uint8_t { kBare, kQuoted, kEscaped };

// What an octet asks of the text around it.
constexpr std::array<Plainness, 256> make_plainness() {
  std::array<Plainness, 256> table{};
  for (std::size_t c = 0; c < 256; ++c) table[c] = c > 0x20 && c < 0x7F ? Plainness::kBare : Plainness::kEscaped;
  for (const char c : {' ', '='}) table[static_cast<std::uint8_t>(c)] = Plainness::kQuoted;
  for (const char c : {'"', '\\'}) table[static_cast<std::uint8_t>(c)] = Plainness::kEscaped;
  return table;
}
constexpr auto kPlainness = make_plainness();

Plainness plainness(std::string_view text) {
  auto worst = text.empty() ? Plainness::kQuoted : Plainness::kBare;
  for (const char c : text) worst = std::max(worst, kPlainness[static_cast<std::uint8_t>(c)]);
  return worst;
}

// C1 controls, separators of lines, and marks that change the direction of what stands around them, or nothing visible.
bool is_treacherous(char32_t c) {
  return c < 0x20 || (c >= 0x7F && c <= 0x9F) || c == 0x061C || (c >= 0x200B && c <= 0x200F) ||
         (c >= 0x2028 && c <= 0x202E) || (c >= 0x2060 && c <= 0x206F) || c == 0xFEFF || (c >= 0xFFF9 && c <= 0xFFFB) ||
         (c >= 0xE0000 && c <= 0xE007F);
}

void append_code_point(std::string& line, char32_t c) {
  auto code = static_cast<std::uint32_t>(c);
  if (code >= 0x10000) {  // as JSON has it: two UTF-16 units
    code -= 0x10000;
    fmt::format_to(std::back_inserter(line), "\\u{:04x}", 0xD800 + (code >> 10));
    code = 0xDC00 + (code & 0x3FF);
  }
  fmt::format_to(std::back_inserter(line), "\\u{:04x}", code);
}

// Valid inside the quotes of JSON and of text alike.
void append_escaped(std::string& line, std::string_view text, LogFormat format) {
  while (!text.empty()) {
    const auto character = codec::first_utf8_character(text);
    const char32_t c = character.code_point;
    if (character.octets == 0) {
      const std::string_view backslash = format == LogFormat::kJson ? "\\\\" : "\\";
      fmt::format_to(std::back_inserter(line), "{}x{:02x}", backslash, static_cast<std::uint8_t>(text.front()));
    } else if (c == U'"' || c == U'\\') {
      line.push_back('\\');
      line.push_back(text.front());
    } else if (c == U'\n') {
      line.append("\\n");
    } else if (c == U'\r') {
      line.append("\\r");
    } else if (c == U'\t') {
      line.append("\\t");
    } else if (is_treacherous(c)) {
      append_code_point(line, c);
    } else {
      line.append(text.substr(0, character.octets));
    }
    text.remove_prefix(character.octets == 0 ? 1 : character.octets);
  }
}

void append_text(std::string& line, std::string_view text, const LogOptions& options) {
  const bool cut = text.size() > options.value_octets;
  if (cut) text = codec::utf8_prefix(text, options.value_octets);
  const Plainness plain = plainness(text);
  const bool quotes = options.format == LogFormat::kJson || plain != Plainness::kBare;
  if (quotes) line.push_back('"');
  if (plain == Plainness::kEscaped)
    append_escaped(line, text, options.format);
  else
    line.append(text);
  if (cut) line.append("...");
  if (quotes) line.push_back('"');
}

struct AppendValue {
  std::string& line;
  const LogOptions& options;
  void operator()(std::string_view value) const { append_text(line, value, options); }
  void operator()(bool value) const { line.append(value ? "true" : "false"); }
  void operator()(double value) const {
    if (std::isfinite(value))
      fmt::format_to(std::back_inserter(line), "{}", value);
    else
      line.append("null");
  }
  template <std::integral T>
  void operator()(T value) const {
    const fmt::format_int text(value);
    line.append(text.data(), text.size());
  }
};

// The calendar is worked out once for each second.
void append_time(std::string& line, SystemTime now) {
  struct Second {
    std::chrono::sys_seconds at{std::chrono::seconds(-1)};
    std::string text;
  };
  thread_local Second last;
  const auto second = std::chrono::floor<std::chrono::seconds>(now);
  if (second != last.at || last.text.empty()) {
    last.text = codec::format_rfc3339(second);
    last.text.pop_back();  // the Z
    last.at = second;
  }
  const auto fraction = static_cast<unsigned>((now - second).count());
  const char milliseconds[] = {'.', static_cast<char>('0' + fraction / 100),
                               static_cast<char>('0' + fraction / 10 % 10), static_cast<char>('0' + fraction % 10),
                               'Z'};
  line.append(last.text).append(milliseconds, sizeof(milliseconds));
}

}  // namespace

void append_log_line(std::string& line, const LogOptions& options, SystemTime now, Level level, std::string_view event,
                     std::initializer_list<Field> fields) {
  const AppendValue append{line, options};
  if (options.format == LogFormat::kText) {
    append_time(line, now);
    line.append(" ").append(to_string(level)).append(" ").append(event);
    for (const Field& field : fields) {
      line.append(" ").append(field.name).append("=");
      std::visit(append, field.value);
    }
    line.push_back('\n');
    return;
  }
  line.append("{\"time\":\"");
  append_time(line, now);
  line.append("\",\"level\":\"").append(to_string(level)).append("\",\"event\":\"").append(event).push_back('"');
  for (const Field& field : fields) {
    line.append(",\"").append(field.name).append("\":");
    std::visit(append, field.value);
  }
  line.append("}\n");
}

}  // namespace veredus::base::observe
