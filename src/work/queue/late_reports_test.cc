#include "work/queue/late_reports.h"

#include <gtest/gtest.h>

#include "rules/verp/verp.h"
#include "support/queue_world.h"

namespace veredus::work::queue {
namespace {

class ListQueueTest : public QueueTest {
 protected:
  void begin_with_list() {
    begin();
    auto& directory = *program_->directory;
    ASSERT_TRUE(test::run(program_->io, directory.create_domain({.name = "demo.test"})));
    ASSERT_TRUE(test::run(program_->io, directory.create_account({.address = "alice@demo.test"})));
    ASSERT_TRUE(test::run(program_->io, directory.rotate_srs_secret()));
    ASSERT_TRUE(test::run(program_->io, directory.put_mail_list({.address = "news@demo.test",
                                                                 .members = {"bob@example.org", "eve@example.org"},
                                                                 .moderators = {"alice@demo.test"}})));
  }
  QueueEntry post(const std::string& member) {
    auto made = entry({member}, "example.org");
    made.sender = "news-bounces@demo.test";
    return made;
  }
  const state::directory::MailList& list() {
    snapshot_ = program_->directory->snapshot();
    return *snapshot_->mail_list("news@demo.test");
  }
  void settle_until(auto done) {
    for (int steps = 0; steps < 5'000 && !done(); ++steps) program_->io.run_one_for(1s);
  }
  std::shared_ptr<const state::directory::Snapshot> snapshot_;
};

TEST_F(ListQueueTest, ALateReportIsJournalledWithItsMessageAndCountsAgainstTheMember) {
  options_.lists.suspend_after = 2;
  begin_with_list();
  send(post("bob@example.org"));
  ASSERT_EQ(world_.senders.size(), 1U);
  EXPECT_TRUE(world_.senders[0].starts_with("news-bounces+")) << world_.senders[0];
  delivery::CameBack mail;
  mail.about.message = message_;
  mail.about.recipient = rules::verp::recipient_number("bob@example.org");
  mail.about.path = {.local_part = "News-Bounces", .domain = "demo.test"};
  mail.octets =
      "Content-Type: multipart/report; report-type=delivery-status; boundary=b\r\n\r\n--b\r\n\r\nNo.\r\n"
      "--b\r\nContent-Type: message/delivery-status\r\n\r\nReporting-MTA: dns; mx1\r\n\r\n"
      "Final-Recipient: rfc822; other@example.org\r\nAction: failed\r\nStatus: 5.1.1\r\n"
      "Diagnostic-Code: smtp; 550 5.1.1 no such user\r\n\r\n--b--\r\n";
  program_->queue.came_back(mail);
  settle_until([&] { return !list().troubles.empty(); });
  ASSERT_EQ(list().troubles.size(), 1U);
  EXPECT_EQ(list().troubles[0].member, "bob@example.org");
  EXPECT_EQ(list().troubles[0].hard, 1U);
  EXPECT_FALSE(list().troubles[0].suspended);
  EXPECT_EQ(events_.count("bounced_later"), 1U);
  EXPECT_EQ(events_.all.back().message_id, to_string(message_));
  program_->queue.came_back(mail);
  settle_until([&] { return list().troubles[0].suspended; });
  EXPECT_TRUE(list().troubles[0].suspended);
  mail.octets = "Subject: hello\r\n\r\nA letter.\r\n";
  program_->queue.came_back(mail);
  settle();
  EXPECT_EQ(events_.count("bounced_later"), 2U);
  stop();
}

TEST_F(ListQueueTest, ARefusalCountsAgainstTheMemberAtOnce) {
  begin_with_list();
  world_.replies["eve@example.org"] = make_reply(550, 5, 1, "no such user");
  send(post("eve@example.org"));
  settle_until([&] { return !list().troubles.empty(); });
  ASSERT_EQ(list().troubles.size(), 1U);
  EXPECT_EQ(list().troubles[0].hard, 1U);
  ASSERT_EQ(reports_.size(), 1U);
  EXPECT_EQ(reports_[0].recipient, "news-bounces@demo.test");
  stop();
}

TEST_F(ListQueueTest, OnlyListsAndBulkMailHavePathsOfTheirOwn) {
  begin_with_list();
  send(entry({"bob@example.org"}, "example.org"));
  auto bulk = entry({"bob@example.org"}, "example.org");
  bulk.traffic = state::spool::TrafficClass::kBulk;
  send(bulk);
  bulk.id = EntryId::make(message_, "example.org", "", 1);
  bulk.sender = "stranger@elsewhere.test";
  send(bulk);
  ASSERT_EQ(world_.senders.size(), 3U);
  EXPECT_EQ(world_.senders[0], "alice@demo.test");
  EXPECT_TRUE(world_.senders[1].starts_with("alice+")) << world_.senders[1];
  EXPECT_EQ(world_.senders[2], "stranger@elsewhere.test");
  stop();
}

}  // namespace
}  // namespace veredus::work::queue
