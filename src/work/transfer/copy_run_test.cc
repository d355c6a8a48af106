#include "work/transfer/copy_run.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/codec/base64.h"
#include "io/net/reactor.h"
#include "support/mailboxes_fixture.h"
#include "support/scripted_transport.h"

namespace veredus::work::transfer {
namespace {

using state::mailbox::Flag;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

/// A copy from servers that say what their scripts say, one for each connection.
class CopyTest : public test::MailboxesTest {
 protected:
  CopyTest() {
    source.host = "mail.old.test";
    source.user = "alice";
    source.secret = base::crypto::Secret(std::string_view("secret"));
    source.tls = Source::Tls::kNone;
    options.retry_wait = std::chrono::seconds(0);
    options.attempts = 3;
  }

  void connection(std::string_view says) {
    auto script = std::make_shared<test::Script>();
    script->then(says);
    scripts.push_back(std::move(script));
  }
  static AsyncTransferred<io::net::LineStream> connect(CopyTest* test) {
    if (test->next == test->scripts.size())
      co_return std::unexpected(TransferFailure{TransferError::kConnect, "no more scripts"});
    co_return io::net::LineStream(test->reactor,
                                  std::make_unique<test::ScriptedTransport>(test->scripts[test->next++]));
  }
  Transferred<void> copy() {
    CopySurroundings with;
    with.connect = [this](const Source*, const Options*) { return connect(this); };
    with.mailboxes = mailboxes.get();
    with.clock = &clock;
    CopyRun one(std::move(with), kAccount, limits, source, options, [](const CopyProgress&) { return true; });
    auto done = test::run(reactor.context(), one.run());
    progress = one.progress();
    return done;
  }
  std::vector<std::string> names() {
    std::vector<std::string> all_names;
    for (const auto& mailbox : must(mailboxes->list(kAccount))) all_names.push_back(mailbox.name);
    return all_names;
  }

  static constexpr std::string_view kLogin =
      "* OK [CAPABILITY IMAP4rev1 AUTH=PLAIN SASL-IR] hello\r\nt1 OK [CAPABILITY IMAP4rev1] in\r\n";
  static constexpr std::string_view kOneFolder = "* LIST () \"/\" INBOX\r\nt2 OK\r\n";
  static constexpr std::string_view kTwoMessages =
      "* 2 EXISTS\r\n* OK [UIDVALIDITY 7] x\r\nt3 OK\r\n"
      "* 1 FETCH (UID 4 RFC822.SIZE 20)\r\n* 2 FETCH (UID 9 RFC822.SIZE 20)\r\nt4 OK\r\n";

  io::net::Reactor reactor;
  Source source;
  Options options;
  state::mailbox::QuotaLimits limits;
  std::vector<std::shared_ptr<test::Script>> scripts;
  std::size_t next = 0;
  CopyProgress progress;
};

TEST_F(CopyTest, BringsMailboxesMessagesFlagsDatesAndSubscriptions) {
  connection(
      "* OK [CAPABILITY IMAP4rev1 AUTH=PLAIN NAMESPACE] hello\r\n+ \r\n"
      "* CAPABILITY IMAP4rev1 NAMESPACE\r\nt1 OK in\r\n"
      "* NAMESPACE ((\"INBOX.\" \".\")) NIL NIL\r\nt2 OK\r\n"
      "* LIST (\\HasChildren) \".\" \"INBOX\"\r\n* LIST () \".\" \"INBOX.Entw&APw-rfe.Alt\"\r\n"
      "* LIST (\\Sent) \".\" \"INBOX.Gesendet\"\r\n* LIST (\\Noselect) \".\" \"Public\"\r\nt3 OK\r\n"
      "* 2 EXISTS\r\n* OK [UIDVALIDITY 7] x\r\nt4 OK\r\n"
      "* 2 FETCH (UID 9 RFC822.SIZE 20)\r\n* 1 FETCH (UID 4 RFC822.SIZE 20)\r\nt5 OK\r\n"
      "* 1 FETCH (UID 4 FLAGS (\\Seen \\Recent $Junk) INTERNALDATE \" 1-Jan-2026 00:00:00 +0000\" BODY[] {15}\r\n"
      "Subject: a\n\nx\r\n)\r\n"
      "* 2 FETCH (FLAGS () BODY[] \"Subject: b\" UID 9)\r\n* 1 FETCH (FLAGS (\\Seen))\r\nt6 OK\r\n"
      "* 0 EXISTS\r\nt7 OK\r\n"
      "* 1 EXISTS\r\n* OK [UIDVALIDITY 8] x\r\nt8 OK\r\n* 1 FETCH (UID 1 RFC822.SIZE 5)\r\nt9 OK\r\n"
      "* 1 FETCH (UID 1 FLAGS () INTERNALDATE \"01-Feb-2026 00:00:00 +0100\" BODY[] {11}\r\nSubject: c\n)\r\nt10 OK\r\n"
      "* LSUB () \".\" \"INBOX.Entw&APw-rfe.Alt\"\r\nt11 OK\r\n* BYE\r\nt12 OK\r\n");
  const auto done = copy();
  ASSERT_TRUE(done) << done.error().text();
  EXPECT_THAT(scripts[0]->output, HasSubstr("t1 AUTHENTICATE PLAIN\r\nAGFsaWNlAHNlY3JldA==\r\nt2 NAMESPACE\r\n"));
  EXPECT_THAT(scripts[0]->output, HasSubstr("t6 UID FETCH 4,9 (UID FLAGS INTERNALDATE BODY.PEEK[])\r\n"));
  EXPECT_THAT(names(), ElementsAre("INBOX", "Archive", "Drafts", "Entw\xC3\xBCrfe", "Entw\xC3\xBCrfe/Alt", "Junk",
                                   "Sent", "Trash"));
  EXPECT_TRUE(must(mailboxes->find(kAccount, "Entw\xC3\xBCrfe/Alt")).subscribed);
  EXPECT_EQ(progress.copied, 3U);
  EXPECT_EQ(progress.mailboxes_done, 3U);
  EXPECT_THAT(progress.complaints, IsEmpty());
  const auto inbox = all();
  ASSERT_EQ(inbox.size(), 2U);
  EXPECT_EQ(inbox[0].flags, state::mailbox::FlagSet{Flag::kSeen});
  EXPECT_FALSE(inbox[0].keywords.empty());
  EXPECT_EQ(inbox[0].internal_date, SystemTime(std::chrono::seconds(1'767'225'600)));
  EXPECT_EQ(body(inbox[0].body), "Subject: a\r\n\r\nx\r\n");
  EXPECT_EQ(must(mailboxes->special(kAccount, state::mailbox::SpecialUse::kSent)).counts.messages, 1U);
  expect_verified();
}

TEST_F(CopyTest, GoesOnWhereItBrokeAndBringsNothingTwice) {
  const std::string begin = std::string(kLogin).append(kOneFolder).append(kTwoMessages);
  connection(begin +
             "* 1 FETCH (UID 4 FLAGS () BODY[] {14}\r\nSubject: a\r\n\r\n)\r\n* 2 FETCH (UID 9 BODY[] {100}\r\nSub");
  connection(begin + "* 2 FETCH (UID 9 FLAGS () BODY[] {14}\r\nSubject: b\r\n\r\n)\r\nt5 OK\r\nt6 OK\r\nt7 OK\r\n");
  auto done = copy();
  ASSERT_TRUE(done) << done.error().text();
  EXPECT_THAT(scripts[1]->output, HasSubstr("t5 UID FETCH 9 ("));
  EXPECT_EQ(progress.copied, 2U);
  EXPECT_EQ(progress.already_there, 0U);
  EXPECT_EQ(progress.messages, 2U);
  EXPECT_EQ(all().size(), 2U);
  connection(begin + "t5 OK\r\nt6 OK\r\n");  // nothing is fetched: LSUB, LOGOUT
  done = copy();
  ASSERT_TRUE(done) << done.error().text();
  EXPECT_EQ(progress.copied, 0U);
  EXPECT_EQ(progress.already_there, 2U);
  EXPECT_EQ(all().size(), 2U);
  expect_verified();
}

TEST_F(CopyTest, BringsWhatChangedInTheFlagsThereAndKeepsWhatWasChangedHere) {
  const auto listing = [](std::string_view flags) {
    return std::string(kLogin) + std::string(kOneFolder) +
           "* 1 EXISTS\r\n* OK [UIDVALIDITY 7] x\r\nt3 OK\r\n* 1 FETCH (UID 4 FLAGS (" + std::string(flags) +
           ") RFC822.SIZE 14)\r\nt4 OK\r\n";
  };
  const auto again = [&](std::string_view flags) {
    connection(listing(flags) + "t5 OK\r\nt6 OK\r\n");
    const auto done = copy();
    ASSERT_TRUE(done) << done.error().text();
  };
  connection(listing("\\Seen one") +
             "* 1 FETCH (UID 4 FLAGS (\\Seen one) BODY[] {14}\r\nSubject: a\r\n\r\n)\r\nt5 OK\r\nt6 OK\r\nt7 OK\r\n");
  ASSERT_TRUE(copy());
  state::mailbox::FlagChange here;
  here.mode = state::mailbox::FlagChange::Mode::kSet;
  here.flags = {Flag::kFlagged};  // \Seen and "one" are taken away here
  must(mailboxes->store_flags(kAccount, state::mailbox::kInbox, state::mailbox::UidSet::all(), here));
  again("one \\Seen");
  EXPECT_EQ(progress.flags_renewed, 0U);
  EXPECT_EQ(all()[0].flags, here.flags);
  again("\\Seen \\Answered two");
  EXPECT_EQ(progress.flags_renewed, 1U);
  EXPECT_EQ(all()[0].flags, (state::mailbox::FlagSet{Flag::kFlagged, Flag::kAnswered}));
  const auto keywords = must(mailboxes->status(kAccount, state::mailbox::kInbox)).keywords;
  ASSERT_EQ(keywords, (std::vector<std::string>{"one", "two"}));
  EXPECT_EQ(all()[0].keywords, state::mailbox::KeywordSet(2, 0));
  again("");
  EXPECT_EQ(progress.flags_renewed, 1U);
  EXPECT_EQ(all()[0].flags, here.flags);
  EXPECT_TRUE(all()[0].keywords.empty());
  expect_verified();
}

TEST_F(CopyTest, LogsInWithATokenOrProofOfAPassword) {
  source.login = Source::Login::kOAuthToken;
  connection(
      "* OK [CAPABILITY IMAP4rev1 AUTH=PLAIN AUTH=XOAUTH2 AUTH=OAUTHBEARER SASL-IR] hello\r\n+ e30=\r\nt1 NO no\r\n");
  EXPECT_FALSE(copy());
  EXPECT_EQ(scripts[0]->output, "t1 AUTHENTICATE OAUTHBEARER " +
                                    base::codec::base64_encode("n,a=alice,\x01"
                                                               "auth=Bearer secret\x01\x01") +
                                    "\r\nAQ==\r\n");
  connection("* OK [CAPABILITY IMAP4rev1 AUTH=XOAUTH2] hello\r\n+ \r\nt1 NO no\r\n");
  EXPECT_FALSE(copy());
  EXPECT_EQ(scripts[1]->output, "t1 AUTHENTICATE XOAUTH2\r\n" +
                                    base::codec::base64_encode("user=alice\x01"
                                                               "auth=Bearer secret\x01\x01") +
                                    "\r\n");
  connection("* OK [CAPABILITY IMAP4rev1 AUTH=PLAIN] hello\r\n");
  EXPECT_EQ(copy().error().error, TransferError::kNoLogin);  // a token is no password
  source.login = Source::Login::kPassword;
  connection("* OK [CAPABILITY IMAP4rev1 AUTH=PLAIN AUTH=SCRAM-SHA-256 SASL-IR] hello\r\nt1 OK in\r\n");
  EXPECT_EQ(copy().error().error, TransferError::kProtocol);  // it has not shown that it knows the password
  EXPECT_TRUE(scripts[3]->output.starts_with("t1 AUTHENTICATE SCRAM-SHA-256 ")) << scripts[3]->output;
}

TEST_F(CopyTest, PassesOverWhatTheServerCannotGive) {
  const std::string begin = std::string(kLogin).append(kOneFolder).append(kTwoMessages);
  connection(begin +
             "* 1 FETCH (UID 4 FLAGS () BODY[] NIL)\r\nt5 NO [SERVERBUG] broken\r\n"
             "t6 NO message is damaged\r\nt7 OK\r\nt8 OK\r\n");
  const auto done = copy();
  ASSERT_TRUE(done) << done.error().text();
  EXPECT_EQ(progress.skipped, 2U);
  EXPECT_THAT(progress.complaints,
              ElementsAre(HasSubstr("message 4: nothing came of it"), HasSubstr("message 9: message is damaged")));
}

TEST_F(CopyTest, TakesAMessageWhoseDateIsNone) {
  connection(
      std::string(kLogin).append(kOneFolder).append(kTwoMessages) +
      "* 1 FETCH (UID 4 FLAGS () BODY[] {14}\r\nSubject: a\r\n\r\n INTERNALDATE \"00-Jan-0000 00:00:00 +0000\")\r\n"
      "* 2 FETCH (UID 9 FLAGS () BODY[] {14}\r\nSubject: b\r\n\r\n INTERNALDATE \"01-Jan-2020 00:00:00 GMT\")\r\n"
      "t5 OK\r\nt6 OK\r\nt7 OK\r\n");
  const auto done = copy();
  ASSERT_TRUE(done) << done.error().text();
  const auto inbox = all();
  ASSERT_EQ(inbox.size(), 2U);
  EXPECT_EQ(body(inbox[0].body), "Subject: a\r\n\r\n");
  EXPECT_EQ(body(inbox[1].body), "Subject: b\r\n\r\n");
  EXPECT_EQ(inbox[0].internal_date, clock.now());
  EXPECT_EQ(progress.skipped, 0U);
}

TEST_F(CopyTest, NeverGluesWhatCannotBeReadToTheNextMessage) {
  for (const std::string_view damaged :
       {"* 1 FETCH (UID x BODY[] {14}\r\nSubject: a\r\n\r\n)\r\n", "* 1 FETCH (BODY[] {14}\r\nSubject: a\r\n\r\n)\r\n",
        "* 1 FETCH (UID 4 FLAGS ())\r\n", ""}) {
    SCOPED_TRACE(damaged);
    connection(std::string(kLogin).append(kOneFolder).append(kTwoMessages).append(damaged) +
               "* 2 FETCH (UID 9 FLAGS () BODY[] {14}\r\nSubject: b\r\n\r\n)\r\nt5 OK\r\nt6 OK\r\nt7 OK\r\n");
    const auto done = copy();
    ASSERT_TRUE(done) << done.error().text();
    const auto inbox = all();
    ASSERT_EQ(inbox.size(), 1U);
    EXPECT_EQ(body(inbox[0].body), "Subject: b\r\n\r\n");
    EXPECT_EQ(progress.skipped, 1U);
    EXPECT_THAT(progress.complaints, ElementsAre(HasSubstr("INBOX, message 4: it is not given")));
  }
}

TEST_F(CopyTest, OpensAFolderWhoseNameIsNoUtf8ByALiteralTheServerAsksFor) {  // RFC 3501 s4.3
  const std::string login = std::string(kLogin) + "* LIST () \".\" \"caf\xE9\"\r\n* LIST () \".\" INBOX\r\nt2 OK\r\n";
  connection(login + "+ go ahead\r\nt3 NO Bo\xEEte inconnue\r\n* 0 EXISTS\r\nt4 OK\r\nt5 OK\r\nt6 OK\r\n");
  auto done = copy();
  ASSERT_TRUE(done) << done.error().text();
  EXPECT_THAT(scripts[0]->output, HasSubstr("t3 EXAMINE {4}\r\ncaf\xE9\r\nt4 EXAMINE \"INBOX\"\r\n"));
  EXPECT_THAT(progress.complaints, ElementsAre("caf\xEF\xBF\xBD: Bo\xEF\xBF\xBDte inconnue"));
  EXPECT_EQ(progress.mailboxes_done, 2U);
  connection(login + "t3 NO no literals\r\n* 0 EXISTS\r\nt4 OK\r\nt5 OK\r\nt6 OK\r\n");
  done = copy();
  ASSERT_TRUE(done) << done.error().text();
  EXPECT_THAT(scripts[1]->output, HasSubstr("t3 EXAMINE {4}\r\nt4 EXAMINE \"INBOX\"\r\n"));
}

TEST_F(CopyTest, PassesOverAMessageThatBreaksTheConnectionTwiceByItself) {
  const std::string begin = std::string(kLogin).append(kOneFolder).append(kTwoMessages);
  connection(begin);  // both together: broken
  connection(begin);  // message 4 alone: a suspect
  connection(begin);  // again
  connection(begin + "* 2 FETCH (UID 9 FLAGS () BODY[] {14}\r\nSubject: b\r\n\r\n)\r\nt5 OK\r\nt6 OK\r\nt7 OK\r\n");
  options.attempts = 5;
  const auto done = copy();
  ASSERT_TRUE(done) << done.error().text();
  EXPECT_EQ(progress.copied, 1U);
  EXPECT_THAT(progress.complaints, ElementsAre(HasSubstr("INBOX, message 4: the connection breaks")));
}

TEST_F(CopyTest, SaysWhyItCannot) {
  struct Case {
    std::string_view says;
    TransferError want;
  };
  const Case cases[] = {
      {"* OK [CAPABILITY IMAP4rev1 AUTH=PLAIN SASL-IR] hello\r\nt1 NO wrong password\r\n", TransferError::kRefused},
      {"* OK [CAPABILITY IMAP4rev1 LOGINDISABLED] hello\r\n", TransferError::kNoLogin},
      {"220 mail.old.test ESMTP\r\n", TransferError::kProtocol},
      {"* BYE too busy\r\n", TransferError::kBye},
      {"", TransferError::kLost},
  };
  options.attempts = 1;
  for (const auto& [says, want] : cases) {
    SCOPED_TRACE(says);
    scripts.clear();
    next = 0;
    connection(says);
    const auto done = copy();
    ASSERT_FALSE(done);
    EXPECT_EQ(done.error().error, want) << done.error().text();
  }
}

TEST_F(CopyTest, StopsWhenTheQuotaIsUsedUpAndKeepsWhatCame) {
  limits.messages = 1;
  connection(std::string(kLogin).append(kOneFolder).append(kTwoMessages) +
             "* 1 FETCH (UID 4 FLAGS () BODY[] {14}\r\nSubject: a\r\n\r\n)\r\n"
             "* 2 FETCH (UID 9 FLAGS () BODY[] {14}\r\nSubject: b\r\n\r\n)\r\nt5 OK\r\n");
  const auto done = copy();
  ASSERT_FALSE(done);
  EXPECT_EQ(done.error().error, TransferError::kQuota);
  EXPECT_EQ(all().size(), 1U);
}

}  // namespace
}  // namespace veredus::work::transfer
