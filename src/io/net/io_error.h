#pragma once

#include <cstdint>
#include <string_view>

namespace veredus::io::net {

enum class IoError : std::uint8_t {
  kEndOfStream,         // the peer has closed its side in order
  kReset,               // the connection broke
  kTimeout,             // the peer was slower than the deadline
  kStopping,            // the server drains: end the session politely (told once; reading on is allowed)
  kCancelled,           // ended from this side: closed, or the task group stopped
  kLineTooLong,         // the line was over its limit; it has been skipped, the next one can be read
  kBareLineFeed,        // LF without CR before it; the line up to that LF has been skipped
  kBareCarriageReturn,  // CR without LF after it; the line up to the next LF has been skipped
  kTlsHandshake,        // the TLS handshake failed
  kTlsCertificate,      // the peer's certificate is not what was asked for (client side)
  kTlsProtocol,         // broken TLS record, or end without close_notify
  kRefused,             // connect: nobody listens there, or the address cannot be reached
  kNoDescriptors,       // out of file descriptors or memory
  kAddressInUse,        // listen: the address is taken
  kNotPermitted,        // listen or connect: the system forbids it
  kAddress,             // the address itself is malformed or unusable
};
[[nodiscard]] std::string_view to_string(IoError error);

/// The last failed system call's errno as an IoError.
[[nodiscard]] IoError io_error_of(int system_error);

}  // namespace veredus::io::net
