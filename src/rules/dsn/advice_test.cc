#include "rules/dsn/advice.h"

#include <gtest/gtest.h>

#include <string>

#include "rules/bounce/classify.h"
#include "rules/dsn/status_fields.h"

namespace veredus::rules::dsn {
namespace {

ReportedRecipient failed(wire::smtp::EnhancedStatus status) {
  ReportedRecipient recipient;
  recipient.address = "bob@demo.test";
  recipient.status = status;
  return recipient;
}

wire::smtp::EnhancedStatus status(int klass, int subject, int detail) {
  return {.klass = static_cast<std::uint8_t>(klass),
          .subject = static_cast<std::uint16_t>(subject),
          .detail = static_cast<std::uint16_t>(detail)};
}

/// A disk, a mailbox or a patience that is full today: whatever the class, it may not be tomorrow.
bool passes(wire::smtp::EnhancedStatus s) {
  return (s.subject == 2 && s.detail == 2) || (s.subject == 3 && s.detail == 1) || (s.subject == 4 && s.detail == 5) ||
         (s.subject == 7 && (s.detail == 15 || s.detail == 28 || s.detail == 705 || s.detail == 708));
}

TEST(WhatToDo, NeverSaysLaterOfWhatIsForGood) {
  for (int subject = 0; subject <= 7; ++subject) {
    for (int detail = 0; detail <= 750; detail += detail < 40 ? 1 : 5) {
      const auto recipient = failed(status(5, subject, detail));
      SCOPED_TRACE(to_string(recipient.status));
      if (passes(recipient.status)) continue;
      EXPECT_FALSE(what_to_do(recipient).contains("later")) << what_to_do(recipient);
      auto replied = recipient;
      replied.remote_mta = "mx.example.org";
      replied.reply = wire::smtp::Reply{.code = 550, .status = recipient.status, .text = "no"};
      EXPECT_FALSE(what_to_do(replied).contains("later")) << what_to_do(replied);
    }
  }
}

TEST(WhatToDo, NeverSaysForGoodOfWhatMayPass) {
  for (int subject = 0; subject <= 7; ++subject)
    for (int detail = 0; detail <= 30; ++detail) {
      const auto recipient = failed(status(4, subject, detail));
      SCOPED_TRACE(to_string(recipient.status));
      EXPECT_FALSE(what_to_do(recipient).contains("does not pass by itself"));
    }
}

TEST(WhatToDo, FitsWhatWasDecidedHere) {
  struct Case {
    wire::smtp::EnhancedStatus status;
    std::string_view explanation;
    std::string_view advice;
  };
  const Case cases[] = {
      {status(5, 1, 1), "the mailbox was removed after your message had been accepted", "Check the address"},
      {status(5, 1, 2), "the domain does not exist", "Check the address"},
      {status(5, 1, 10), "the domain takes no mail", "Check the address"},
      {status(5, 4, 4), "the domain has no mail host with an address", "Check the address"},
      {status(5, 4, 6), "mail for the domain would come back to this server", "Tell your mail administrator"},
      {status(5, 6, 3), "cannot be converted", "plain text"},
      {status(5, 6, 7), "The mail host does not take addresses that are not ASCII", "an address of plain letters"},
      {status(5, 6, 9), "does not take headers in UTF-8", "of plain letters"},
      {status(5, 7, 30), "requires REQUIRETLS support", "without asking for encryption"},
      {status(5, 3, 4), "longer than it takes", "smaller message"},
      {status(4, 4, 7), "connection refused", "Send it again"},
      {status(5, 4, 7), "", "allow more time"},
  };
  for (const auto& c : cases) {
    SCOPED_TRACE(to_string(c.status));
    auto recipient = failed(c.status);
    recipient.explanation = c.explanation;
    EXPECT_TRUE(what_to_do(recipient).contains(c.advice)) << what_to_do(recipient);
  }
}

TEST(WhatHappened, SaysWhatTheStatusMeans) {
  EXPECT_TRUE(what_happened(failed(status(5, 1, 1))).contains("no such mailbox"));
  EXPECT_TRUE(what_happened(failed(status(5, 6, 7))).contains("letters beyond a to z"));
  auto theirs = failed(status(5, 6, 7));
  theirs.remote_mta = "mx.example.org";
  theirs.reply = wire::smtp::make_reply(550, 6, 7, "non-ASCII addresses not permitted");
  EXPECT_FALSE(what_happened(theirs).empty());
}

}  // namespace
}  // namespace veredus::rules::dsn
