#include "rules/dsn/report.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <chrono>
#include <string>

#include "rules/bounce/recognize.h"
#include "rules/dsn/status_fields.h"
#include "wire/mime/encoded_word.h"
#include "wire/mime/header_block.h"
#include "wire/mime/message.h"

namespace veredus::rules::dsn {
namespace {

using namespace std::chrono_literals;
using wire::mime::Part;

constexpr SystemTime kNow = std::chrono::sys_days(std::chrono::year(2026) / 11 / 22) + 8h;

constexpr std::string_view kOriginal =
    "From: Alice <alice@example.org>\r\n"
    "To: bob@demo.test\r\n"
    "Subject: Minutes of May\r\n"
    "Message-ID: <m1@example.org>\r\n"
    "Date: Sun, 22 Nov 2026 07:00:00 +0000\r\n"
    "\r\n"
    "Here they are.\r\n";

Report failure() {
  Report report;
  report.reporting_mta = "mx.example.org";
  report.from = "postmaster@example.org";
  report.to = "alice@example.org";
  report.envelope_id = "QQ314159";
  report.arrived = kNow - 1h;
  report.original = kOriginal;
  report.original_is_whole = true;
  report.date = kNow;
  report.message_id = "r1@mx.example.org";
  report.boundary_seed = "seed";
  ReportedRecipient bob;
  bob.address = "bob@demo.test";
  bob.original = wire::smtp::OriginalRecipient{.type = "rfc822", .address = "bob+list@demo.test"};
  bob.action = Action::kFailed;
  bob.reply = wire::smtp::make_reply(550, 1, 1, "<bob@demo.test>: no such user here");
  bob.remote_mta = "mx1.demo.test";
  bob.last_attempt = kNow - 1min;
  report.recipients.push_back(bob);
  return report;
}

/// The parts of a report as our own parser sees them.
struct Parsed {
  std::string message;
  wire::mime::Structure structure;

  explicit Parsed(const Report& report) : message(build_report(report)), structure(wire::mime::parse(message)) {}

  [[nodiscard]] const Part* part(std::string_view type, std::string_view subtype) const {
    const auto found = std::ranges::find_if(structure.parts, [&](const Part& p) { return p.is_type(type, subtype); });
    return found == structure.parts.end() ? nullptr : &*found;
  }
  [[nodiscard]] std::string body(std::string_view type, std::string_view subtype) const {
    const Part* const found = part(type, subtype);
    return found == nullptr ? "(none)" : wire::mime::decoded_body(*found, message);
  }
  [[nodiscard]] std::string field(std::string_view name) const {
    const auto found = wire::mime::find_field(header_of(structure.root(), message), name);
    return found ? wire::mime::decode_header(found->value) : "(none)";
  }
};

TEST(BuildReport, SaysAFailureToProgramsFieldByField) {  // RFC 3464 s2.2, s2.3
  const Parsed report(failure());
  EXPECT_EQ(report.body("message", "delivery-status"),
            "Original-Envelope-Id: QQ314159\r\n"
            "Reporting-MTA: dns; mx.example.org\r\n"
            "Arrival-Date: Sun, 22 Nov 2026 07:00:00 +0000\r\n"
            "\r\n"
            "Original-Recipient: rfc822; bob+list@demo.test\r\n"
            "Final-Recipient: rfc822; bob@demo.test\r\n"
            "Action: failed\r\n"
            "Status: 5.1.1\r\n"
            "Remote-MTA: dns; mx1.demo.test\r\n"
            "Diagnostic-Code: smtp; 550 5.1.1 <bob@demo.test>: no such user here\r\n"
            "Last-Attempt-Date: Sun, 22 Nov 2026 07:59:00 +0000\r\n");
}

TEST(BuildReport, SaysAFailureToPeopleInPlainWords) {
  const Parsed report(failure());
  EXPECT_EQ(report.body("text", "plain"),
            "This is the mail server mx.example.org, writing about your message\r\n"
            "\r\n"
            "  Subject: Minutes of May\r\n"
            "  Date: Sun, 22 Nov 2026 07:00:00 +0000\r\n"
            "\r\n"
            "It could not be delivered to the following address. No further attempt will\r\n"
            "be made:\r\n"
            "\r\n"
            "  bob@demo.test\r\n"
            "    (you wrote to bob+list@demo.test)\r\n"
            "    There is no such mailbox at that domain.\r\n"
            "    mx1.demo.test said:\r\n"
            "      550 5.1.1 <bob@demo.test>: no such user here\r\n"
            "    Check the address for typing mistakes, or ask the recipient in another\r\n"
            "    way for the right one.\r\n"
            "\r\n"
            "Below stand a report for programs and what was quoted of your message. If\r\n"
            "you need help, show all of it to your mail administrator:\r\n"
            "postmaster@example.org\r\n");
}

TEST(BuildReport, IsAMultipartReportThatNobodyAnswersByItself) {  // RFC 6522 s3, RFC 3834 s5
  const Parsed report(failure());
  EXPECT_TRUE(report.structure.root().is_type("multipart", "report"));
  EXPECT_EQ(wire::mime::parameter(report.structure.root().content_type.parameters, "report-type"), "delivery-status");
  EXPECT_EQ(report.field("Auto-Submitted"), "auto-replied");
  EXPECT_EQ(report.field("Subject"), "Not delivered: Minutes of May");
  EXPECT_EQ(report.field("From"), "Mail Delivery System <postmaster@example.org>");
  EXPECT_EQ(report.field("To"), "alice@example.org");
  EXPECT_EQ(report.field("References"), "<m1@example.org>");
  EXPECT_EQ(report.field("Message-ID"), "<r1@mx.example.org>");
  ASSERT_EQ(report.structure.root().first_child, 1U);
}

TEST(BuildReport, QuotesWhatRetAskedFor) {  // RFC 3461 s4.3
  struct Case {
    std::optional<wire::smtp::DsnReturn> asked;
    Action action;
    std::size_t padding;
    bool whole;
  };
  using enum wire::smtp::DsnReturn;
  const Case cases[] = {
      {kFull, Action::kFailed, 0, true},
      {kHeaders, Action::kFailed, 0, false},
      {std::nullopt, Action::kFailed, 0, true},
      {std::nullopt, Action::kFailed, kWholeByDefaultOctets, false},
      {kFull, Action::kFailed, kWholeByDefaultOctets, true},
      {kFull, Action::kDelayed, 0, false},
      {kFull, Action::kDelivered, 0, false},
  };
  for (const auto& c : cases) {
    SCOPED_TRACE(std::string(to_string(c.action)) + ' ' + std::to_string(c.padding));
    Report asked = failure();
    asked.original_kind = c.asked;
    asked.recipients.front().action = c.action;
    for (std::size_t i = 0; i < c.padding; i += 64) asked.original += std::string(62, 'x') + "\r\n";
    const Parsed report(asked);
    if (c.whole) {
      const Part* const part = report.part("message", "rfc822");
      ASSERT_NE(part, nullptr);
      EXPECT_EQ(body_of(*part, report.message), asked.original);
    } else {
      EXPECT_EQ(report.part("message", "rfc822"), nullptr);
      EXPECT_EQ(report.body("text", "rfc822-headers"), kOriginal.substr(0, kOriginal.find("\r\n\r\n") + 2));
    }
  }
}

TEST(BuildReport, QuotesTheHeaderAloneOfWhatNoPartCanHold) {  // BINARYMIME, RFC 3030
  for (const std::string& body : {std::string("\0binary\r\n", 9), std::string(1200, 'x') + "\r\n"}) {
    Report asked = failure();
    asked.original_kind = wire::smtp::DsnReturn::kFull;
    asked.original += body;
    EXPECT_EQ(Parsed(asked).part("message", "rfc822"), nullptr);
  }
}

TEST(BuildReport, SaysWhenTheServerGivesUpTrying) {
  Report delayed = failure();
  auto& bob = delayed.recipients.front();
  bob.action = Action::kDelayed;
  bob.reply = wire::smtp::make_reply(451, 7, 1, "greylisted, try again");
  bob.will_retry_until = kNow + 96h;
  const Parsed report(delayed);
  EXPECT_EQ(report.field("Subject"), "Delayed: Minutes of May");
  const std::string fields = report.body("message", "delivery-status");
  EXPECT_NE(fields.find("Action: delayed\r\nStatus: 4.7.1\r\n"), std::string::npos) << fields;
  EXPECT_NE(fields.find("Will-Retry-Until: Thu, 26 Nov 2026 08:00:00 +0000\r\n"), std::string::npos) << fields;
  EXPECT_NE(report.body("text", "plain").find("until Thu, 26 Nov 2026"), std::string::npos);
}

TEST(BuildReport, NamesTheWorstFirstWhenRecipientsFaredDifferently) {
  Report mixed = failure();
  ReportedRecipient carol;
  carol.address = "carol@demo.test";
  carol.action = Action::kRelayed;
  mixed.recipients.insert(mixed.recipients.begin(), carol);
  const Parsed report(mixed);
  EXPECT_EQ(report.field("Subject"), "Not delivered: Minutes of May");
  const std::string text = report.body("text", "plain");
  EXPECT_LT(text.find("bob@demo.test"), text.find("carol@demo.test"));
  const std::string fields = report.body("message", "delivery-status");
  EXPECT_NE(fields.find("carol@demo.test\r\nAction: relayed\r\nStatus: 2.0.0\r\n"), std::string::npos) << fields;
}

TEST(BuildReport, UsesTheGlobalFormsForInternationalMail) {  // RFC 6533 s4
  Report report = failure();
  report.smtputf8 = true;
  report.to = "ålice@example.org";
  report.recipients.front().address = "böb@demo.test";
  report.recipients.front().original = wire::smtp::OriginalRecipient{.type = "utf-8", .address = "böb@demo.test"};
  report.original_kind = wire::smtp::DsnReturn::kHeaders;
  const Parsed global(report);
  EXPECT_TRUE(needs_smtputf8(report));
  const std::string fields = global.body("message", "global-delivery-status");
  EXPECT_NE(fields.find("Original-Recipient: utf-8; böb@demo.test\r\n"), std::string::npos) << fields;
  EXPECT_NE(fields.find("Final-Recipient: utf-8; böb@demo.test\r\n"), std::string::npos) << fields;
  EXPECT_NE(global.part("message", "global-headers"), nullptr);

  report.smtputf8 = false;  // the same where only ASCII may stand: RFC 6533 s3
  const Parsed ascii(report);
  const std::string coded = ascii.body("message", "delivery-status");
  EXPECT_NE(coded.find("Final-Recipient: utf-8; b\\x{F6}b@demo.test\r\n"), std::string::npos) << coded;
}

TEST(BuildReport, KeepsHostileTextInItsPlace) {
  Report report = failure();
  auto& bob = report.recipients.front();
  bob.reply->text = "no\r\nAction: delivered\n\n--=_x\x01\xff" + std::string(2000, 'y');
  bob.remote_mta = "mx\r\nStatus: 2.0.0";
  report.envelope_id = "id\r\nReporting-MTA: dns; evil.test";
  report.original = "Subject: a\r\n b\rc\r\nTo: x\r\n\r\n";
  const Parsed parsed(report);
  const std::string fields = parsed.body("message", "delivery-status");
  EXPECT_EQ(fields.find("\r\nAction: delivered"), std::string::npos) << fields;
  EXPECT_EQ(fields.find("\r\nStatus: 2.0.0"), std::string::npos) << fields;
  EXPECT_EQ(fields.find("evil.test\r\nReporting-MTA: dns; mx"), fields.find("evil.test")) << fields;
  EXPECT_EQ(std::ranges::count(fields, '\n'), static_cast<long>(std::ranges::count(fields, '\r')));
  for (std::size_t at = 0; at < parsed.message.size();) {
    const auto end = parsed.message.find("\r\n", at);
    ASSERT_NE(end, std::string::npos);
    EXPECT_LE(end - at, 998U);
    at = end + 2;
  }
}

TEST(BuildReport, IsUnderstoodByOurOwnReaderOfBounces) {
  const auto read = bounce::recognize(build_report(failure()));
  ASSERT_EQ(read.recipients.size(), 1U);
  EXPECT_EQ(read.recipients.front().recipient, "bob@demo.test");
  EXPECT_EQ(read.recipients.front().original_recipient, "bob+list@demo.test");
  EXPECT_EQ(read.recipients.front().status, "5.1.1");
  EXPECT_EQ(read.recipients.front().reply, "550");
  EXPECT_EQ(read.recipients.front().reason, bounce::Category::kUserUnknown);
  EXPECT_TRUE(read.recipients.front().hard);
  EXPECT_EQ(read.envelope_id, "QQ314159");
  EXPECT_EQ(read.original_message_id, "m1@example.org");
}

TEST(StatusOf, HasAClassThatFitsTheAction) {  // RFC 3464 s2.3.4
  struct Case {
    Action action;
    wire::smtp::EnhancedStatus given;
    std::optional<wire::smtp::Reply> reply;
    wire::smtp::EnhancedStatus want;
  };
  const Case cases[] = {
      {Action::kFailed, {5, 4, 4}, std::nullopt, {5, 4, 4}},
      {Action::kFailed, {}, std::nullopt, {5, 0, 0}},
      {Action::kFailed, {}, wire::smtp::make_plain_reply(552, "full"), {5, 0, 0}},
      {Action::kFailed, {4, 4, 7}, wire::smtp::make_reply(421, 4, 2, "busy"), {4, 4, 7}},
      {Action::kDelayed, {}, wire::smtp::make_reply(550, 7, 1, "no"), {4, 7, 1}},
      {Action::kDelivered, {}, wire::smtp::make_reply(250, 1, 5, "ok"), {2, 1, 5}},
      {Action::kExpanded, {}, std::nullopt, {2, 0, 0}},
  };
  for (const auto& c : cases) {
    SCOPED_TRACE(to_string(c.action));
    ReportedRecipient recipient;
    recipient.action = c.action;
    recipient.status = c.given;
    recipient.reply = c.reply;
    EXPECT_EQ(status_of(recipient), c.want);
  }
}

}  // namespace
}  // namespace veredus::rules::dsn
