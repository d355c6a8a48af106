#include "work/smtpclient/connection_error.h"

namespace veredus::work::smtpclient {

std::string_view to_string(ConnectionError error) {
  switch (error) {
    case ConnectionError::kRefused:
      return "connection refused";
    case ConnectionError::kConnectTimeout:
      return "connection timed out";
    case ConnectionError::kSource:
      return "cannot connect from the source address";
    case ConnectionError::kLost:
      return "the peer closed the connection";
    case ConnectionError::kTimeout:
      return "the peer did not answer in time";
    case ConnectionError::kClosing:
      return "the peer ended the session";
    case ConnectionError::kRejected:
      return "the peer refused the session";
    case ConnectionError::kProtocol:
      return "the peer does not speak SMTP";
    case ConnectionError::kReplyTooLong:
      return "the peer's reply is too long";
    case ConnectionError::kTlsUnavailable:
      return "TLS is required, and the peer has none";
    case ConnectionError::kTlsHandshake:
      return "TLS handshake failed";
    case ConnectionError::kTlsCertificate:
      return "the peer's certificate is not trusted";
    case ConnectionError::kTlsPolicy:
      return "the domain's TLS policy keeps mail from this host";
    case ConnectionError::kAuthUnavailable:
      return "no usable way to authenticate";
    case ConnectionError::kAuthRejected:
      return "authentication failed";
    case ConnectionError::kBody:
      return "the message could not be read";
    case ConnectionError::kGateClosed:
      return "the attempt could not be recorded";
    case ConnectionError::kStopped:
      return "stopped";
  }
  return "unknown";
}

wire::smtp::EnhancedStatus status_of(ConnectionError error) {
  switch (error) {
    case ConnectionError::kRefused:
    case ConnectionError::kConnectTimeout:
    case ConnectionError::kSource:
      return {4, 4, 1};  // RFC 3463 s3.5: no answer from host
    case ConnectionError::kLost:
    case ConnectionError::kTimeout:
    case ConnectionError::kClosing:
    case ConnectionError::kRejected:
      return {4, 4, 2};  // RFC 3463 s3.5: bad connection
    case ConnectionError::kProtocol:
    case ConnectionError::kReplyTooLong:
      return {4, 5, 0};  // RFC 3463 s3.6: other protocol status
    case ConnectionError::kTlsUnavailable:
    case ConnectionError::kTlsHandshake:
      return {4, 7, 5};  // RFC 3463 s3.8: cryptographic failure
    case ConnectionError::kTlsCertificate:
    case ConnectionError::kTlsPolicy:
      return {4, 7, 5};
    case ConnectionError::kAuthUnavailable:
    case ConnectionError::kAuthRejected:
      return {4, 7, 8};  // RFC 4954 s6: credentials invalid
    case ConnectionError::kBody:
    case ConnectionError::kGateClosed:
    case ConnectionError::kStopped:
      return {4, 3, 0};  // RFC 3463 s3.4: other mail system status
  }
  return {4, 0, 0};
}

std::string_view to_string(Stage stage) {
  switch (stage) {
    case Stage::kConnect:
      return "connect";
    case Stage::kGreeting:
      return "greeting";
    case Stage::kHello:
      return "EHLO";
    case Stage::kStartTls:
      return "STARTTLS";
    case Stage::kAuth:
      return "AUTH";
    case Stage::kMail:
      return "MAIL";
    case Stage::kRecipient:
      return "RCPT";
    case Stage::kData:
      return "DATA";
    case Stage::kBody:
      return "message";
    case Stage::kFinal:
      return "end of message";
  }
  return "unknown";
}

Permanence ConnectFailure::permanence() const {
  const bool for_good = error == ConnectionError::kRejected && reply && reply->permanent();
  return for_good ? Permanence::kPermanent : Permanence::kTemporary;
}

}  // namespace veredus::work::smtpclient
