#include "io/net/io_error.h"

#include <cerrno>

namespace veredus::io::net {

std::string_view to_string(IoError error) {
  switch (error) {
    case IoError::kEndOfStream:
      return "end of stream";
    case IoError::kReset:
      return "connection broken";
    case IoError::kTimeout:
      return "timeout";
    case IoError::kStopping:
      return "server is stopping";
    case IoError::kCancelled:
      return "cancelled";
    case IoError::kLineTooLong:
      return "line too long";
    case IoError::kBareLineFeed:
      return "bare line feed";
    case IoError::kBareCarriageReturn:
      return "bare carriage return";
    case IoError::kTlsHandshake:
      return "TLS handshake failed";
    case IoError::kTlsCertificate:
      return "certificate not trusted";
    case IoError::kTlsProtocol:
      return "TLS broken off";
    case IoError::kRefused:
      return "connection refused";
    case IoError::kNoDescriptors:
      return "out of file descriptors or memory";
    case IoError::kAddressInUse:
      return "address in use";
    case IoError::kNotPermitted:
      return "not permitted";
    case IoError::kAddress:
      return "unusable address";
  }
  return "unknown error";
}

IoError io_error_of(int system_error) {
  switch (system_error) {
    case ETIMEDOUT:
      return IoError::kTimeout;
    case ECANCELED:
    case EBADF:
      return IoError::kCancelled;
    case ECONNREFUSED:
    case EHOSTUNREACH:
    case ENETUNREACH:
    case EHOSTDOWN:
    case ENOENT:
    case EAGAIN:  // connect to a UNIX socket whose backlog is full
      return IoError::kRefused;
    case EMFILE:
    case ENFILE:
    case ENOBUFS:
    case ENOMEM:
      return IoError::kNoDescriptors;
    case EADDRINUSE:
      return IoError::kAddressInUse;
    case EACCES:
    case EPERM:
      return IoError::kNotPermitted;
    case EADDRNOTAVAIL:
    case EAFNOSUPPORT:
    case EINVAL:
    case ENAMETOOLONG:
    case ENOTDIR:
      return IoError::kAddress;
    default:
      return IoError::kReset;
  }
}

}  // namespace veredus::io::net
