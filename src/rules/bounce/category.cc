#include "rules/bounce/category.h"

#include <algorithm>
#include <array>

namespace veredus::rules::bounce {
namespace {

/// Everything that hangs on one category alone.
struct Entry {
  Category category;
  std::string_view word;
  bool hard;
  std::string_view happened;
  std::string_view advice;
};

constexpr std::string_view kCheckAddress =
    "Check the address for typing mistakes, or ask the recipient in another way for the right one.";
constexpr std::string_view kAskRecipient = "Tell the recipient in another way that your message was refused.";
constexpr std::string_view kTryLater = "Send the message again later.";
constexpr std::string_view kTellOurPostmaster =
    "Tell your own mail administrator: the receiving server does not trust the one that sent your message.";
constexpr std::string_view kTellTheirPostmaster =
    "Try again later; if it goes on, tell the administrator of the receiving server in another way.";
constexpr std::string_view kSmaller = "Send a smaller message, or put large files where they can be fetched.";
constexpr std::string_view kShowText =
    "What the receiving server said may tell more; show it to your mail administrator.";
constexpr std::string_view kNothing = "You need not do anything.";

constexpr std::array kEntries = std::to_array<Entry>({
    {Category::kUndefined, "undefined", false, "The receiving server refused the message.", kShowText},
    {Category::kUserUnknown, "userunknown", true, "There is no such mailbox at that domain.", kCheckAddress},
    {Category::kHostUnknown, "hostunknown", true, "There is no such mail domain.", kCheckAddress},
    {Category::kHasMoved, "hasmoved", true, "The recipient's mailbox has moved to another address.", kCheckAddress},
    {Category::kNotAccept, "notaccept", true, "That domain takes no mail.", kCheckAddress},
    {Category::kFiltered, "filtered", false, "The recipient's own settings refuse the message.", kAskRecipient},
    {Category::kSuspended, "suspend", false, "The recipient's mailbox is switched off.", kAskRecipient},
    {Category::kMailboxFull, "mailboxfull", false, "The recipient's mailbox is full.",
     "Send the message again later, or tell the recipient in another way to make room."},
    {Category::kExceedLimit, "exceedlimit", false, "The message is larger than this recipient takes.", kSmaller},
    {Category::kSystemFull, "systemfull", false, "The receiving server has no space left.", kTryLater},
    {Category::kSystemError, "systemerror", false, "The receiving server is out of order or set up wrongly.",
     kTellTheirPostmaster},
    {Category::kMailerError, "mailererror", false, "A program that takes the recipient's mail failed.",
     kTellTheirPostmaster},
    {Category::kNetworkError, "networkerror", false, "The receiving server could not be reached.",
     kTellTheirPostmaster},
    {Category::kExpired, "expired", false, "The message could not be delivered in the time there was.",
     kTellTheirPostmaster},
    {Category::kBlocked, "blocked", false, "The receiving server refuses mail from the server that sent yours.",
     kTellOurPostmaster},
    {Category::kBadReputation, "badreputation", false,
     "The receiving server refuses mail from here because of the reputation of the sending address or domain.",
     kTellOurPostmaster},
    {Category::kRequirePtr, "requireptr", false,
     "The receiving server misses a reverse DNS name for the address that sent the message.", kTellOurPostmaster},
    {Category::kSpeeding, "speeding", false, "Too many messages came in too short a time.", kTryLater},
    {Category::kTooManyConnections, "toomanyconn", false, "The receiving server takes no more connections from here.",
     kTryLater},
    {Category::kRejected, "rejected", false, "The receiving server refuses mail from your address.",
     kTellOurPostmaster},
    {Category::kNoRelaying, "norelaying", false, "The receiving server does not take mail for that domain.",
     kCheckAddress},
    {Category::kAuthFailure, "authfailure", false,
     "The receiving server could not see that the message really comes from your domain (SPF, DKIM, DMARC).",
     kTellOurPostmaster},
    {Category::kNotCompliantRfc, "notcompliantrfc", false,
     "The receiving server finds the message not formed as the standards ask.",
     "Write the message anew, best with another program."},
    {Category::kContentError, "contenterror", false, "The receiving server does not take the form of this message.",
     "Send it as plain text or without its attachments."},
    {Category::kPolicyViolation, "policyviolation", false, "The receiving server's rules refuse the message.",
     kShowText},
    {Category::kSpamDetected, "spamdetected", false, "The receiving server takes the message for spam.",
     "Word the message differently, or reach the recipient in another way."},
    {Category::kVirusDetected, "virusdetected", false, "The receiving server takes the message for harmful.",
     "Check your computer and the attachments for viruses before you send anything again."},
    {Category::kSecurityError, "securityerror", false,
     "The receiving server asks for authentication or encryption that was not there.", kTellOurPostmaster},
    {Category::kFailedStartTls, "failedstarttls", false, "No encrypted connection to the receiving server came about.",
     kTellOurPostmaster},
    {Category::kSyntaxError, "syntaxerror", false, "The receiving server did not understand the one that sent.",
     kTellOurPostmaster},
    {Category::kOnHold, "onhold", false, "The receiving server refused the message and gave no reason.", kShowText},
    {Category::kSuppressed, "suppressed", false,
     "The address stands on a list of those that are not to be tried any more.", kCheckAddress},
    {Category::kMessageTooBig, "mesgtoobig", false, "The message is larger than the receiving server takes.", kSmaller},
    {Category::kDelivered, "delivered", false, "The message was delivered.", kNothing},
    {Category::kFeedback, "feedback", false, "The recipient complained about the message.",
     "Send nothing more to this recipient."},
    {Category::kVacation, "vacation", false, "The recipient answers automatically.", kNothing},
});

constexpr bool in_order() {
  for (std::size_t i = 0; i < kEntries.size(); ++i)
    if (static_cast<std::size_t>(kEntries[i].category) != i) return false;
  return true;
}
static_assert(in_order(), "entries stand at the place their category's number says");

const Entry& entry(Category category) { return kEntries[static_cast<std::size_t>(category) % kEntries.size()]; }

}  // namespace

std::string_view to_string(Category category) { return entry(category).word; }

std::optional<Category> category_of(std::string_view word) {
  const auto* const found = std::ranges::find(kEntries, word, &Entry::word);
  if (found == kEntries.end()) return std::nullopt;
  return found->category;
}

bool is_hard(Category category) { return entry(category).hard; }

std::string_view what_happened(Category category) { return entry(category).happened; }

std::string_view what_to_do(Category category) { return entry(category).advice; }

}  // namespace veredus::rules::bounce
