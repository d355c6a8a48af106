#include <gtest/gtest.h>

#include "app/config/configuration.h"

namespace veredus::app::config {
namespace {

constexpr std::string_view kTop =
    "hostname = \"mx.example.org\"\ndata_directory = \"/var/lib/veredus\"\n"
    "[[listener]]\nprotocol = \"smtp\"\naddress = \"127.0.0.1:2525\"\n";

std::expected<Configuration, std::vector<ConfigError>> parse(const std::string& more) {
  return parse_configuration(std::string(kTop) + more, "test.toml", "/etc/veredus");
}

TEST(MailAuth, HasDefaultsThatAreSafe) {
  const auto read = parse("");
  ASSERT_TRUE(read);
  EXPECT_TRUE(read->mail_auth.on);
  EXPECT_EQ(read->mail_auth.authserv_id, "mx.example.org");
  EXPECT_EQ(read->mail_auth.dmarc, work::mailauth::DmarcAction::kReject);
  EXPECT_EQ(read->mail_auth.trusted_networks.size(), 2U);
  EXPECT_FALSE(read->mail_auth.greylist);
  EXPECT_TRUE(read->listeners.front().check_senders);
}

TEST(MailAuth, ReadsEachKey) {
  const auto read = parse(
      "check_senders = false\n[mail_auth]\ncheck = false\nauthserv_id = \"auth.example.org\"\ndeadline = \"3s\"\n"
      "dmarc = \"quarantine\"\nspf_fail = \"reject\"\ntemporary_failure = \"try-later\"\nreceived_spf = true\n"
      "partial_bodies = true\ntrusted_networks = [\"192.0.2.0/24\"]\ntrusted_sealers = [\"Lists.example.org\"]\n"
      "mailing_lists = [\"b\\u00fccher.example\"]\nexempt_authors = [\"old.example\"]\nlists_junk_from = 0\n"
      "lists_refuse_from = 7\nremember_senders = false\ngreylist = true\ngreylist_delay = \"1m\"\n"
      "greylist_come_back = \"2h\"\ngreylist_remember = \"10d\"\n[[mail_auth.list]]\nzone = \"bad.example\"\nweight = "
      "-4\n"
      "answers = [\"127.0.0.4\"]\n");
  ASSERT_TRUE(read) << to_string(read.error());
  const auto& options = read->mail_auth;
  EXPECT_FALSE(read->listeners.front().check_senders);
  EXPECT_FALSE(options.on);
  EXPECT_EQ(options.authserv_id, "auth.example.org");
  EXPECT_EQ(options.patience, std::chrono::seconds(3));
  EXPECT_EQ(options.dmarc, work::mailauth::DmarcAction::kQuarantine);
  EXPECT_EQ(options.spf, work::mailauth::SpfAction::kReject);
  EXPECT_EQ(options.temporary, work::mailauth::TemporaryAction::kTryLater);
  EXPECT_TRUE(options.received_spf && options.partial_bodies && options.greylist);
  ASSERT_EQ(options.trusted_networks.size(), 1U);
  EXPECT_EQ(options.trusted_sealers, std::vector<std::string>{"lists.example.org"});
  EXPECT_EQ(options.mailing_lists, std::vector<std::string>{"xn--bcher-kva.example"});
  EXPECT_EQ(options.junk_from, 0);
  EXPECT_EQ(options.refuse_from, 7);
  EXPECT_EQ(options.greylist_delay, std::chrono::minutes(1));
  ASSERT_EQ(options.lists.size(), 1U);
  EXPECT_EQ(options.lists.front().zone, "bad.example");
  EXPECT_EQ(options.lists.front().weight, -4);
  EXPECT_EQ(options.lists.front().answers.size(), 1U);
}

TEST(MailAuth, SaysWhatIsWrong) {
  const std::string wrong[] = {"[mail_auth]\ndmarc = \"sometimes\"\n",
                               "[mail_auth]\ndeadline = \"1ms\"\n",
                               "[mail_auth]\ntrusted_networks = [\"home\"]\n",
                               "[mail_auth]\ntrusted_sealers = [\"a b\"]\n",
                               "[mail_auth]\nunheard_of = 1\n",
                               "[mail_auth]\ngreylist_delay = \"3d\"\n",
                               "[[mail_auth.list]]\nweight = 3\n",
                               "[[mail_auth.list]]\nzone = \"bad.example\"\nweight = 0\n",
                               "[mail_auth]\nlist = 5\n",
                               "[[listener]]\nprotocol = \"lmtp\"\naddress = \"/run/x\"\ncheck_senders = false\n"};
  for (const auto& text : wrong) {
    SCOPED_TRACE(text);
    EXPECT_FALSE(parse(text));
  }
}

}  // namespace
}  // namespace veredus::app::config
