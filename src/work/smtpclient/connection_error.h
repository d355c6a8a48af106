#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/types/result.h"
#include "wire/smtp/reply.h"

namespace veredus::work::smtpclient {

/// Why there is no connection, or no longer one.
enum class ConnectionError : std::uint8_t {
  kRefused,          // nobody listens there, or the address cannot be reached
  kConnectTimeout,   // RFC 5321 s4.5.3.2: nobody answered the connect
  kSource,           // the source address is not one of this machine, or no descriptors are left
  kLost,             // the peer closed or reset it
  kTimeout,          // RFC 5321 s4.5.3.2: no reply in time
  kClosing,          // RFC 5321 s3.8: 421
  kRejected,         // the greeting or the reply to EHLO says no
  kProtocol,         // what came is no SMTP reply
  kReplyTooLong,     // a line, or a reply, over its limit
  kTlsUnavailable,   // TLS is asked for, and the peer does not offer it or refuses it
  kTlsHandshake,     // the handshake failed
  kTlsCertificate,   // the certificate is not trusted, or not this host's
  kTlsPolicy,        // DANE or MTA-STS does not let mail go to this host now; nothing was said to it
  kAuthUnavailable,  // no mechanism of ours is offered, or none that may be used without TLS
  kAuthRejected,     // the relay does not take our user and secret
  kBody,             // our own store could not give the message
  kGateClosed,       // the attempt could not be marked: nothing may be sent
  kStopped,          // this server stops
};
[[nodiscard]] std::string_view to_string(ConnectionError error);
/// For failures without a reply, and of authentication (which is ours to mend): temporary all.
[[nodiscard]] wire::smtp::EnhancedStatus status_of(ConnectionError error);

/// How far a session was.
enum class Stage : std::uint8_t {
  kConnect,
  kGreeting,
  kHello,
  kStartTls,
  kAuth,
  kMail,
  kRecipient,
  kData,
  kBody,
  kFinal
};
[[nodiscard]] std::string_view to_string(Stage stage);

/// Why a connection did not come to be.
struct ConnectFailure {
  ConnectionError error = ConnectionError::kLost;
  Stage stage = Stage::kConnect;
  std::optional<wire::smtp::Reply> reply;  // what the peer said, if it was that
  std::string detail;                      // OpenSSL's words, a SASL error…; for people

  /// Permanent only where the peer said so for good: a 5xx greeting or EHLO reply (RFC 5321 s3.1: 554).
  [[nodiscard]] Permanence permanence() const;
};

}  // namespace veredus::work::smtpclient
