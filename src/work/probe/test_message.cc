#include "work/probe/test_message.h"

#include <fmt/format.h>

#include "base/codec/date.h"

namespace veredus::work::probe {

std::string test_message(const TestMessage& message) {
  return fmt::format(
      "Date: {}\r\n"
      "From: <{}>\r\n"
      "To: <{}>\r\n"
      "Subject: Test message of veredus probe\r\n"
      "Message-ID: <{}>\r\n"
      "Auto-Submitted: auto-generated\r\n"  // RFC 3834 s5
      "MIME-Version: 1.0\r\n"
      "Content-Type: text/plain; charset=utf-8\r\n"
      "\r\n"
      "This message was sent by hand, with the SMTP test tool `veredus probe`, to see whether\r\n"
      "{} takes mail for this address. It does. Nothing needs to be done.\r\n",
      base::codec::format_rfc5322_date(message.at), message.from, message.to, message.message_id, message.server);
}

}  // namespace veredus::work::probe
