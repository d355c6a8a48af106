#include "rules/bounce/classify.h"

#include <gtest/gtest.h>

#include <string>

#include "rules/bounce/phrases.h"
#include "rules/bounce/reply_codes.h"
#include "rules/bounce/session_step.h"

namespace veredus::rules::bounce {
namespace {

TEST(ClassifyReply, GoesByWordsThenStatusThenStepThenCode) {
  struct Case {
    wire::smtp::Reply reply;
    std::string_view step;
    Category want;
    Basis basis;
    bool hard;
  };
  const Case cases[] = {
      {wire::smtp::make_reply(550, 1, 1, "no such user"), "RCPT", Category::kUserUnknown, Basis::kWords, true},
      {wire::smtp::make_reply(550, 7, 1, "over quota"), "RCPT", Category::kMailboxFull, Basis::kWords, false},
      {wire::smtp::make_reply(550, 2, 2, "sorry"), "RCPT", Category::kMailboxFull, Basis::kStatus, false},
      {wire::smtp::make_plain_reply(550, "sorry"), "RCPT", Category::kUserUnknown, Basis::kStep, true},
      {wire::smtp::make_plain_reply(550, "sorry"), "MAIL", Category::kRejected, Basis::kStep, false},
      {wire::smtp::make_plain_reply(554, "sorry"), "CONN", Category::kBlocked, Basis::kStep, false},
      {wire::smtp::make_plain_reply(502, "sorry"), "DATA", Category::kSyntaxError, Basis::kCode, false},
      {wire::smtp::make_plain_reply(550, "sorry"), "DATA", Category::kOnHold, Basis::kCode, false},
      {wire::smtp::make_reply(450, 1, 1, "no such user"), "RCPT", Category::kUserUnknown, Basis::kWords, false},
      {wire::smtp::make_reply(250, 1, 5, "ok"), "RCPT", Category::kDelivered, Basis::kCode, false},
      {wire::smtp::make_plain_reply(550, "User unknown"), "DATA", Category::kFiltered, Basis::kWords, false},
  };
  for (const auto& c : cases) {
    SCOPED_TRACE(to_string(c.reply) + std::string(c.step));
    const auto got = classify_reply(c.reply, {.recipient = "bob@demo.test", .command = c.step});
    EXPECT_EQ(to_string(got.category), to_string(c.want));
    EXPECT_EQ(got.basis, c.basis);
    EXPECT_EQ(got.hard, c.hard);
  }
}

TEST(ClassifyText, CallsNobodyUnknownForGoodOnHearsay) {
  EXPECT_EQ(classify_text("550 no such user").category, Category::kUserUnknown);
  EXPECT_EQ(
      classify_text("554 delivery error: dd This user doesn't have a demo.test account", {.hearsay = true}).category,
      Category::kUserUnknown)
      << "it was looked for";
  EXPECT_EQ(classify_text("550 no such user", {.hearsay = true}).category, Category::kFiltered);
  EXPECT_EQ(classify_text("550 5.1.1 no such user", {.hearsay = true}).category, Category::kUserUnknown);
  EXPECT_EQ(classify_text("550 no such user (in reply to RCPT TO command)", {.hearsay = true}).category,
            Category::kUserUnknown);
}

TEST(ClassifyText, KnowsWhoRefused) {
  EXPECT_EQ(classify_text("550 no", {.remote_mta = "gmail-smtp-in.l.google.com"}).provider, "gmail");
  EXPECT_EQ(classify_text("550 no", {.remote_mta = "example-com.mail.protection.outlook.com."}).provider,
            "microsoft365");
  EXPECT_EQ(classify_text("550 5.7.26 no - gsmtp").provider, "google");
  EXPECT_EQ(classify_text("550 no", {.remote_mta = "notgoogle.com.demo.test"}).provider, "");
}

TEST(NormalText, IsWhatPhrasesAreWrittenFor) {
  struct Case {
    std::string_view text;
    std::string_view want;
  };
  const Case cases[] = {
      {"550-5.7.1 Messages with\n 550 5.7.1 many", "550-5.7.1 messages with many"},
      {"<mailboxfull@demo.test>: User  UNKNOWN", "@: user unknown"},
      {"See https://demo.test/why#spam for 550 reasons", "see https://demo.test/why for 550 reasons"},
      {"doesn\xe2\x80\x99t", "doesn't"},
      {"", ""},
  };
  for (const auto& c : cases) EXPECT_EQ(normal_text(c.text), c.want);
}

TEST(FindSaying, TakesTheMostTellingPhraseWhereverItStands) {
  struct Case {
    std::string_view text;
    std::optional<Category> want;
  };
  const Case cases[] = {
      {"user unknown", Category::kUserUnknown},
      {"user unknown, or the mailbox is full", Category::kMailboxFull},
      {"the mailbox is full, or user unknown", Category::kMailboxFull},
      {"superuser unknown", std::nullopt},
      {"unbanned", std::nullopt},
      {"spf x fail", Category::kAuthFailure},
      {"absorbs", std::nullopt},
      {"550 : user unknown", Category::kFiltered},
      {"no", std::nullopt},
      {"", std::nullopt},
  };
  for (const auto& c : cases) {
    SCOPED_TRACE(c.text);
    const auto saying = find_saying(c.text);
    ASSERT_EQ(saying.has_value(), c.want.has_value());
    if (saying) EXPECT_EQ(saying->category, *c.want);
  }
  const std::string far = "spf " + std::string(200, 'x') + " fail";
  EXPECT_FALSE(find_saying(far).has_value());
}

TEST(Phrases, AreWrittenInTheFormTheyAreLookedFor) {
  for (const auto table : {telling_phrases(), vague_phrases()})
    for (const auto& group : table)
      for (const auto words : group.words) {
        SCOPED_TRACE(words);
        EXPECT_GE(words.find('*') == std::string_view::npos ? words.size() : words.find('*'), 3U);
        EXPECT_EQ(words.find("  "), std::string_view::npos);
        for (const char c : words) EXPECT_FALSE(c >= 'A' && c <= 'Z');
      }
}

TEST(FindReplyCodes, TakesCodesAndNoOtherNumbers) {
  struct Case {
    std::string_view text;
    int code;
    wire::smtp::EnhancedStatus status;
  };
  const Case cases[] = {
      {"550 5.1.1 no", 550, {5, 1, 1}},
      {"550-5.1.1 no", 550, {5, 1, 1}},
      {"#550 5.2.3 x", 550, {5, 2, 3}},
      {"said: 421", 421, {}},
      {"host 192.0.2.550 said 5.61.2.3", 0, {}},
      {"Size (in bytes): 222\n550 - no", 550, {}},
      {"for 550 seconds", 0, {}},
      {"554 5.0.0 x <421 4.4.2 y>", 554, {5, 0, 0}},
      {"5.0.0 then 5.7.26 said", 0, {5, 7, 26}},
      {"432000", 0, {}},
      {"version 5.10.2 of", 0, {}},
  };
  for (const auto& c : cases) {
    SCOPED_TRACE(c.text);
    EXPECT_EQ(find_reply_codes(c.text).code, c.code);
    EXPECT_EQ(find_reply_codes(c.text).status, c.status);
  }
}

TEST(FindStep, ReadsSentencesAndTranscripts) {
  EXPECT_EQ(find_step("said: 550 no (in reply to\n    end of DATA command)"), "DATA");
  EXPECT_EQ(find_step("SMTP error from remote mail server after RCPT TO:<b@demo.test>: 550"), "RCPT");
  EXPECT_EQ(find_step(">>> MAIL From:<a@example.org>\n<<< 250 ok\n>>> RCPT To:<b@demo.test>\n<<< 550 no\n>>> DATA\n"),
            "RCPT");
  EXPECT_EQ(find_step("refused to talk to me: 554"), "CONN");
  EXPECT_EQ(find_step("nothing of it"), "");
}

TEST(Category, HasAWordEach) {
  for (int i = 0; i <= static_cast<int>(Category::kVacation); ++i) {
    const auto category = static_cast<Category>(i);
    EXPECT_EQ(category_of(to_string(category)), category);
    EXPECT_FALSE(what_happened(category).empty());
    EXPECT_FALSE(what_to_do(category).empty());
  }
  EXPECT_EQ(category_of("nonsense"), std::nullopt);
}

}  // namespace
}  // namespace veredus::rules::bounce
