#include "base/codec/quoted_printable.h"

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <cstring>

#include "base/codec/hex.h"

namespace veredus::base::codec {
namespace {

constexpr std::size_t kMaxLine = 76;       // RFC 2045 s6.7 rule 5
constexpr std::size_t kHeldOctets = 4096;  // white space longer than this is text
constexpr std::size_t kPieceOctets = 256;  // taken at a time to learn what held octets mean

constexpr std::array<std::int8_t, 256> make_hex_values() {
  std::array<std::int8_t, 256> values{};
  for (std::size_t c = 0; c < 256; ++c) values[c] = static_cast<std::int8_t>(hex_value(static_cast<char>(c)));
  return values;
}
constexpr auto kHexValues = make_hex_values();

bool is_space(char c) { return c == ' ' || c == '\t'; }

// Builds lines of at most 76 characters.
class LineWriter {
 public:
  explicit LineWriter(std::string& out) : out_(out) {}

  void put(char c) {
    make_room(1);
    out_.push_back(c);
    ++column_;
  }
  void put_quoted(char c) {
    constexpr std::string_view kDigits = "0123456789ABCDEF";
    make_room(3);
    const auto octet = static_cast<std::uint8_t>(c);
    out_.push_back('=');
    out_.push_back(kDigits[octet >> 4]);
    out_.push_back(kDigits[octet & 0xF]);
    column_ += 3;
  }
  void end_line() {
    out_.append("\r\n");
    column_ = 0;
  }
  [[nodiscard]] bool at_start() const { return column_ == 0; }

 private:
  // One column stays free for the '=' of a soft line break.
  void make_room(std::size_t width) {
    if (column_ + width <= kMaxLine - 1) return;
    out_.append("=\r\n");
    column_ = 0;
  }
  std::string& out_;
  std::size_t column_ = 0;
};

bool ends_line(std::string_view text, std::size_t i) {
  return i == text.size() || text[i] == '\n' || (text[i] == '\r' && i + 1 < text.size() && text[i + 1] == '\n');
}

bool needs_quoting(char c) {
  return c == '=' || (static_cast<std::uint8_t>(c) < 0x20 && c != '\t') || static_cast<std::uint8_t>(c) > 0x7E;
}

std::string encode(std::string_view text, bool lines) {
  std::string out;
  out.reserve(text.size() + text.size() / 8 + 16);
  LineWriter writer(out);
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    if (lines && c == '\r' && i + 1 < text.size() && text[i + 1] == '\n') continue;
    if (lines && c == '\n') {
      writer.end_line();
      continue;
    }
    const bool last_space = is_space(c) && (lines ? ends_line(text, i + 1) : i + 1 == text.size());
    // "From " gains a '>' in mbox files, "." is SMTP's own (RFC 5321 s4.5.2); RFC 2049 s3 (8), (9).
    const bool fragile = writer.at_start() && (c == '.' || (c == 'F' && text.substr(i).starts_with("From ")));
    if (needs_quoting(c) || last_space || fragile)
      writer.put_quoted(c);
    else
      writer.put(c);
  }
  return out;
}

// How many octets at the end of an unfinished line only the next piece can explain: `=`, `=X`, or [=] white space [CR].
std::size_t undecided(std::string_view text) {
  if (text.size() >= 2 && text[text.size() - 2] == '=' && hex_value(text.back()) >= 0) return 2;
  std::size_t begin = text.size();
  if (begin > 0 && text[begin - 1] == '\r') --begin;
  while (begin > 0 && is_space(text[begin - 1])) --begin;
  if (begin > 0 && text[begin - 1] == '=') --begin;
  return text.size() - begin;
}

}  // namespace

std::string qp_encode(std::string_view text) { return encode(text, true); }

std::string qp_encode_binary(std::string_view octets) { return encode(octets, false); }

void QuotedPrintableDecoder::feed(std::string_view in, std::string& out) {
  const std::size_t before = out.size();
  out.resize_and_overwrite(before + held_.size() + in.size(), [&](char* const start, std::size_t) {
    char* to = start + before;
    while (!held_.empty() && !in.empty()) {
      const std::size_t line_end = in.substr(0, kPieceOctets).find('\n');
      const std::size_t piece = line_end == std::string_view::npos ? std::min(kPieceOctets, in.size()) : line_end + 1;
      std::string joined = std::move(held_);
      held_.clear();
      joined.append(in.substr(0, piece));
      in.remove_prefix(piece);
      to = decode(joined, to);
    }
    if (!in.empty()) to = decode(in, to);
    return static_cast<std::size_t>(to - start);
  });
}

// Decodes whole lines, and of an unfinished last one all but what goes into held_. Never writes more than it reads.
char* QuotedPrintableDecoder::decode(std::string_view in, char* out) {
  while (!in.empty()) {
    const auto* const newline = static_cast<const char*>(std::memchr(in.data(), '\n', in.size()));
    if (newline == nullptr) break;
    std::string_view line = in.substr(0, static_cast<std::size_t>(newline - in.data()));
    in.remove_prefix(line.size() + 1);
    const bool carriage_return = line.ends_with('\r');
    if (carriage_return) line.remove_suffix(1);
    while (!line.empty() && is_space(line.back())) line.remove_suffix(1);
    if (line.ends_with('=')) {  // a soft line break, perhaps with white space added on the way
      line.remove_suffix(1);
      out = decode_line(line, out);
      continue;
    }
    out = decode_line(line, out);
    if (carriage_return) *out++ = '\r';
    *out++ = '\n';
  }
  std::size_t held = undecided(in);
  if (held > kHeldOctets) held = 0;
  held_.assign(in.substr(in.size() - held));
  return decode_line(in.substr(0, in.size() - held), out);
}

// Decodes what has no line end and no escape cut short.
char* QuotedPrintableDecoder::decode_line(std::string_view line, char* out) {
  const char* from = line.data();
  const char* const end = from + line.size();
  while (true) {
    const char* const near = from + std::min<std::ptrdiff_t>(end - from, 8);  // between escapes, words are short
    while (from != near && *from != '=') *out++ = *from++;
    if (from == end) return out;
    if (*from != '=') {
      const auto* const escape = static_cast<const char*>(std::memchr(from, '=', static_cast<std::size_t>(end - from)));
      const char* const stop = escape == nullptr ? end : escape;
      std::memcpy(out, from, static_cast<std::size_t>(stop - from));
      out += stop - from;
      from = stop;
      continue;
    }
    const int high = end - from >= 3 ? kHexValues[static_cast<std::uint8_t>(from[1])] : -1;
    const int low = high >= 0 ? kHexValues[static_cast<std::uint8_t>(from[2])] : -1;
    if (low >= 0) {
      *out++ = static_cast<char>(high << 4 | low);
      from += 3;
    } else {  // RFC 2045 s6.7: show it as it is
      malformed_ = true;
      *out++ = *from++;
    }
  }
}

void QuotedPrintableDecoder::finish(std::string& out) {
  std::string_view last = held_;
  const bool carriage_return = last.ends_with('\r');
  if (carriage_return) last.remove_suffix(1);
  while (!last.empty() && is_space(last.back())) last.remove_suffix(1);
  if (last != "=") {
    if (last.starts_with('=')) malformed_ = true;
    out.append(last);
    if (carriage_return) out.push_back('\r');
  }
  held_.clear();
}

}  // namespace veredus::base::codec
