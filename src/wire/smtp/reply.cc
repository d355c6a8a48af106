#include "wire/smtp/reply.h"

#include <array>
#include <charconv>

namespace veredus::wire::smtp {
namespace {

constexpr std::size_t kMaxReplyLineOctets = 512;  // RFC 5321 s4.5.3.1.5, with CRLF
constexpr unsigned kMaxReplyLines = 1000;
constexpr std::size_t kMaxReplyTextOctets = 64 * 1024;

void append_number(std::string& out, unsigned value) {
  std::array<char, 12> digits{};
  const auto end = std::to_chars(digits.data(), digits.data() + digits.size(), value).ptr;
  out.append(digits.data(), end);
}

void append_status(std::string& out, EnhancedStatus status) {
  append_number(out, status.klass);
  out.push_back('.');
  append_number(out, status.subject);
  out.push_back('.');
  append_number(out, status.detail);
}

constexpr bool is_control(char c) { return static_cast<unsigned char>(c) < 32 || c == 127; }

void append_line(std::string& out, const Reply& reply, std::string_view text, bool last) {
  const auto begin = out.size();
  append_number(out, static_cast<unsigned>(reply.code));
  out.push_back(last ? ' ' : '-');
  if (reply.status.klass != 0) {
    append_status(out, reply.status);
    out.push_back(' ');
  }
  for (const char c : text) out.push_back(is_control(c) ? '?' : c);
  if (out.size() - begin > kMaxReplyLineOctets - 2) out.resize(begin + kMaxReplyLineOctets - 2);
  out.append("\r\n");
}

/// `c.sss.ddd ` at the front of `text`; leaves what follows. None when there is none.
EnhancedStatus take_status(std::string_view& text, int code) {
  EnhancedStatus status;
  const char* at = text.data();
  const char* const end = at + text.size();
  const auto number = [&](auto& value) {
    const auto result = std::from_chars(at, end, value);
    const bool ok = result.ec == std::errc{} && result.ptr - at <= 3;
    at = result.ptr;
    return ok;
  };
  const auto dot = [&] { return at != end && *at++ == '.'; };
  if (!number(status.klass) || !dot() || !number(status.subject) || !dot() || !number(status.detail)) return {};
  if (status.klass != code / 100 || (at != end && *at != ' ')) return {};
  text.remove_prefix(static_cast<std::size_t>(at - text.data()));
  if (text.starts_with(' ')) text.remove_prefix(1);
  return status;
}

}  // namespace

std::string to_string(EnhancedStatus status) {
  std::string out;
  append_status(out, status);
  return out;
}

Reply make_reply(int code, std::uint16_t subject, std::uint16_t detail, std::string text) {
  return {code, EnhancedStatus{static_cast<std::uint8_t>(code / 100), subject, detail}, std::move(text)};
}

Reply make_plain_reply(int code, std::string text) { return {code, {}, std::move(text)}; }

void append_reply(std::string& out, const Reply& reply) {
  std::string_view rest = reply.text;
  while (true) {
    const auto newline = rest.find('\n');
    append_line(out, reply, rest.substr(0, newline), newline == std::string_view::npos);
    if (newline == std::string_view::npos) return;
    rest.remove_prefix(newline + 1);
  }
}

std::string to_string(const Reply& reply) {
  std::string out;
  append_reply(out, reply);
  return out;
}

std::string_view to_string(ReplyError error) {
  switch (error) {
    case ReplyError::kMalformed:
      return "malformed reply";
    case ReplyError::kCodesDisagree:
      return "lines of one reply have different codes";
    case ReplyError::kTooManyLines:
      return "reply of over 1000 lines";
    case ReplyError::kTooLong:
      return "reply of over 64 KiB";
  }
  return "unknown";
}

std::expected<std::optional<Reply>, ReplyError> ReplyReader::feed(std::string_view line) {
  int code = 0;
  const auto digits = line.substr(0, 3);
  const auto result = std::from_chars(digits.data(), digits.data() + digits.size(), code);
  const bool separated = line.size() == 3 || (line.size() > 3 && (line[3] == ' ' || line[3] == '-'));
  if (digits.size() != 3 || result.ptr != digits.data() + 3 || code < 200 || code > 599 || !separated)
    return std::unexpected(ReplyError::kMalformed);
  if (lines_ != 0 && code != reply_.code) return std::unexpected(ReplyError::kCodesDisagree);
  if (++lines_ > kMaxReplyLines) return std::unexpected(ReplyError::kTooManyLines);
  if (reply_.text.size() + line.size() > kMaxReplyTextOctets) return std::unexpected(ReplyError::kTooLong);

  auto text = line.size() > 4 ? line.substr(4) : std::string_view{};
  const auto status = take_status(text, code);
  if (lines_ == 1) reply_.status = status;
  if (lines_ > 1) reply_.text.push_back('\n');
  reply_.code = code;
  reply_.text.append(text);
  if (line.size() > 3 && line[3] == '-') return std::nullopt;
  lines_ = 0;
  return std::exchange(reply_, {});
}

}  // namespace veredus::wire::smtp
