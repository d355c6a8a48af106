#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>

#include "io/net/io_error.h"

namespace veredus::doors::imap {

enum class Status : std::uint8_t { kOk, kNo, kBad };

/// What may be told of what others did, before the tagged reply of a command. RFC 9051 s7.5.1: no EXPUNGE while a
/// FETCH, STORE or SEARCH by sequence numbers is answered.
enum class Updates : std::uint8_t {
  kNone,
  kWithoutExpunges,
  kAll,
};

/// How a command ended: the tagged reply. Untagged replies are in the Output by then.
struct Outcome {
  Status status = Status::kOk;
  std::string code;  // response code without brackets: "TRYCREATE", "APPENDUID 7 12"; empty: none
  std::string text;
  Updates updates = Updates::kAll;
  enum class Next : std::uint8_t {
    kCommand,   // the next command
    kStartTls,  // shake hands after the reply
    kDeflate,   // compress after the reply
    kInflate,   // the reply is the last that goes compressed
    kClose,     // the session is over: BYE was sent, or the peer is gone
    kBye,       // over: BYE with `text` is still to be sent
    kEnded,     // over: nothing more can be read, because of `read_error`; BYE is still to be sent, if any
  } next = Next::kCommand;
  io::net::IoError read_error{};

  /// For commands by sequence numbers that may not see them change.
  Outcome without_expunges() && {
    if (updates == Updates::kAll) updates = Updates::kWithoutExpunges;
    return std::move(*this);
  }
};

[[nodiscard]] inline Outcome ok(std::string text) { return {Status::kOk, {}, std::move(text)}; }
[[nodiscard]] inline Outcome ok(std::string code, std::string text) {
  return {Status::kOk, std::move(code), std::move(text)};
}
[[nodiscard]] inline Outcome no(std::string text) { return {Status::kNo, {}, std::move(text)}; }
[[nodiscard]] inline Outcome no(std::string code, std::string text) {
  return {Status::kNo, std::move(code), std::move(text)};
}
[[nodiscard]] inline Outcome bad(std::string text) { return {Status::kBad, {}, std::move(text)}; }
/// The connection broke or stalled in the middle of a command: nothing can be said any more.
[[nodiscard]] inline Outcome gone() {
  Outcome outcome;
  outcome.next = Outcome::Next::kClose;
  return outcome;
}
[[nodiscard]] inline Outcome goodbye(std::string_view why) {
  Outcome outcome;
  outcome.next = Outcome::Next::kBye;
  outcome.text = why;
  return outcome;
}
[[nodiscard]] inline Outcome ended(io::net::IoError error) {
  Outcome outcome;
  outcome.next = Outcome::Next::kEnded;
  outcome.read_error = error;
  return outcome;
}

}  // namespace veredus::doors::imap
