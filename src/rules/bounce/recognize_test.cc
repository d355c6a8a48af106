#include "rules/bounce/recognize.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "rules/bounce/check_report.h"

namespace veredus::rules::bounce {
namespace {

/// A message of a mail system to alice@example.org.
std::string bounce(const std::string& from, const std::string& subject, const std::string& body) {
  return "Return-Path: <>\r\nFrom: " + from + "\r\nTo: alice@example.org\r\nSubject: " + subject + "\r\n\r\n" + body;
}

struct Want {
  std::string recipient;
  std::string reply;
  Category reason;
  bool hard;
};

void expect_found(const std::string& message, const std::vector<Want>& want) {
  const auto found = recognize(message).recipients;
  ASSERT_EQ(found.size(), want.size()) << check_bounce_json(message);
  for (std::size_t i = 0; i < want.size(); ++i) {
    EXPECT_EQ(found[i].recipient, want[i].recipient);
    EXPECT_EQ(found[i].reply, want[i].reply);
    EXPECT_EQ(to_string(found[i].reason), to_string(want[i].reason)) << found[i].diagnostic;
    EXPECT_EQ(found[i].hard, want[i].hard);
  }
}

TEST(Recognize, ReadsTheFieldsOfAStandardReport) {  // RFC 3464 s2
  const std::string message =
      "From: MAILER-DAEMON@mx.demo.test\r\nTo: alice@example.org\r\nSubject: Undelivered Mail\r\n"
      "Content-Type: multipart/report; report-type=delivery-status; boundary=b\r\n\r\n"
      "--b\r\nContent-Type: text/plain\r\n\r\nSorry.\r\n"
      "--b\r\nContent-Type: message/delivery-status\r\n\r\n"
      "Original-Envelope-Id: e1\r\nReporting-MTA: dns; mx.demo.test\r\n\r\n"
      "Original-Recipient: rfc822;bob+x@demo.test\r\nFinal-Recipient: rfc822;bob@demo.test\r\nAction: failed\r\n"
      "Status: 5.2.2\r\nRemote-MTA: dns; mail.demo.test\r\nDiagnostic-Code: smtp; 552 5.2.2 mailbox\r\n is full\r\n\r\n"
      "Action: delayed\r\nFinal-Recipient: rfc822;carol@demo.test\r\nStatus: 4.4.1\r\n"
      "--b\r\nContent-Type: message/rfc822\r\n\r\nMessage-ID: <m1@example.org>\r\n\r\nhello\r\n--b--\r\n";
  const auto report = recognize(message);
  ASSERT_EQ(report.recipients.size(), 2U);
  EXPECT_EQ(report.envelope_id, "e1");
  EXPECT_EQ(report.original_message_id, "m1@example.org");
  EXPECT_EQ(report.recipients[0].original_recipient, "bob+x@demo.test");
  EXPECT_EQ(report.recipients[0].remote_mta, "mail.demo.test");
  EXPECT_EQ(report.recipients[0].diagnostic, "552 5.2.2 mailbox is full");
  EXPECT_EQ(report.recipients[0].reason, Category::kMailboxFull);
  EXPECT_EQ(report.recipients[1].action, "delayed");
  EXPECT_EQ(report.recipients[1].reason, Category::kExpired);
}

TEST(Recognize, ReadsTheLettersOfManyMailSystems) {
  const std::string daemon = "Mail Delivery System <MAILER-DAEMON@mx.demo.test>";
  struct Case {
    std::string form;
    std::string message;
    std::vector<Want> want;
  };
  const Case cases[] = {
      {"a letter in qmail's way",
       bounce(
           daemon, "failure notice",
           "Hi. This is the qmail-send program at mx.demo.test.\nI'm afraid I wasn't able to deliver your message to "
           "the following addresses.\n\n<bob@demo.test>:\n192.0.2.1 does not like recipient.\n"
           "Remote host said: 550 no such user\nGiving up on 192.0.2.1.\n\n<carol@demo.test>:\n"
           "Connected to 192.0.2.1 but sender was rejected.\nRemote host said: 553 5.7.1 not from you\n\n"
           "--- Below this line is a copy of the message.\n\nTo: dave@demo.test\n"),
       {{"bob@demo.test", "550", Category::kUserUnknown, true},
        {"carol@demo.test", "553", Category::kRejected, false}}},
      {"an address, and below it what happened",
       bounce(daemon, "Mail delivery failed: returning message to sender",
              "A message that you sent could not be delivered to one or more of its\nrecipients.\n\n"
              "  bob@demo.test\n    host mx.demo.test [192.0.2.1]\n    SMTP error from remote mail server after RCPT "
              "TO:<bob@demo.test>:\n    450 4.2.2 mailbox full\n  carol@demo.test\n    Unrouteable address\n"),
       {{"bob@demo.test", "450", Category::kMailboxFull, false},
        {"carol@demo.test", "", Category::kHostUnknown, true}}},
      {"a letter with details before and the reply after the recipients",
       bounce("Postmaster <postmaster@mx.demo.test>", "[BOUNCE]",
              "Hi. This is the mail server at mx.demo.test.\nI'm afraid I wasn't able to deliver your message to the "
              "following addresses.\n\nMessage details:\n  MAIL FROM: alice@example.org\n  Size (in bytes): 222\n"
              "Failed recipient(s):\nbob@demo.test\n  Error message:\n550 5.1.1 <bob@demo.test>... User Unknown\n"),
       {{"bob@demo.test", "550", Category::kUserUnknown, true}}},
      {"the reason before the recipients",
       bounce(
           "postmaster@mx.demo.test", "Undeliverable Mail: \"Minutes\"",
           "Your message:\n   From:    alice@example.org\n   Subject: Minutes\n\nCould not be delivered because of\n\n"
           "550 5.7.1 Message rejected as spam\n\nThe following recipients were affected:\n    bob@demo.test\n"),
       {{"bob@demo.test", "550", Category::kSpamDetected, false}}},
      {"one reason before several recipients",
       bounce(daemon, "Undeliverable Mail",
              "Could not be delivered because of\n\n550 5.7.1 Message rejected as spam\n\nto the following:\n"
              "    bob@demo.test\n    carol@demo.test\n"),
       {{"bob@demo.test", "550", Category::kSpamDetected, false},
        {"carol@demo.test", "550", Category::kSpamDetected, false}}},
      {"a dialogue, then a sentence",
       bounce("\"Mail scanner\" <postmaster@gw.demo.test>", "Mail could not be delivered",
              "Sent >>> RCPT TO:<bob@demo.test>\nReceived <<< 550 5.1.1 unknown user\n\n"
              "Unable to deliver message to <bob@demo.test>\n"),
       {{"bob@demo.test", "550", Category::kUserUnknown, true}}},
      {"a recipient in a sentence",
       bounce("no-reply@gw.demo.test", "Delivery problem",
              "Your mail could not be delivered to: <bob@demo.test>\nas their mailbox is full.\n"),
       {{"bob@demo.test", "", Category::kMailboxFull, false}}},
      {"a groupware server's letter",
       bounce("Postmaster@demo.test", "DELIVERY FAILURE: User bob (bob@demo.test) not listed in Domino Directory",
              "Your message\n\n  Subject: Minutes\n\nwas not delivered to:\n\n  bob@demo.test\n\nbecause:\n\n"
              "  User bob (bob@demo.test) not listed in Domino Directory\n"),
       {{"bob@demo.test", "", Category::kUserUnknown, true}}},
  };
  for (const auto& c : cases) {
    SCOPED_TRACE(c.form);
    expect_found(c.message, c.want);
  }
}

TEST(Recognize, ReadsLettersInOtherLanguages) {
  struct Case {
    std::string form;
    std::string message;
    std::vector<Want> want;
  };
  const Case cases[] = {
      {"German",
       bounce("Mail Delivery System <mailer-daemon@mx.demo.test>", "Zustellung fehlgeschlagen",
              "Ihre Nachricht konnte nicht zugestellt werden.\n\nbob@demo.test:\n550 5.1.1 Benutzer unbekannt\n"),
       {{"bob@demo.test", "550", Category::kUserUnknown, true}}},
      {"French",
       bounce("postmaster@mx.demo.test", "Message non distribué",
              "Votre message n'a pas pu être remis au destinataire suivant :\n\n<bob@demo.test>: boîte aux lettres "
              "pleine\n"),
       {{"bob@demo.test", "", Category::kMailboxFull, false}}},
      {"Spanish",
       bounce("MAILER-DAEMON@mx.demo.test", "No se pudo entregar el mensaje",
              "No se pudo entregar el mensaje a:\n\n<bob@demo.test>: 550 5.1.1 El usuario no existe\n"),
       {{"bob@demo.test", "550", Category::kUserUnknown, true}}},
      {"Italian",
       bounce("Mail Delivery <mailer-daemon@mx.demo.test>", "Avviso di mancato recapito",
              "Non è stato possibile recapitare il messaggio a:\n\n<bob@demo.test>: 550 5.1.1 Utente sconosciuto\n"),
       {{"bob@demo.test", "550", Category::kUserUnknown, true}}},
      {"Portuguese",
       bounce("Mail Delivery System <mailer-daemon@mx.demo.test>", "Mensagem não entregue",
              "A mensagem não pôde ser entregue:\n\n<bob@demo.test>: 552 5.2.2 Caixa postal cheia\n"),
       {{"bob@demo.test", "552", Category::kMailboxFull, false}}},
      {"of a portal, in English",
       bounce(
           "Mail Delivery System <mailer-daemon@mx.demo.test>", "Mail delivery failed: returning message to sender",
           "This message was created automatically by mail delivery software.\n\nA message that you sent could not be "
           "delivered to one or more of\nits recipients. This is a permanent error. The following address\nfailed:\n\n"
           "bob@demo.test:\nSMTP error from remote server for RCPT TO command, host: mx.demo.test (192.0.2.1) reason: "
           "550 5.1.1 <bob@demo.test>: User unknown\n\n--- The header of the original message is following. ---\n\n"
           "To: carol@demo.test\n"),
       {{"bob@demo.test", "550", Category::kUserUnknown, true}}},
  };
  for (const auto& c : cases) {
    SCOPED_TRACE(c.form);
    expect_found(c.message, c.want);
  }
}

TEST(Recognize, TellsComplaintsAndAutomaticRepliesFromBounces) {
  const auto away = recognize(
      "From: Bob <bob@demo.test>\r\nTo: alice@example.org\r\nSubject: Out of office: Minutes\r\n"
      "Auto-Submitted: auto-replied\r\n\r\nBack on Monday.\r\n");
  ASSERT_EQ(away.recipients.size(), 1U);
  EXPECT_EQ(away.recipients.front().reason, Category::kVacation);
  EXPECT_EQ(away.recipients.front().recipient, "bob@demo.test");

  const auto complaint = recognize(
      "From: fbl@demo.test\r\nContent-Type: multipart/report; report-type=feedback-report; boundary=b\r\n\r\n"
      "--b\r\nContent-Type: message/feedback-report\r\n\r\nFeedback-Type: abuse\r\nOriginal-Rcpt-To: "
      "<bob@demo.test>\r\n"
      "--b\r\nContent-Type: message/rfc822\r\n\r\nMessage-ID: <m1@example.org>\r\n\r\nhello\r\n--b--\r\n");
  ASSERT_EQ(complaint.recipients.size(), 1U);
  EXPECT_EQ(complaint.recipients.front().reason, Category::kFeedback);
  EXPECT_EQ(complaint.recipients.front().feedback_type, "abuse");
  EXPECT_EQ(complaint.original_message_id, "m1@example.org");
}

TEST(Recognize, LeavesOrdinaryMailAlone) {
  const std::string messages[] = {
      "From: Bob <bob@demo.test>\r\nTo: alice@example.org\r\nSubject: Delivery\r\n\r\nThe parcel was delivered to "
      "carol@demo.test.\r\n",
      "From: Bob <bob@demo.test>\r\nTo: alice@example.org\r\nSubject: Fwd: note\r\n"
      "Content-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\n\r\nSee below.\r\n--b\r\nContent-Type: "
      "message/rfc822\r\n\r\n"
      "Subject: failure notice\r\n\r\n<x@demo.test>: 550 no such user\r\n--b--\r\n",
      "From: postmaster@demo.test\r\nTo: alice@example.org\r\nSubject: Maintenance on Sunday\r\n\r\nMail will be "
      "slow.\r\n",
      "From: Shop <shop@demo.test>\r\nSubject: Your order\r\nAuto-Submitted: auto-generated\r\n\r\nThank you.\r\n",
      "Return-Path: <>\r\nFrom: Bob <bob@demo.test>\r\nSubject: Read: Minutes\r\nContent-Type: multipart/report; "
      "report-type=disposition-notification; boundary=b\r\n\r\n--b\r\n\r\nYour message to bob@demo.test was "
      "read.\r\n--b\r\n"
      "Content-Type: message/disposition-notification\r\n\r\nFinal-Recipient: rfc822;bob@demo.test\r\n"
      "Disposition: manual-action/MDN-sent-manually; displayed\r\n--b--\r\n",
      "Return-Path: <>\r\nFrom: Shop <shop@demo.test>\r\nSubject: Your message to us\r\n\r\nYour message to "
      "shop@demo.test "
      "is being looked at.\r\n",
      "",
      "no header at all",
  };
  for (const auto& message : messages) EXPECT_TRUE(recognize(message).recipients.empty()) << message;
}

TEST(Recognize, BelievesTheReportAndNotWhatItQuotes) {
  // A returned message that is itself a complaint, and a reply that holds fields and JSON, change nothing.
  const std::string message =
      "From: MAILER-DAEMON@mx.demo.test\r\nSubject: Undelivered\r\n"
      "Content-Type: multipart/report; report-type=delivery-status; boundary=b\r\n\r\n"
      "--b\r\n\r\nIt said {\"notificationType\":\"Bounce\",\"bounce\":{\"bouncedRecipients\":[{\"emailAddress\":"
      "\"x@demo.test\"}]}}\r\n--b\r\nContent-Type: message/delivery-status\r\n\r\nReporting-MTA: dns; mx\r\n\r\n"
      "Final-Recipient: rfc822;bob@demo.test\r\nAction: failed\r\nStatus: 5.1.1\r\n"
      "--b\r\nContent-Type: message/rfc822\r\n\r\nContent-Type: multipart/report; boundary=c\r\n\r\n--c\r\n"
      "Content-Type: message/feedback-report\r\n\r\nFeedback-Type: abuse\r\n--c--\r\n--b--\r\n";
  expect_found(message, {{"bob@demo.test", "", Category::kUserUnknown, true}});
}

TEST(CheckReport, IsJsonForPrograms) {
  EXPECT_EQ(check_bounce_json("Subject: hello\r\n\r\n"), "[]");
  const auto json = check_bounce_json(bounce("MAILER-DAEMON@mx.demo.test", "failure notice",
                                             "I wasn't able to deliver\n\n<bob@demo.test>:\n552 5.2.2 over quota\n"));
  EXPECT_EQ(
      json,
      "[{\"recipient\": \"bob@demo.test\", \"status\": \"5.2.2\", \"reply\": \"552\", \"reason\": \"mailboxfull\", "
      "\"hard\": false, \"action\": \"\", \"diagnostic\": \"552 5.2.2 over quota\", \"remote_mta\": \"\", "
      "\"original_recipient\": \"\", \"feedback_type\": \"\"}]");
}

}  // namespace
}  // namespace veredus::rules::bounce
