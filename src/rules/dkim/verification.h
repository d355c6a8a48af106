#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/types/clock.h"
#include "rules/dkim/key_record.h"
#include "rules/dkim/received_message.h"
#include "rules/dkim/signature.h"
#include "rules/inquiry/inquiry.h"
#include "wire/mime/header_block.h"

namespace veredus::rules::dkim {

/// RFC 8601 s2.7.1.
enum class Result : std::uint8_t { kNone, kPass, kFail, kPolicy, kNeutral, kTemperror, kPermerror };
/// The RFC's word: "pass", "permerror" …
[[nodiscard]] std::string_view to_string(Result result);

/// What l= may do: it lets others write more under a text that somebody else signed (RFC 6376 s8.2).
enum class PartialBodies : std::uint8_t {
  kRefused,   // text after the signed part makes the result "policy"
  kAccepted,  // as RFC 6376 has it
};

struct Options {
  std::size_t signatures = 8;  // looked at; those above are "neutral"
  PartialBodies partial_bodies = PartialBodies::kRefused;
};

/// What came of one signature.
struct Verdict {
  Result result = Result::kNone;
  std::string domain;           // d=, as far as it could be read
  std::string selector;         // s=
  std::string identity;         // i=
  std::string algorithm;        // a=
  std::string signature_start;  // the first 8 characters of b= (RFC 6008)
  unsigned key_bits = 0;
  bool testing = false;  // the key's t=y (RFC 6376 s3.6.1: no reason to treat the message otherwise)
  bool partial = false;  // text after the signed part
  std::string problem;   // in words, unless it passed
};

/// Checks a message's signatures. Stays where it is while the inquiry lives.
class Verification {
 public:
  /// Before the body of `message`.
  Verification(ReceivedMessage* message, SystemTime now, Options options);

  /// Whether there is any signature field, readable or not.
  [[nodiscard]] bool is_signed() const { return !verdicts_.empty(); }
  /// Once the message has ended; asks for keys. One verdict for each signature field, from the top; empty: the message
  /// has none.
  inquiry::Inquiry<std::vector<Verdict>> finish();

 private:
  /// A signature field that could be read.
  struct Candidate {
    Signature signature;
    wire::mime::Field field;
    std::size_t body_hash = 0;  // of the message's
    std::size_t verdict = 0;    // of verdicts_
  };

  void add(const wire::mime::Field& field);
  inquiry::Inquiry<bool> check(const Candidate* candidate);

  ReceivedMessage* message_;
  SystemTime now_;
  Options options_;
  std::vector<Candidate> candidates_;
  std::vector<Verdict> verdicts_;
};

/// The key of a signature: what DNS has at selector._domainkey.domain.
struct FoundKeys {
  std::vector<KeyRecord> keys;  // empty: `result` and `problem` say why
  Result result = Result::kPermerror;
  std::string problem;
};
inquiry::Inquiry<FoundKeys> find_keys(std::string domain, std::string selector);

/// Whether one of the keys made `signature` over what hashes to `digest`; "" or what is wrong.
std::string check_digest(const std::vector<KeyRecord>& keys, const Signature& signature, std::string_view digest);

}  // namespace veredus::rules::dkim
