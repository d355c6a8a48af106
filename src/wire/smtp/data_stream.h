#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace veredus::wire::smtp {

/// What in a message's octets another server could take for the end of it, or cannot be sent on as it is.
enum class LineFault : std::uint8_t { kNone, kBareCr, kBareLf, kNul };
[[nodiscard]] std::string_view to_string(LineFault fault);

/// Undoes dot-stuffing and finds the end of DATA, in pieces of any size. Only <CRLF>.<CRLF> ends the data (RFC 5321
/// s4.1.1.4). A bare CR, a bare LF or NUL is remembered as a fault, the first one; from then on nothing is given out,
/// but the real end is still looked for, so that what follows the fault is never taken for commands.
class DataStream {
 public:
  struct Progress {
    std::size_t used = 0;  // octets of the input that belong to the data; the rest is the next command
    bool ended = false;
  };

  /// Takes the next octets and appends what they say to `out`. After `ended`, do not feed.
  Progress feed(std::string_view input, std::string& out);

  [[nodiscard]] LineFault fault() const { return fault_; }

 private:
  enum class State : std::uint8_t { kLineStart, kInLine, kCr, kDot, kDotCr };

  /// Where in `input` the scan left off, having appended the octets before it.
  std::size_t scan_line(std::string_view input, std::size_t at, std::string& out);
  bool step(char octet, std::string& out);
  void put(std::string_view octets, std::string& out);
  void note(LineFault fault);

  State state_ = State::kLineStart;  // RFC 5321 s4.1.1.4: the CRLF of the DATA line begins the first line
  LineFault fault_ = LineFault::kNone;
};

/// The same faults in octets that are not dot-stuffed: BDAT chunks of a message that is not BINARYMIME (RFC 3030 s3).
class LineEndingCheck {
 public:
  void feed(std::string_view octets);
  /// Call at the end of the message: a CR as its last octet is bare.
  void finish();

  [[nodiscard]] LineFault fault() const { return fault_; }

 private:
  bool after_cr_ = false;
  LineFault fault_ = LineFault::kNone;
};

/// Appends `octets` dot-stuffed (RFC 5321 s4.5.2) and with a CRLF at the end, without the final dot: the client's
/// side. `octets` is a whole message.
void append_dot_stuffed(std::string& out, std::string_view octets);

}  // namespace veredus::wire::smtp
