#pragma once

#include <cstdint>
#include <expected>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

namespace veredus::wire::smtp {

/// RFC 3463 s2: `class.subject.detail`; none when the class is 0.
struct EnhancedStatus {
  std::uint8_t klass = 0;  // 2, 4 or 5
  std::uint16_t subject = 0;
  std::uint16_t detail = 0;

  friend auto operator<=>(const EnhancedStatus&, const EnhancedStatus&) = default;
};
[[nodiscard]] std::string to_string(EnhancedStatus status);

/// One reply. A plain value.
struct Reply {
  int code = 0;           // 200..599
  EnhancedStatus status;  // repeated on every line (RFC 2034 s4); left out when none
  std::string text;       // lines are separated by '\n'; UTF-8 only when the peer asked for it

  [[nodiscard]] bool positive() const { return code < 400; }
  [[nodiscard]] bool permanent() const { return code >= 500; }
  friend bool operator==(const Reply&, const Reply&) = default;
};

/// A reply whose enhanced status has the class of its code: `make_reply(550, 1, 1, "…")` is `550 5.1.1 …`.
[[nodiscard]] Reply make_reply(int code, std::uint16_t subject, std::uint16_t detail, std::string text);
/// A reply without an enhanced status: greetings, EHLO, 3xx (RFC 2034 s4).
[[nodiscard]] Reply make_plain_reply(int code, std::string text);

/// Appends the reply as it goes over the wire, every line with its CRLF. Control characters in the text become '?'
/// and lines are cut at 512 octets (RFC 5321 s4.5.3.1.5).
void append_reply(std::string& out, const Reply& reply);
[[nodiscard]] std::string to_string(const Reply& reply);

enum class ReplyError : std::uint8_t {
  kMalformed,      // no three digits, or a separator that is neither ' ' nor '-'
  kCodesDisagree,  // RFC 5321 s4.2.1: lines of one reply with different codes
  kTooManyLines,   // over 1,000
  kTooLong,        // over 64 KiB of text
};
[[nodiscard]] std::string_view to_string(ReplyError error);

/// Puts the lines of one received reply together (the client's side).
class ReplyReader {
 public:
  /// Takes one line without its CRLF. Answers the reply when this was its last line, else nullopt. Feed no more after
  /// an error.
  std::expected<std::optional<Reply>, ReplyError> feed(std::string_view line);
  /// Some lines of a reply were fed, and its last was not.
  [[nodiscard]] bool within_reply() const { return lines_ != 0; }

 private:
  Reply reply_;
  unsigned lines_ = 0;
};

}  // namespace veredus::wire::smtp
