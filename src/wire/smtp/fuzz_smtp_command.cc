#include <cstddef>
#include <cstdint>
#include <string>

#include "base/types/result.h"
#include "wire/smtp/command.h"
#include "wire/smtp/xtext.h"

using namespace veredus::wire::smtp;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* octets, std::size_t size) {
  const std::string_view line(reinterpret_cast<const char*>(octets), size);
  const auto command = parse_command(line);
  (void)is_foreign_protocol(line);
  if (!command) {
    VEREDUS_CHECK(!to_string(command.error()).empty());
    return 0;
  }
  // What was understood can be said again and is understood the same.
  if (const auto* mail = std::get_if<MailFrom>(&*command)) {
    auto again = "MAIL FROM:<" + (mail->sender ? to_string(*mail->sender) : "") + ">";
    if (mail->size) again += " SIZE=" + std::to_string(*mail->size);
    if (!mail->envelope_id.empty()) again += " ENVID=" + xtext_encode(mail->envelope_id);
    const auto reparsed = parse_command(again);
    const bool long_now = xtext_encode(mail->envelope_id).size() > 100;  // lower-case octets are written longer
    VEREDUS_CHECK(long_now || (reparsed && std::get<MailFrom>(*reparsed).sender == mail->sender));
    VEREDUS_CHECK(long_now || std::get<MailFrom>(*reparsed).envelope_id == mail->envelope_id);
  }
  if (const auto* rcpt = std::get_if<RcptTo>(&*command)) {
    const auto reparsed = parse_command("RCPT TO:<" + to_string(rcpt->recipient) + ">");
    VEREDUS_CHECK(reparsed && std::get<RcptTo>(*reparsed).recipient == rcpt->recipient);
  }
  return 0;
}
