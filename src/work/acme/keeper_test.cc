#include "work/acme/keeper.h"

#include <gtest/gtest.h>

#include <boost/asio/io_context.hpp>
#include <filesystem>
#include <fstream>

#include "base/codec/date.h"
#include "base/observe/log.h"
#include "base/observe/metrics.h"
#include "support/acme_authority.h"
#include "support/certificate_authority.h"
#include "support/run.h"
#include "support/scratch_directory.h"

namespace veredus::work::acme {
namespace {

class KeeperTest : public ::testing::Test {
 protected:
  KeeperTest() {
    authority_.looks = [this](const std::string& token) { return prover_.shown.contains(token); };
    authority_.sign = [this](const std::string& request) {
      return root_.sign(request, options_.names, clock_.now(), std::chrono::days(90));
    };
    options_.directory = "https://ca/dir";
    options_.names = {"mx.example.org"};
    options_.folder = folder_.path();
    restart();
  }
  void restart() {
    auto install = [this]() -> std::expected<void, std::string> {
      if (refuses_) return std::unexpected("a key that does not fit");
      ++installed_;
      return {};
    };
    Keeper::Parts parts{.clock = clock_,
                        .log = log_,
                        .metrics = metrics_,
                        .transport = authority_,
                        .prover = prover_,
                        .install = install};
    keeper_ = std::make_unique<Keeper>(std::move(parts), options_);
  }
  Expected<bool> look() { return test::run(io_, keeper_->look()); }
  [[nodiscard]] CertificateFacts facts() const {
    std::ifstream file(options_.certificate_file());
    return read_certificate(std::string(std::istreambuf_iterator<char>(file), {})).value();
  }
  void suggest(SystemTime from, SystemTime until) {
    authority_.renewal = R"({"suggestedWindow":{"start":")" + base::codec::format_rfc3339(from) + R"(","end":")" +
                         base::codec::format_rfc3339(until) + "\"}}";
  }

  asio::io_context io_;
  const test::ScratchDirectory folder_;
  FixedClock clock_{MachineClock().now()};
  const test::CertificateAuthority root_;
  test::AcmeAuthority authority_;
  test::ShownProofs prover_;
  base::observe::Logger log_;
  base::observe::Metrics metrics_;
  Options options_;
  std::unique_ptr<Keeper> keeper_;
  int installed_ = 0;
  bool refuses_ = false;
};

TEST_F(KeeperTest, GetsACertificateWhereThereIsNone) {
  EXPECT_EQ(look(), true);
  EXPECT_EQ(installed_, 1);
  EXPECT_EQ(facts().names, options_.names);
  EXPECT_EQ(look(), false) << "a good one is kept";
  restart();
  EXPECT_EQ(look(), false);
  EXPECT_EQ(authority_.replaced, "");
}

TEST_F(KeeperTest, GetsABetterOneThanItMadeItself) {
  ASSERT_TRUE(prepare_certificate(options_, clock_.now()));
  EXPECT_TRUE(facts().self_signed);
  EXPECT_EQ(look(), true);
  EXPECT_FALSE(facts().self_signed);
}

TEST_F(KeeperTest, RenewsWhenAThirdOfItsLifeIsLeft) {
  ASSERT_EQ(look(), true);
  clock_.advance(std::chrono::days(59));
  EXPECT_EQ(look(), false);
  clock_.advance(std::chrono::days(2));
  const auto before = facts();
  EXPECT_EQ(look(), true);
  EXPECT_EQ(authority_.replaced, before.renewal_id);  // RFC 9773 s5
  EXPECT_EQ(installed_, 2);
}

TEST_F(KeeperTest, RenewsWhenTheAuthoritySaysSo) {  // RFC 9773 s4.2
  ASSERT_EQ(look(), true);
  suggest(clock_.now() + std::chrono::days(3), clock_.now() + std::chrono::days(4));
  EXPECT_EQ(look(), false);
  clock_.advance(std::chrono::days(2));
  EXPECT_EQ(look(), false);
  clock_.advance(std::chrono::days(2));
  EXPECT_EQ(look(), true);
  suggest(clock_.now() + std::chrono::days(80), clock_.now() + std::chrono::days(81));
  clock_.advance(std::chrono::days(70));
  EXPECT_EQ(look(), false) << "and not before";
  suggest(clock_.now() - std::chrono::days(2), clock_.now() - std::chrono::days(1));
  EXPECT_EQ(look(), true) << "a window that is over is now";
}

TEST_F(KeeperTest, KeepsTheChosenTimeOverRestarts) {  // RFC 9773 s4.2
  EXPECT_EQ(look(), true);
  const auto before = facts();
  suggest(clock_.now() + std::chrono::days(10), clock_.now() + std::chrono::days(40));
  EXPECT_EQ(look(), false);
  const auto kept = [this] {
    std::ifstream file(options_.renewal_file());
    return parse_renewal_choice(std::string(std::istreambuf_iterator<char>(file), {})).value();
  };
  const auto chosen = kept();
  EXPECT_EQ(chosen.of, before.renewal_id);
  EXPECT_GE(chosen.at, clock_.now() + std::chrono::days(10) - std::chrono::seconds(1));
  EXPECT_LE(chosen.at, clock_.now() + std::chrono::days(40));
  for (int i = 0; i < 3; ++i) {
    restart();
    EXPECT_EQ(look(), false);
    EXPECT_EQ(kept(), chosen) << "no other choice";
  }
  authority_.renewal = "{}";  // nor does it need the authority's word again
  restart();
  clock_.advance(chosen.at - clock_.now() - std::chrono::minutes(1));
  EXPECT_EQ(look(), false);
  clock_.advance(std::chrono::minutes(1));
  EXPECT_EQ(look(), true);
  EXPECT_NE(facts().renewal_id, before.renewal_id);
}

TEST_F(KeeperTest, RenewsBeforeTheEndWhateverTheAuthoritySays) {
  ASSERT_EQ(look(), true);
  suggest(clock_.now() + std::chrono::days(100), clock_.now() + std::chrono::days(101));
  clock_.advance(std::chrono::days(88));
  EXPECT_EQ(look(), false);
  clock_.advance(std::chrono::days(1));
  EXPECT_EQ(look(), true);
}

TEST_F(KeeperTest, RestsBetweenLooksWhateverTheAuthoritySays) {  // RFC 9773 s4.3
  ASSERT_EQ(look(), true);
  EXPECT_EQ(keeper_->rest(false), options_.look_every);
  suggest(clock_.now() + std::chrono::days(3), clock_.now() + std::chrono::days(4));
  ASSERT_EQ(look(), false);  // the authority says "Retry-After: 0"
  EXPECT_EQ(keeper_->rest(false), std::chrono::minutes(1));
}

TEST_F(KeeperTest, InstallsLaterWhatCouldNotBeInstalled) {
  refuses_ = true;
  ASSERT_FALSE(look());
  const auto made = facts();
  ASSERT_FALSE(look()) << "still not";
  refuses_ = false;
  EXPECT_EQ(look(), false);
  EXPECT_EQ(installed_, 1);
  EXPECT_EQ(facts().renewal_id, made.renewal_id) << "and no other one was asked for";
  EXPECT_EQ(look(), false);
  EXPECT_EQ(installed_, 1);
}

TEST_F(KeeperTest, WritesThroughNoLink) {
  const auto elsewhere = folder_.path() / "elsewhere";
  std::ofstream(elsewhere) << "somebody's";
  std::filesystem::create_symlink(elsewhere, options_.certificate_file() + ".new");
  ASSERT_TRUE(prepare_certificate(options_, clock_.now()));
  EXPECT_TRUE(facts().self_signed);
  std::ifstream file(elsewhere);
  EXPECT_EQ(std::string(std::istreambuf_iterator<char>(file), {}), "somebody's");
  EXPECT_FALSE(std::filesystem::is_symlink(options_.certificate_file()));
}

TEST_F(KeeperTest, GetsAnotherOneForOtherNames) {
  ASSERT_EQ(look(), true);
  options_.names = {"mx.example.org", "mail.example.org"};
  restart();
  EXPECT_EQ(look(), true);
  EXPECT_EQ(facts().names, (std::vector<std::string>{"mail.example.org", "mx.example.org"}));
}

TEST_F(KeeperTest, KeepsWhatItHasWhileTheAuthorityIsAway) {
  ASSERT_EQ(look(), true);
  const auto before = facts();
  authority_.away = true;
  EXPECT_EQ(look(), false);
  clock_.advance(std::chrono::days(70));
  const auto failed = look();
  ASSERT_FALSE(failed);
  EXPECT_EQ(failed.error().error, AcmeError::kConnection);
  EXPECT_EQ(facts().renewal_id, before.renewal_id);
}

TEST_F(KeeperTest, InstallsNothingThatIsNoCertificate) {
  authority_.sign = [](const std::string&) { return std::string("<html>"); };
  EXPECT_FALSE(look());
  EXPECT_EQ(installed_, 0);
}

}  // namespace
}  // namespace veredus::work::acme
