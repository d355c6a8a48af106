#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/types/result.h"

namespace veredus::work::transfer {

enum class TransferError : std::uint8_t {
  kNoSuchHost,
  kNoDns,
  kConnect,
  kTls,
  kCertificate,
  kNoStartTls,
  kNoLogin,   // the server offers none that we have
  kRefused,   // NO or BAD to a command
  kBye,       // the server ends the session
  kProtocol,  // what it says is no IMAP
  kLost,
  kTimeout,
  kStore,  // our own mailboxes
  kQuota,
  kStopped,
};
[[nodiscard]] std::string_view to_string(TransferError error);
/// Whether another connection, a little later, may get further.
[[nodiscard]] Permanence permanence(TransferError error);

struct TransferFailure {
  TransferError error{};
  std::string detail;  // the server's words, or ours; for people

  [[nodiscard]] std::string text() const;
};

}  // namespace veredus::work::transfer
