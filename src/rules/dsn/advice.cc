#include "rules/dsn/advice.h"

#include <algorithm>
#include <array>
#include <cstdint>

#include "rules/bounce/classify.h"
#include "rules/dsn/status_fields.h"

namespace veredus::rules::dsn {
namespace {

using bounce::Category;

/// What a status says that was given here, not by the other server: it means exactly what stands beside it.
struct Own {
  std::uint16_t subject;
  std::uint16_t detail;
  std::string_view happened;
  std::string_view advice;
};
constexpr std::array kOwn = std::to_array<Own>({
    {4, 6, "Mail for this address goes round in a circle.",
     "Tell your mail administrator: the mail servers of that domain are set up wrongly."},
    {4, 7, "The message could not be delivered in the time there was.",
     "Send it again, and allow more time if you had set a limit."},
    {6, 3, "The receiving server does not take the form of this message, and it cannot be changed.",
     "Send it as plain text or without its attachments."},
    {6, 7, "The receiving server does not take addresses with letters beyond a to z.",
     "Ask the recipient for an address of plain letters, and write from one yourself."},
    {6, 9, "The receiving server does not take addresses or headers with letters beyond a to z.",
     "Send the message again with addresses and a subject of plain letters."},
    {7, 10, "No connection to the receiving server was as safe as you asked for.",
     "Send the message again without asking for encryption all the way, or reach the recipient in another way."},
    {7, 30, "The receiving server cannot promise to keep the message encrypted on its further way.",
     "Send the message again without asking for encryption all the way, or reach the recipient in another way."},
});

const Own* own_words(const ReportedRecipient& recipient) {
  if (recipient.reply && !recipient.remote_mta.empty()) return nullptr;
  const auto status = status_of(recipient);
  const auto* const found = std::ranges::find_if(
      kOwn, [&](const Own& own) { return own.subject == status.subject && own.detail == status.detail; });
  return found == kOwn.end() ? nullptr : found;
}

Category category_of(const ReportedRecipient& recipient) {
  const bounce::Circumstances around{.remote_mta = recipient.remote_mta, .recipient = recipient.address};
  if (recipient.reply && !recipient.reply->positive()) return bounce::classify_reply(*recipient.reply, around).category;
  return bounce::classify_text(to_string(status_of(recipient)), around).category;
}

/// What may have passed tomorrow, whatever the class of the status.
bool passes_by_itself(Category category) {
  return category == Category::kMailboxFull || category == Category::kSystemFull || category == Category::kSpeeding ||
         category == Category::kTooManyConnections;
}

bool says_later(std::string_view advice) { return advice.contains("later"); }

}  // namespace

std::string_view what_happened(const ReportedRecipient& recipient) {
  if (const auto* own = own_words(recipient)) return own->happened;
  return bounce::what_happened(category_of(recipient));
}

std::string_view what_to_do(const ReportedRecipient& recipient) {
  if (const auto* own = own_words(recipient)) return own->advice;
  const auto category = category_of(recipient);
  const auto advice = bounce::what_to_do(category);
  const bool for_good = status_of(recipient).klass == 5;
  if (for_good && says_later(advice) && !passes_by_itself(category))
    return "This does not pass by itself: tell the recipient, or the administrator of the receiving server, in another "
           "way.";
  return advice;
}

}  // namespace veredus::rules::dsn
