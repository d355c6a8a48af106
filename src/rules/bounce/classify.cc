#include "rules/bounce/classify.h"

#include <optional>

#include "base/codec/ascii.h"
#include "rules/bounce/phrases.h"
#include "rules/bounce/provider.h"
#include "rules/bounce/reply_codes.h"
#include "rules/bounce/status_meaning.h"

namespace veredus::rules::bounce {
namespace {

using enum Category;

struct Evidence {
  std::string normal;
  ReplyCodes codes;
  std::string_view command;
  Category by_status = kUndefined;
};

/// Words like "user unknown" are believed when they answer RCPT or come with a status that says the same. Said after
/// the recipient had been accepted they are how filters of recipients, and of whole systems, say that they do not want
/// this message.
Category unknown_user(const Evidence& evidence) {
  if (evidence.command == "RCPT") return kUserUnknown;
  if (evidence.by_status == kUserUnknown || evidence.by_status == kHasMoved || evidence.by_status == kHostUnknown)
    return evidence.by_status;
  if (evidence.command == "DATA") return kFiltered;
  if (evidence.by_status == kSuspended || evidence.by_status == kFiltered || evidence.by_status == kSystemError)
    return kFiltered;
  if (evidence.by_status == kSecurityError) return kFiltered;
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

Category categorize(const Evidence& evidence) {
  if (const auto by_words = category_by_words(evidence.normal)) {
    if (*by_words == kUserUnknown) return unknown_user(evidence);
    if (*by_words == kHostUnknown && evidence.codes.status.klass == 4) return kNetworkError;  // it may come back
    return *by_words;
  }
  if (evidence.command == "MAIL" && evidence.codes.code >= 500 && evidence.by_status == kSecurityError)
    return kRejected;
  if (evidence.by_status != kUndefined && evidence.by_status != kOnHold) return evidence.by_status;
  if (const auto category = by_command(evidence); category != kUndefined) return category;
  if (evidence.codes.code == 0) return evidence.by_status;
  if (evidence.codes.code == 552) return kMailboxFull;
  if (evidence.codes.code / 10 == 50) return kSyntaxError;
  if (evidence.codes.code < 300) return kDelivered;
  return kOnHold;
}

Classification classify(Evidence evidence, const Circumstances& around) {
  evidence.command = around.command;
  evidence.by_status = category_by_status(evidence.codes.status);
  Classification out;
  out.category = evidence.codes.code >= 200 && evidence.codes.code < 300 ? kDelivered : categorize(evidence);
  // A temporary status says that another try may succeed, whatever the words.
  out.hard = is_hard(out.category) && evidence.codes.status.klass != 4 &&
             (evidence.codes.status.klass != 0 || evidence.codes.code / 100 != 4);
  out.provider = provider_of(around.remote_mta, evidence.normal);
  return out;
}

}  // namespace

Classification classify_text(std::string_view text, const Circumstances& around) {
  return classify({.normal = normal_text(text), .codes = find_reply_codes(text), .command = {}}, around);
}

Classification classify_reply(const wire::smtp::Reply& reply, const Circumstances& around) {
  ReplyCodes codes{.code = reply.code, .status = reply.status};
  if (codes.status.klass == 0) codes.status = find_reply_codes(reply.text).status;
  return classify({.normal = normal_text(reply.text), .codes = codes, .command = {}}, around);
}

}  // namespace veredus::rules::bounce
