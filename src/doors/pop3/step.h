#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>

#include "base/types/ids.h"
#include "state/mailbox/message.h"
#include "state/mailbox/uid_set.h"
#include "work/doorstep/line_error.h"
#include "work/login/step.h"

namespace veredus::doors::pop3 {

/// What a Session wants done next, and by which member function the answer comes back. Before doing it, whoever runs
/// the session sends on what `replies()` holds, or keeps it in order before what the step sends.

/// The next line, without CRLF -> line(), or bad_line() when it broke a rule of lines.
struct ReadLine {
  std::size_t max_octets;  // with CRLF
};
/// Why a line could not be read; it has been skipped.
using work::doorstep::LineError;

/// Steps of a login -> password_checked() or scram_keys().
using work::login::AuthorizeScram;
using work::login::AuthRefusal;
using work::login::CheckPassword;
using work::login::FetchScramKeys;
/// Somebody failed to authenticate; to be counted against address and account -> auth_failure_noted().
struct NoteAuthFailure {
  std::string user;  // empty: it did not come so far
};

/// Enter the account and look at its INBOX -> maildrop_opened().
struct OpenMaildrop {
  AccountId account;
  bool utf8 = false;  // the client has said that it reads UTF-8 in headers (RFC 6856 s2)
};
enum class OpenRefusal : std::uint8_t {
  kInUse,       // another session has it
  kLoginDelay,  // logged in too short a time ago
  kTemporary,   // storage does not answer now
  kPermanent,   // somebody has to repair something
};
[[nodiscard]] std::string_view to_string(OpenRefusal refusal);

/// Look whether others removed messages -> message_checked(). Then the session says what to send.
struct LookForRemovals {};
/// Send `first_line`, the message and its end -> message_sent(). When the first octets cannot be read, nothing is sent
/// and the answer is why; when later ones cannot, close.
struct SendMessage {
  std::uint32_t number = 0;
  state::mailbox::StoredBody body;
  std::uint32_t header_octets = 0;          // the surrogate of so many octets goes in their place (RFC 6858); 0: none
  std::optional<std::uint32_t> body_lines;  // of TOP; nullopt: the whole message
  std::string first_line;
};
enum class SendFailure : std::uint8_t { kGone, kTemporary, kPermanent };

/// Send the replies, drop what input there is, shake hands -> tls_started(). When it fails, close.
struct StartTls {};

/// Remove these at the end of the session -> messages_removed().
struct RemoveMessages {
  state::mailbox::UidSet uids;
};

/// Send the replies and close.
struct Close {
  std::string_view why;  // for the log
};

using Step = std::variant<ReadLine, CheckPassword, FetchScramKeys, AuthorizeScram, NoteAuthFailure, OpenMaildrop,
                          LookForRemovals, SendMessage, StartTls, RemoveMessages, Close>;

}  // namespace veredus::doors::pop3
