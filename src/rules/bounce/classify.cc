#include "rules/bounce/classify.h"

#include <optional>

#include "base/codec/ascii.h"
#include "rules/bounce/phrases.h"
#include "rules/bounce/provider.h"
#include "rules/bounce/reply_codes.h"
#include "rules/bounce/session_step.h"
#include "rules/bounce/status_meaning.h"

namespace veredus::rules::bounce {
namespace {

using enum Category;

struct Evidence {
  std::string normal;
  ReplyCodes codes;
  std::string_view command;
  bool hearsay = false;
  Category by_status = kUndefined;
};

/// Words like "user unknown" are believed when they answer RCPT or come with a status that says the same. Said after
/// the recipient had been accepted they are how filters of recipients, and of whole systems, say that they do not want
/// this message.
Category unknown_user(const Evidence& evidence, Proof proof) {
  if (evidence.command == "RCPT" || proof == Proof::kDirectory) return kUserUnknown;
  if (evidence.by_status == kUserUnknown || evidence.by_status == kHasMoved || evidence.by_status == kHostUnknown)
    return evidence.by_status;
  if (evidence.command == "DATA") return kFiltered;
  if (evidence.by_status == kSuspended || evidence.by_status == kFiltered) return kFiltered;
  // 5.7.1 and 5.3.0 say nothing of their own with many servers; in a reply of theirs the words do, where
  // they name a user.
  const bool bland = evidence.by_status == kSecurityError || evidence.by_status == kSystemError;
  if (bland && (evidence.hearsay || proof == Proof::kVague)) return kFiltered;
  // Nobody is called unknown for good on hearsay of which neither step nor status is told.
  const bool told = evidence.codes.status.klass != 0 && evidence.codes.code != 0;
  if (evidence.hearsay && !told) return kFiltered;
  return kUserUnknown;
}

/// Without telling words: when in the session was it refused?
Category by_command(const Evidence& evidence) {
  const bool refused = evidence.codes.code >= 500;
  if (evidence.command == "CONN" || evidence.command == "EHLO") return kBlocked;
  if (evidence.command == "MAIL" && refused) return kRejected;
  if (evidence.command == "RCPT" && refused && evidence.codes.code != 554) return kUserUnknown;
  return kUndefined;
}

Category by_code(const Evidence& evidence) {
  const int code = evidence.codes.code;
  if (code == 0) return evidence.by_status;
  if (code == 552) return kMailboxFull;
  if (code / 10 == 50) return kSyntaxError;
  return kOnHold;
}

struct Verdict {
  Category category;
  Basis basis;
};

Verdict judge(const Evidence& evidence) {
  if (evidence.codes.code >= 200 && evidence.codes.code < 300) return {kDelivered, Basis::kCode};
  if (const auto saying = find_saying(evidence.normal)) {
    const Category category = saying->category;
    if (category == kUserUnknown) return {unknown_user(evidence, saying->proof), Basis::kWords};
    if (category == kHostUnknown && evidence.codes.status.klass == 4)
      return {kNetworkError, Basis::kWords};  // it may come back
    if (category == kMessageTooBig && evidence.by_status == kExceedLimit && evidence.codes.status.klass == 5)
      return {kExceedLimit, Basis::kWords};
    return {category, Basis::kWords};
  }
  const bool refused = evidence.codes.code >= 500 || evidence.codes.status.klass == 5;
  if (evidence.command == "MAIL" && refused && evidence.by_status == kSecurityError) return {kRejected, Basis::kStep};
  const bool greeting = evidence.command == "CONN" || evidence.command == "EHLO";
  if (greeting && refused && evidence.by_status == kSecurityError) return {kBlocked, Basis::kStep};
  if (evidence.by_status != kUndefined && evidence.by_status != kOnHold) return {evidence.by_status, Basis::kStatus};
  if (const auto category = by_command(evidence); category != kUndefined) return {category, Basis::kStep};
  if (const auto category = by_code(evidence); category != kUndefined) return {category, Basis::kCode};
  return {kUndefined, Basis::kNothing};
}

Classification classify(Evidence evidence, const Circumstances& around) {
  const bool vague = evidence.codes.status.subject == 0 && evidence.codes.status.detail == 0;
  if (evidence.codes.status.klass == 0 || (vague && around.status.klass != 0)) evidence.codes.status = around.status;
  evidence.command = around.command;
  evidence.hearsay = around.hearsay;
  evidence.by_status = category_by_status(evidence.codes.status);
  const Verdict verdict = judge(evidence);
  // A temporary status says that another try may succeed, whatever the words.
  const auto klass = evidence.codes.status.klass;
  const bool temporary = klass == 4 || (klass == 0 && evidence.codes.code / 100 == 4);
  return {.category = verdict.category,
          .basis = verdict.basis,
          .hard = is_hard(verdict.category) && !temporary,
          .provider = provider_of(around.remote_mta, evidence.normal)};
}

}  // namespace

Classification classify_text(std::string_view text, const Circumstances& around) {
  if (around.command.empty()) {
    auto with_step = around;
    with_step.command = find_step(text);
    return classify({.normal = normal_text(text), .codes = find_reply_codes(text), .command = {}}, with_step);
  }
  return classify({.normal = normal_text(text), .codes = find_reply_codes(text), .command = {}}, around);
}

Classification classify_reply(const wire::smtp::Reply& reply, const Circumstances& around) {
  ReplyCodes codes{.code = reply.code, .status = reply.status};
  if (codes.status.klass == 0) codes.status = find_reply_codes(reply.text).status;
  return classify({.normal = normal_text(reply.text), .codes = codes, .command = {}}, around);
}

}  // namespace veredus::rules::bounce
