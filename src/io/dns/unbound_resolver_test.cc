#include "io/dns/unbound_resolver.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>

#include "base/observe/metrics.h"
#include "io/net/task_group.h"
#include "support/dns_responder.h"
#include "support/run.h"

namespace veredus::io::dns {
namespace {

using namespace std::string_literals;
using namespace std::chrono_literals;
using test::DnsResponder;
using test::run;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::UnorderedElementsAre;

/// A resolver whose only server is a responder.
struct UnboundResolverTest : testing::Test {
  DnsResponder server;
  base::observe::Metrics metrics;
  asio::io_context io;

  ResolverOptions options(std::chrono::milliseconds deadline = 10s) {
    ResolverOptions options;
    options.source = Source::kForwarders;
    options.forwarders = {server.endpoint()};
    options.deadline = deadline;
    return options;
  }
  std::unique_ptr<UnboundResolver> start(ResolverOptions with) {
    return UnboundResolver::start(std::move(with), metrics).value();
  }
};

TEST_F(UnboundResolverTest, ReadsRecordsOfEveryType) {
  server.tell(
      "example.org", RecordType::kMx,
      {.rdata = {DnsResponder::mx_rdata(10, "MX1.example.org"), DnsResponder::mx_rdata(20, "mx2.example.org")}});
  server.tell("example.org", RecordType::kA, {.rdata = {"\xC0\0\2\1"s}});
  server.tell("example.org", RecordType::kAaaa, {.rdata = {"\x20\x01\x0d\xb8"s + std::string(11, '\0') + '\1'}});
  server.tell("example.org", RecordType::kTxt, {.rdata = {"\7v=spf1 \4-all"s, "\3two"s}});
  server.tell("_25._tcp.example.org", RecordType::kTlsa, {.rdata = {"\3\1\1"s + std::string(32, 'd')}});
  server.tell("1.2.0.192.in-addr.arpa", RecordType::kPtr, {.rdata = {DnsResponder::wire_name("mx1.example.org")}});
  server.tell("example.org", RecordType::kNs, {.rdata = {DnsResponder::wire_name("ns1.example.org")}});
  const auto resolver = start(options());

  const auto mx = run(io, resolver->mx("Example.ORG."));
  ASSERT_TRUE(mx) << to_string(mx.error());
  EXPECT_THAT(mx->records, UnorderedElementsAre(MxRecord{10, "mx1.example.org"}, MxRecord{20, "mx2.example.org"}));
  EXPECT_EQ(mx->canonical_name, "example.org");
  EXPECT_GT(mx->ttl, 60s);
  EXPECT_FALSE(mx->authentic);
  EXPECT_THAT(run(io, resolver->a("example.org"))->records, ElementsAre(net::IpAddress::parse("192.0.2.1").value()));
  EXPECT_THAT(run(io, resolver->aaaa("example.org"))->records,
              ElementsAre(net::IpAddress::parse("2001:db8::1").value()));
  EXPECT_THAT(run(io, resolver->txt("example.org"))->records, UnorderedElementsAre("v=spf1 -all", "two"));
  EXPECT_EQ(run(io, resolver->tlsa("_25._tcp.example.org"))->records.at(0).association, std::string(32, 'd'));
  EXPECT_THAT(run(io, resolver->ptr(net::IpAddress::parse("192.0.2.1").value()))->records,
              ElementsAre("mx1.example.org"));
  EXPECT_THAT(run(io, resolver->ns("example.org"))->records, ElementsAre("ns1.example.org"));
}

TEST_F(UnboundResolverTest, TellsNoneFromNoSuchNameFromFailure) {
  server.tell("example.org", RecordType::kA, {.rdata = {"\xC0\0\2\1"s}});
  server.tell("broken.example.org", RecordType::kMx, {.rcode = 2});
  server.tell("refused.example.org", RecordType::kMx, {.rcode = 5});
  const auto resolver = start(options());

  const auto none = run(io, resolver->mx("example.org"));
  ASSERT_TRUE(none) << to_string(none.error());
  EXPECT_TRUE(none->records.empty());
  struct Case {
    std::string name;
    DnsError want;
    Permanence permanence;
  };
  const Case cases[] = {{"absent.example.org", DnsError::kNoSuchName, Permanence::kPermanent},
                        {"broken.example.org", DnsError::kServerFailure, Permanence::kTemporary},
                        {"refused.example.org", DnsError::kServerFailure, Permanence::kTemporary},
                        {"not a name", DnsError::kMalformedName, Permanence::kPermanent}};
  for (const auto& c : cases) {
    SCOPED_TRACE(c.name);
    const auto answer = run(io, resolver->mx(c.name));
    ASSERT_FALSE(answer);
    EXPECT_EQ(answer.error(), c.want) << to_string(answer.error());
    EXPECT_EQ(permanence(answer.error()), c.permanence);
  }
  EXPECT_THAT(metrics.expose(), HasSubstr("veredus_dns_questions_total{result=\"no-such-name\"} 1"));
}

TEST_F(UnboundResolverTest, AsksForAnyOctetsThatAreEscaped) {  // RFC 2181 s11
  for (const auto* label : {"a\\b", "a+b", "a b", "\\046", "\xC3\xA9", "a\"b", "\x01"})
    server.tell(std::string(label) + ".example.org", RecordType::kA, {.rdata = {"\xC0\0\2\1"s}});
  const auto resolver = start(options());
  for (const auto* name : {"a\\\\b.example.org", "a\\+b.example.org", "a\\032b.example.org", "\\\\046.example.org",
                           "\\195\\169.example.org", "a\\\"b.example.org", "\\001.example.org"}) {
    SCOPED_TRACE(name);
    const auto answer = run(io, resolver->a(name));
    ASSERT_TRUE(answer) << to_string(answer.error());
    EXPECT_EQ(answer->records.size(), 1U);
  }
  EXPECT_EQ(run(io, resolver->a("a\\300.example.org")).error(), DnsError::kMalformedName);
  EXPECT_EQ(run(io, resolver->a("a+b.example.org")).error(), DnsError::kMalformedName);
}

TEST_F(UnboundResolverTest, FollowsAliasesAndTellsTheirEnd) {
  server.tell("www.example.org", RecordType::kA, {.rdata = {"\xC0\0\2\1"s}, .alias = "host.example.org"});
  server.tell("host.example.org", RecordType::kA, {.rdata = {"\xC0\0\2\1"s}});
  server.tell("www.example.org", RecordType::kCname, {.rdata = {DnsResponder::wire_name("host.example.org")}});
  const auto resolver = start(options());
  const auto a = run(io, resolver->a("www.example.org"));
  ASSERT_TRUE(a) << to_string(a.error());
  EXPECT_EQ(a->canonical_name, "host.example.org");
  EXPECT_EQ(a->records.size(), 1U);
  EXPECT_THAT(run(io, resolver->cname("www.example.org"))->records, ElementsAre("host.example.org"));
}

TEST_F(UnboundResolverTest, PassesOverMalformedRecordsWhileThereAreOthers) {
  server.tell("example.org", RecordType::kTxt, {.rdata = {"\7v=spf1 \4-all"s, "\5four"s}});
  server.tell("bad.example.org", RecordType::kTxt, {.rdata = {"\5four"s}});
  const auto resolver = start(options());
  EXPECT_THAT(run(io, resolver->txt("example.org"))->records, ElementsAre("v=spf1 -all"));
  EXPECT_EQ(run(io, resolver->txt("bad.example.org")).error(), DnsError::kMalformedAnswer);
}

TEST_F(UnboundResolverTest, AnswersAgainFromItsCache) {
  server.tell("example.org", RecordType::kMx, {.rdata = {DnsResponder::mx_rdata(10, "mx1.example.org")}});
  const auto resolver = start(options());
  ASSERT_TRUE(run(io, resolver->mx("example.org")));
  const auto asked = server.asked();
  for (int i = 0; i < 20; ++i) ASSERT_TRUE(run(io, resolver->mx("example.org")));
  EXPECT_EQ(server.asked(), asked);
}

TEST_F(UnboundResolverTest, EveryQuestionHasADeadline) {
  server.tell("silent.example.org", RecordType::kA, {.silent = true});
  const auto resolver = start(options(300ms));
  EXPECT_EQ(run(io, resolver->a("silent.example.org")).error(), DnsError::kTimeout);
}

TEST_F(UnboundResolverTest, AStubZoneAsksItsOwnServers) {
  server.tell("demo.test", RecordType::kMx, {.rdata = {DnsResponder::mx_rdata(10, "mx.demo.test")}});
  DnsResponder other;
  auto with = options();
  with.forwarders = {other.endpoint()};
  with.stub_zones = {{"demo.test", {server.endpoint()}}};
  const auto resolver = start(with);
  const auto mx = run(io, resolver->mx("demo.test"));
  ASSERT_TRUE(mx) << to_string(mx.error());
  EXPECT_EQ(mx->records.size(), 1U);
  EXPECT_EQ(run(io, resolver->mx("elsewhere.test")).error(), DnsError::kNoSuchName);
  EXPECT_GT(other.asked(), 0U);
}

asio::awaitable<void> keep(std::vector<std::expected<Answer<net::IpAddress>, DnsError>>* results, Resolver* resolver,
                           std::string name) {
  auto result = co_await resolver->a(std::move(name));
  results->push_back(std::move(result));
}

TEST_F(UnboundResolverTest, QuestionsOverTheBoundWaitAndMoreAreRefused) {
  for (int i = 0; i < 6; ++i)
    server.tell(std::to_string(i) + ".example.org", RecordType::kA, {.rdata = {"\xC0\0\2\1"s}, .silent = i == 0});
  auto with = options(700ms);
  with.in_flight = 1;
  with.waiting = 3;
  const auto resolver = start(with);
  std::vector<std::expected<Answer<net::IpAddress>, DnsError>> results;
  net::TaskGroup tasks(io.get_executor());
  for (int i = 0; i < 6; ++i) tasks.spawn(keep(&results, resolver.get(), std::to_string(i) + ".example.org"));
  io.run();
  ASSERT_EQ(results.size(), 6U);
  const auto failed = [&](DnsError error) {
    return std::ranges::count_if(results, [error](const auto& r) { return !r && r.error() == error; });
  };
  EXPECT_EQ(failed(DnsError::kTooManyQueries), 2);
  EXPECT_GE(failed(DnsError::kTimeout), 1);
}

TEST_F(UnboundResolverTest, CancellingTheAskerEndsTheQuestionAtOnce) {
  server.tell("silent.example.org", RecordType::kA, {.silent = true});
  const auto resolver = start(options(60s));
  std::vector<std::expected<Answer<net::IpAddress>, DnsError>> results;
  net::TaskGroup tasks(io.get_executor());
  tasks.spawn(keep(&results, resolver.get(), "silent.example.org"));
  tasks.cancel();
  io.run_for(5s);
  EXPECT_EQ(tasks.size(), 0U);
}

TEST_F(UnboundResolverTest, StoppingEndsAllQuestionsAndThoseToCome) {
  server.tell("silent.example.org", RecordType::kA, {.silent = true});
  const auto resolver = start(options(60s));
  std::vector<std::expected<Answer<net::IpAddress>, DnsError>> results;
  net::TaskGroup tasks(io.get_executor());
  for (int i = 0; i < 10; ++i) tasks.spawn(keep(&results, resolver.get(), "silent.example.org"));
  io.poll();
  resolver->stop();
  io.run();
  ASSERT_EQ(results.size(), 10U);
  for (const auto& result : results) EXPECT_EQ(result.error(), DnsError::kStopped);
  EXPECT_EQ(run(io, resolver->a("example.org")).error(), DnsError::kStopped);
}

TEST_F(UnboundResolverTest, SaysWhatItCannotStartWith) {
  struct Case {
    ResolverOptions options;
    ResolverError want;
  };
  ResolverOptions no_system;
  no_system.resolv_conf = "/nonexistent/resolv.conf";
  ResolverOptions no_anchor = options();
  no_anchor.trust_anchor_file = "/nonexistent/root.key";
  ResolverOptions no_hints = options();
  no_hints.root_hints_file = "/nonexistent/root.hints";
  const Case cases[] = {{no_system, ResolverError::kResolvConf},
                        {no_anchor, ResolverError::kTrustAnchor},
                        {no_hints, ResolverError::kRootHints}};
  for (const auto& c : cases) {
    SCOPED_TRACE(to_string(c.want));
    const auto started = UnboundResolver::start(c.options, metrics);
    ASSERT_FALSE(started);
    EXPECT_EQ(started.error(), c.want);
  }
}

}  // namespace
}  // namespace veredus::io::dns
