#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/types/clock.h"
#include "rules/arc/arc_set.h"
#include "rules/dkim/received_message.h"
#include "rules/dkim/verification.h"
#include "rules/inquiry/inquiry.h"
#include "wire/mime/header_block.h"

namespace veredus::rules::arc {

/// RFC 8617 s4.4.
enum class Result : std::uint8_t { kNone, kPass, kFail };
[[nodiscard]] std::string_view to_string(Result result);

/// One hop of a chain.
struct Hop {
  unsigned instance = 0;
  std::string domain;  // that sealed it
  std::string selector;
  std::string results;  // what it says of the message it got: the value of ARC-Authentication-Results after i=
};

struct Verdict {
  Result result = Result::kNone;
  bool temporary = false;    // DNS did not answer; another attempt may come to another result
  unsigned oldest_pass = 0;  // from this instance on nobody changed the message (RFC 8617 s5.2); 0: from the first
  std::vector<Hop> hops;     // instance 1 first
  std::string problem;       // in words, when it failed
};

/// Checks a message's chain; used as dkim::Verification. Stays where it is while the inquiry lives.
class Validation {
 public:
  /// Before the body of `message`. kRefused: a chain whose last message signature leaves text after its l= unsigned
  /// fails.
  Validation(dkim::ReceivedMessage* message, SystemTime now,
             dkim::PartialBodies partial_bodies = dkim::PartialBodies::kAccepted);

  /// Once the message has ended; asks for keys.
  inquiry::Inquiry<Verdict> finish();

 private:
  /// What came of one signature; an empty problem: it is good.
  struct Check {
    std::string problem;
    bool temporary = false;
  };

  void describe(Verdict& verdict) const;
  /// What can be said of the chain without any key; empty: nothing is wrong.
  [[nodiscard]] std::string structural_problem() const;
  void want_body_hashes();
  inquiry::Inquiry<Check> check_message_signature(std::size_t index);
  inquiry::Inquiry<Check> check_seal(std::size_t index);
  /// Whether the key of `signature` made it over what hashes to `digest`; `name` is the field's, for the problem.
  static inquiry::Inquiry<Check> check_key(const dkim::Signature* signature, std::string digest, std::string name);
  inquiry::Inquiry<unsigned> find_oldest_pass();

  dkim::ReceivedMessage* message_;
  SystemTime now_;
  dkim::PartialBodies partial_bodies_;
  std::vector<ArcSet> sets_;
  std::string malformed_;                                // why there are no sets although there are ARC fields
  std::vector<std::optional<std::size_t>> body_hashes_;  // of each set, of the message's; nullopt: it is not made
};

}  // namespace veredus::rules::arc
