#pragma once

#include <string>
#include <string_view>

namespace veredus::wire::smtp {

/// Makes a message ready for DATA, in pieces of any size: lines that begin with a dot get another one (RFC 5321
/// s4.5.2), and a bare CR or LF becomes CRLF, so that no server can take what we send for the end of it where we do not
/// (RFC 5321 s2.3.8).
class DotStuffer {
 public:
  /// Appends what `octets` make to `out`.
  void feed(std::string_view octets, std::string& out);
  /// Appends the end: a CRLF where the last line has none, and the final dot.
  void finish(std::string& out);

 private:
  void append_bare(std::string& out, std::string_view line);

  bool line_begins_ = true;  // the CRLF of the DATA line begins the first line
  bool after_cr_ = false;    // a CR was the last octet fed; it is not written yet
};

}  // namespace veredus::wire::smtp
