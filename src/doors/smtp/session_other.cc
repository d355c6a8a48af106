#include "doors/smtp/session.h"

namespace veredus::doors::smtp {

using wire::smtp::make_reply;

Step Session::on(const wire::smtp::Rset&) {
  transaction_.reset();
  return idle_answer(make_reply(250, 0, 0, "Reset"));
}

/// RFC 5321 s3.5.3: who is here is told at RCPT only.
Step Session::on(const wire::smtp::Vrfy&) {
  return idle_answer(make_reply(252, 1, 5, "Send some mail, it will be tried"));
}

Step Session::on(const wire::smtp::Expn&) { return idle_answer(make_reply(502, 5, 1, "EXPN is not available")); }

Step Session::on(const wire::smtp::Help&) {
  return idle_answer(make_reply(214, 0, 0,
                                "EHLO HELO LHLO STARTTLS AUTH MAIL RCPT DATA BDAT RSET NOOP VRFY HELP QUIT\n"
                                "RFC 5321 says what they do"));
}

Step Session::on(const wire::smtp::Noop&) { return idle_answer(make_reply(250, 0, 0, "Nothing done")); }

Step Session::on(const wire::smtp::Quit&) { return end(make_reply(221, 0, 0, "Goodbye"), "quit"); }

}  // namespace veredus::doors::smtp
