#include "work/transfer/transfer_error.h"

#include "base/codec/utf8.h"

namespace veredus::work::transfer {

std::string_view to_string(TransferError error) {
  switch (error) {
    case TransferError::kNoSuchHost:
      return "no such host";
    case TransferError::kNoDns:
      return "its address cannot be found out now";
    case TransferError::kConnect:
      return "nobody answers there";
    case TransferError::kTls:
      return "no TLS with it";
    case TransferError::kCertificate:
      return "its certificate is not to be trusted";
    case TransferError::kNoStartTls:
      return "it offers no STARTTLS";
    case TransferError::kNoLogin:
      return "it offers no login that can be used here";
    case TransferError::kRefused:
      return "it refuses";
    case TransferError::kBye:
      return "it ended the session";
    case TransferError::kProtocol:
      return "it does not speak IMAP as it should";
    case TransferError::kLost:
      return "the connection broke";
    case TransferError::kTimeout:
      return "it says nothing any more";
    case TransferError::kStore:
      return "the message cannot be kept here";
    case TransferError::kQuota:
      return "the account's quota is used up";
    case TransferError::kStopped:
      return "stopped";
  }
  return "unknown error";
}

Permanence permanence(TransferError error) {
  switch (error) {
    case TransferError::kNoDns:
    case TransferError::kConnect:
    case TransferError::kBye:
    case TransferError::kLost:
    case TransferError::kTimeout:
      return Permanence::kTemporary;
    default:
      return Permanence::kPermanent;
  }
}

std::string TransferFailure::text() const {
  std::string text(to_string(error));
  if (!detail.empty()) text.append(": ").append(base::codec::replace_invalid_utf8(detail));
  return text;
}

}  // namespace veredus::work::transfer
