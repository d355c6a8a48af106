#include <gtest/gtest.h>

#include <memory>
#include <string>

#include "base/observe/metrics.h"
#include "doors/smtp/serve.h"
#include "io/net/line_stream.h"
#include "io/net/reactor.h"
#include "state/directory/auth_throttle.h"
#include "support/delivery_world.h"
#include "support/scripted_resolver.h"
#include "support/scripted_transport.h"
#include "work/mailauth/inspector.h"

namespace veredus::doors::smtp {
namespace {

using state::mailbox::SpecialUse;
using test::Script;

/// A door that looks at what a stranger at 192.0.2.1 brings; bank.test does not send from there.
class InspectTest : public ::testing::Test {
 protected:
  InspectTest() {
    state::directory::NewDomain domain;
    domain.name = "demo.test";
    EXPECT_TRUE(world_.await(world_.directory->create_domain(std::move(domain))));
    alice_ = world_.add_account("alice@demo.test");
    bob_ = world_.add_account("bob@demo.test");
    EXPECT_TRUE(world_.await(world_.spool.acquire()));
    options_.session.hostname = "mx.demo.test";
    options_.inspect = true;
    checks_.authserv_id = "mx.demo.test";
    dns_.txt("bank.test", {"v=spf1 -all"}).txt("_dmarc.bank.test", {"v=DMARC1; p=reject"});
    dns_.txt("soft.test", {"v=spf1 -all"}).txt("_dmarc.soft.test", {"v=DMARC1; p=quarantine"});
    dns_.txt("good.test", {"v=spf1 ip4:192.0.2.1 -all"}).txt("_dmarc.good.test", {"v=DMARC1; p=reject"});
  }

  /// What the peer was told when it had said all that.
  std::string serve(std::initializer_list<std::string_view> pieces) {
    auto script = std::make_shared<Script>();
    for (const auto piece : pieces) script->then(piece);
    work::mailauth::Inspector inspector({.resolver = dns_, .clock = clock_, .metrics = metrics_}, checks_);
    Door door({clock_, mail_, *world_.directory, throttle_, world_.router, world_.receptions, rates_, log_, metrics_,
               journal_, &inspector},
              options_);
    io::net::LineStream stream(reactor_, std::make_unique<test::ScriptedTransport>(script));
    io::net::Connection connection{std::move(stream), {}, false};
    world_.await(finish(&door, std::move(connection)));
    world_.settle();
    return script->output;
  }
  std::string bring(const std::string& domain, const std::string& more = "") {
    return serve({"EHLO c\r\n", "MAIL FROM:<x@" + domain + ">\r\n", "RCPT TO:<alice@demo.test>\r\n", "DATA\r\n",
                  "From: x@" + domain + "\r\n" + more + "\r\nhello\r\n.\r\n", "QUIT\r\n"});
  }
  std::size_t junk(AccountId account) {
    const auto mailbox = world_.await(world_.mailboxes.special(account, SpecialUse::kJunk));
    return mailbox ? mailbox->counts.messages : 0;
  }

  FixedClock clock_{SystemTime(std::chrono::seconds(1'795'318'800))};
  io::engine::MemoryEngine mail_;
  io::engine::MemoryEngine names_;
  test::DeliveryWorld world_{mail_, names_, clock_};
  io::net::Reactor reactor_;
  test::ScriptedResolver dns_;
  work::mailauth::InspectionOptions checks_;
  state::directory::AuthThrottle throttle_{&clock_, {}};
  RateLimits rates_{&clock_, RateOptions{}};
  base::observe::Logger log_;
  base::observe::Metrics metrics_;
  base::observe::NullEventSink journal_;
  Door::Options options_;
  AccountId alice_;
  AccountId bob_;

 private:
  static asio::awaitable<int> finish(Door* door, io::net::Connection connection) {
    co_await door->serve(std::move(connection));
    co_return 0;
  }
};

TEST_F(InspectTest, SaysWhatWasFoundAboveAllElse) {
  const auto output =
      bring("good.test", "Authentication-Results: mx.demo.test; dmarc=pass header.from=forged.test\r\n");
  EXPECT_TRUE(output.contains("250 2.0.0 Accepted as ")) << output;
  const auto inbox = world_.inbox(alice_);
  ASSERT_EQ(inbox.size(), 1U);
  const auto results = inbox[0].find("Authentication-Results: mx.demo.test;\r\n\tspf=pass");
  EXPECT_LT(results, inbox[0].find("Received:")) << inbox[0];
  EXPECT_TRUE(inbox[0].contains("\tdmarc=pass")) << inbox[0];
  EXPECT_FALSE(inbox[0].contains("forged.test")) << inbox[0];
  EXPECT_TRUE(inbox[0].ends_with("From: x@good.test\r\n\r\nhello\r\n")) << inbox[0];
}

TEST_F(InspectTest, RefusesWhatItsAuthorWantsRefused) {  // RFC 9989 s8.3
  const auto output = bring("bank.test");
  EXPECT_TRUE(output.contains("\r\n550 5.7.1 ")) << output;
  EXPECT_TRUE(output.contains("bank.test")) << output;
  EXPECT_TRUE(world_.inbox(alice_).empty());
  EXPECT_EQ(junk(alice_), 0U);
}

TEST_F(InspectTest, PutsJunkAside) {
  EXPECT_TRUE(bring("soft.test").contains("250 2.0.0 Accepted as "));
  EXPECT_TRUE(world_.inbox(alice_).empty());
  EXPECT_EQ(junk(alice_), 1U);
}

TEST_F(InspectTest, PutsJunkAsideForSeveralWhoeverHasNoPlaceForIt) {
  ASSERT_TRUE(world_.await(world_.mailboxes.remove_mailbox(bob_, "Junk")));
  const auto output =
      serve({"EHLO c\r\n", "MAIL FROM:<x@soft.test>\r\n", "RCPT TO:<alice@demo.test>\r\n",
             "RCPT TO:<bob@demo.test>\r\n", "DATA\r\n", "From: x@soft.test\r\n\r\nx\r\n.\r\n", "QUIT\r\n"});
  EXPECT_TRUE(output.contains("250 2.0.0 Accepted as ")) << output;
  for (const auto account : {alice_, bob_}) {
    EXPECT_TRUE(world_.inbox(account).empty());
    EXPECT_EQ(junk(account), 1U);
  }
}

TEST_F(InspectTest, LooksAtWhatComesInChunks) {
  const std::string message = "From: x@bank.test\r\n\r\n" + std::string(300'000, 'x') + "\r\n";
  const auto output = serve({"EHLO c\r\nMAIL FROM:<x@bank.test>\r\nRCPT TO:<alice@demo.test>\r\nBDAT " +
                                 std::to_string(message.size()) + " LAST\r\n" + message.substr(0, 10),
                             message.substr(10), "QUIT\r\n"});
  EXPECT_TRUE(output.contains("\r\n550 5.7.1 ")) << output;
}

/// Text before a signed message's own, behind a line end that only other readers take for one.
TEST_F(InspectTest, TakesNoTextThatHidesFromTheChecks) {
  for (const std::string trick : {"\nforged\r\n", "X: y\rAuthentication-Results: mx.demo.test; dmarc=pass\r\n"}) {
    SCOPED_TRACE(trick);
    const std::string message = "From: x@good.test\r\n" + trick + "\r\nhello\r\n";
    const auto output =
        serve({"EHLO c\r\nMAIL FROM:<x@good.test> BODY=BINARYMIME\r\nRCPT TO:<alice@demo.test>\r\nBDAT " +
                   std::to_string(message.size()) + " LAST\r\n" + message,
               "QUIT\r\n"});
    EXPECT_TRUE(output.contains("\r\n550 5.6.0 ")) << output;
    EXPECT_TRUE(world_.inbox(alice_).empty());
  }
}

TEST_F(InspectTest, LeavesMailAloneWhereItIsTurnedOff) {
  options_.inspect = false;
  EXPECT_TRUE(bring("bank.test").contains("250 2.0.0 Accepted as "));
  const auto inbox = world_.inbox(alice_);
  ASSERT_EQ(inbox.size(), 1U);
  EXPECT_FALSE(inbox[0].contains("Authentication-Results")) << inbox[0];
}

}  // namespace
}  // namespace veredus::doors::smtp
