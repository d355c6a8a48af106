#include "rules/bounce/bounce_signs.h"

#include <algorithm>
#include <array>
#include <span>
#include <string>
#include <string_view>

#include "base/codec/ascii.h"

namespace veredus::rules::bounce {
namespace {

using base::codec::to_lower_ascii;

/// Subjects of bounces. Lower case, anywhere in the subject.
constexpr std::array kSubjects = std::to_array<std::string_view>({
    "undeliver",
    "undelivered",
    "non-deliver",
    "nondeliver",
    "not deliver",
    "could not be delivered",
    "delivery status notification",
    "delivery notification",
    "delivery failure",
    "delivery has failed",
    "delivery failed",
    "delivery error",
    "delivery report",
    "delivery problem",
    "failed delivery",
    "failure delivery",
    "failed mail",
    "failure notice",
    "mail failure",
    "mail error",
    "mail system error",
    "message delivery has failed",
    "returned mail",
    "returned email",
    "return receipt",
    "returned to sender",
    "delayed mail",
    "delayed 24 hours",
    "warning: message",
    "warning: could not send",
    "error sending your mail",
    "unzustellbar",
    "nicht zugestellt",
    "zustellung fehlgeschlagen",
    "zustellfehler",
    "non remis",
    "non livr",
    "non distribu",
    "chec de la remise",
    "chec de remise",
    "chec de la livraison",
    "no entregado",
    "no se pudo entregar",
    "no se ha podido entregar",
    "correo devuelto",
    "non recapitabile",
    "mancato recapito",
    "messaggio non consegnato",
    "não entregue",
    "falha na entrega",
    "onbestelbaar",
    "niet bezorgd",
    "niedostarczon",
    "nie dostarczono",
    "oleverer",
    "не доставлен",
    "недоставлен",
    "退信",
    "投递失败",
    "配信不能",
    "配信でき",
    "you are not member",
    "are not member",
    "エラー通知",
});

/// What reports say to people. Lower case.
constexpr std::array kReportWords = std::to_array<std::string_view>({
    "could not be delivered",
    "couldn't be delivered",
    "not be delivered",
    "was not delivered",
    "wasn't able to deliver",
    "were unable to deliver",
    "unable to deliver",
    "error delivering your mail",
    "did not reach the following",
    "did not reach some or all",
    "did not receive this message",
    "could not deliver",
    "trouble delivering",
    "deliver mail to",
    "delivery to the following",
    "delevery to the following",
    "delivery failed",
    "delivery has failed",
    "not yet been delivered",
    "had permanent fatal errors",
    "had delivery errors",
    "had delivery problems",
    "had transient non-fatal errors",
    "transcript of session follows",
    "failure reasons",
    "attempting to deliver a message",
    "a message is delayed",
    "incorrectly constructed",
    "rejected by a remote mail server",
    "unknown user",
    "invalid final delivery userid",
    "your message to",
    "cannot be delivered",
    "error message below",
    "you are not a member",
    "was not relayed",
    "google groups",
    "could not be sent",
    "was undeliverable",
    "returned to sender",
    "konnte nicht zugestellt werden",
    "konnten nicht zugestellt werden",
    "nicht zustellbar",
    "n'a pas pu être",
    "n'a pu être",
    "ne peut pas être",
    "no se pudo entregar",
    "no se ha podido entregar",
    "no ha podido ser entregado",
    "non è stato possibile",
    "non ha potuto essere",
    "impossibile recapitare",
    "não pôde ser",
    "kon niet worden",
    "nie można dostarczy",
});

bool contains_any(std::string_view text, std::span<const std::string_view> words) {
  return std::ranges::any_of(words, [&](std::string_view word) { return text.contains(word); });
}

/// How much speaks for a message that is no standard report being a bounce.
struct Signs {
  bool daemon = false;     // From: a mail system
  bool null_path = false;  // Return-Path: <>
  bool subject = false;
  bool words = false;
  bool failed_field = false;  // X-Failed-Recipients
};

Signs signs_of(const ReportParts& parts) {
  Signs signs;
  const std::string from = to_lower_ascii(field_value(parts.header, "From"));
  constexpr std::array kDaemons = std::to_array<std::string_view>(
      {"mailer-daemon", "mailer_daemon", "postmaster", "post_master", "mail delivery s", "mail.delivery.system",
       "mail deliver system", "mail system", "ndr administrator", "system administrator", "maildaemon"});
  signs.daemon = contains_any(from, kDaemons);
  const std::string path = to_lower_ascii(field_value(parts.header, "Return-Path"));
  signs.null_path = path == "<>" || path.starts_with("<mailer-daemon") || path == "<mailer-daemon>";
  signs.subject = contains_any(to_lower_ascii(field_value(parts.header, "Subject")), kSubjects);
  std::string lower = to_lower_ascii(parts.text);
  std::ranges::replace(lower, '\n', ' ');
  signs.words = contains_any(lower, kReportWords);
  signs.failed_field = !field_value(parts.header, "X-Failed-Recipients").empty();
  return signs;
}

Likeness likeness_of(const Signs& signs) {
  if (signs.failed_field) return Likeness::kSure;
  if (signs.subject && (signs.daemon || signs.null_path || signs.words)) return Likeness::kSure;
  return (signs.daemon || signs.null_path) && signs.words ? Likeness::kWords : Likeness::kNone;
}

}  // namespace

Likeness likeness_to_bounce(const ReportParts& parts) {
  return parts.is_receipt ? Likeness::kNone : likeness_of(signs_of(parts));
}

}  // namespace veredus::rules::bounce
