#include "work/mailauth/author.h"

#include <gtest/gtest.h>

namespace veredus::work::mailauth {
namespace {

using Domains = std::vector<std::string>;

TEST(FindAuthors, ReadsWhoWrote) {
  struct Case {
    std::string header;
    Domains want;
  };
  const Case cases[] = {{"From: alice@example.org\r\n", {"example.org"}},
                        {"from : \"A\" <alice@EXAMPLE.org>\r\n", {"example.org"}},
                        {"From: a@example.org, b@example.net, c@example.org\r\n", {"example.org", "example.net"}},
                        {"From: team: a@example.org;\r\n", {"example.org"}},
                        {"From: \"me@other.test\" <a@example.org>\r\n", {"example.org"}},
                        {"From: A (me@other.test) <a@example.org>\r\n", {"example.org"}},
                        {"From: me @ home <a@example.org>\r\n", {"example.org"}},
                        {"From: a@b\xC3\xBC"
                         "cher.example\r\n",
                         {"xn--bcher-kva.example"}},
                        {"From: undisclosed\r\n", {}},
                        {"Subject: x\r\n", {}}};
  for (const auto& c : cases) {
    SCOPED_TRACE(c.header);
    const auto authors = find_authors(c.header);
    EXPECT_EQ(authors.domains, c.want);
    EXPECT_EQ(authors.problem, "");
  }
}

/// Each is a way in which one reader sees bank.test where another sees attacker.test (the espoofer's list and others).
TEST(FindAuthors, LetsNobodyHideBehindAnotherReadersEyes) {
  const std::string headers[] = {
      "From: <me@attacker.test>\r\nFrom: <admin@bank.test>\r\n",
      "From: <admin@bank.test>\r\nFrom: <me@attacker.test>\r\n",
      "From: <me@attacker.test>, <admin@bank.test>\r\n",
      "From: admin@bank.test <me@attacker.test>\r\n",
      "From: <me@attacker.test> admin@bank.test\r\n",
      "From: <admin@bank.test><me@attacker.test>\r\n",
      "From: <@bank.test:me@attacker.test>\r\n",
      "From: <@attacker.test,@any.test:admin@bank.test>\r\n",
      " From: <admin@bank.test>\r\nFrom: <me@attacker.test>\r\n",
      "From: <me@attacker.test>\r\nFrom\x01: <admin@bank.test>\r\n",
      "From: <me@attacker.test>\r\n\xC2\xA0"
      "From : <admin@bank.test>\r\n",
      "\r\nFrom: <admin@bank.test>\r\nFrom: <me@attacker.test>\r\n",
      "From: <me@attacker.test>\r\nX: y\rFrom: <admin@bank.test>\r\n",
      "From: <me@attacker.test>\r\nX: y\r\n z\rFrom: <admin@bank.test>\r\n",
      "From: <me@attacker.test>\r\nX: y\r\n z\r\rFrom: <admin@bank.test>\r\n",
      std::string("From: <admin@bank.test\0@attacker.test>\r\n", 39),
      "From: <admin@bank.test\x01me@attacker.test>\r\n",
      "From: me@attacker.test, \"admin@bank.test\r\n",
      "From: me@attacker.test, (admin@bank.test\r\n",
      "From: <admin@bank..test>\r\nFrom: <me@attacker.test>\r\n",
  };
  for (const auto& header : headers) {
    SCOPED_TRACE(header);
    const auto authors = find_authors(header);
    const bool only_attacker = authors.domains == Domains{"attacker.test"};
    EXPECT_TRUE(!authors.problem.empty() || !only_attacker);
  }
}

TEST(FindAuthors, IsNotMisledByFieldsThatAreOnlyCalledAlike) {
  const auto authors = find_authors(
      "X-From: a@one.test\r\nResent-From: b@two.test\r\nFrom: a@example.org\r\nX-Note: see\r\n From: below\r\n");
  EXPECT_EQ(authors.domains, Domains{"example.org"});
  EXPECT_EQ(authors.problem, "");
}

TEST(FindAuthors, KnowsListsAndReports) {
  EXPECT_TRUE(find_authors("List-Id: <l.example.org>\r\n").from_list);
  EXPECT_TRUE(find_authors("Subject: Report Domain: a.test Submitter: b.test\r\n").is_report);
  EXPECT_TRUE(find_authors("TLS-Report-Domain: a.test\r\n").is_report);
  const auto plain = find_authors("Subject: hello\r\n");
  EXPECT_FALSE(plain.from_list || plain.is_report);
}

TEST(FindAuthors, StopsAtManyAuthors) {
  std::string header = "From: ";
  for (int i = 0; i < 30; ++i) header += "a@d" + std::to_string(i) + ".test, ";
  const auto authors = find_authors(header + "\r\n");
  EXPECT_EQ(authors.domains.size(), kMostAuthorDomains);
  EXPECT_FALSE(authors.problem.empty());
}

}  // namespace
}  // namespace veredus::work::mailauth
