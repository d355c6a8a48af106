#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>

#include "base/types/ids.h"
#include "wire/smtp/address.h"
#include "work/delivery/envelope.h"
#include "work/delivery/router.h"
#include "work/doorstep/line_error.h"
#include "work/login/step.h"

namespace veredus::doors::smtp {

/// What a Session wants done next, and by which member function the answer comes back. Before doing it, whoever runs
/// the session sends on what `replies()` holds.

/// The next line, without CRLF -> line(), or bad_line() when it broke a rule of lines.
struct ReadLine {
  std::size_t max_octets;  // with CRLF
};
/// Why a line could not be read; it has been skipped.
using work::doorstep::LineError;

/// May this sender begin a message now? -> gate_answered().
struct AskGate {
  std::optional<wire::smtp::Address> sender;
  std::optional<AccountId> login;  // who must own the sender; nullopt: nobody has authenticated
};
enum class GateVerdict : std::uint8_t {
  kOpen,
  kStoreUnwritable,  // disk full or I/O error
  kTooFast,          // over a message rate
  kStopping,         // the server drains
  kSenderNotOwned,   // the sender is not the account's
};

[[nodiscard]] std::string_view to_string(GateVerdict verdict);

/// Where does this recipient's mail go? -> routed().
struct Route {
  work::delivery::RouteQuery query;
};

/// Steps of a login -> password_checked() or scram_keys().
using work::login::AuthorizeScram;
using work::login::AuthRefusal;
using work::login::CheckPassword;
using work::login::FetchScramKeys;
/// Somebody failed to authenticate; to be counted against address and account -> auth_failure_noted().
struct NoteAuthFailure {
  std::string user;  // empty: it did not come so far
};

/// Send the replies, drop what input there is, shake hands -> tls_started(). When it fails, close.
struct StartTls {};

/// Begin to receive this message -> message_begun().
struct BeginMessage {
  work::delivery::Envelope envelope;
};
/// Send the replies, receive the data up to its final dot, commit -> message_ended().
struct ReceiveData {};
/// Receive this many octets into the message; with `last`, commit -> chunk_received() or, with `last`, message_ended().
struct ReceiveChunk {
  std::uint64_t octets;
  bool last;
};
/// Read this many octets away -> chunk_skipped().
struct SkipChunk {
  std::uint64_t octets;
};

/// Send the replies and close.
struct Close {
  std::string_view why;  // for the log
};

using Step = std::variant<ReadLine, AskGate, Route, CheckPassword, FetchScramKeys, AuthorizeScram, NoteAuthFailure,
                          StartTls, BeginMessage, ReceiveData, ReceiveChunk, SkipChunk, Close>;

}  // namespace veredus::doors::smtp
