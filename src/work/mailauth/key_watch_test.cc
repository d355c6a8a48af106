#include "work/mailauth/key_watch.h"

#include <gtest/gtest.h>

#include "base/observe/log.h"
#include "io/engine/memory_engine.h"
#include "state/directory/directory.h"
#include "state/directory/snapshot.h"
#include "support/signing_domain.h"

namespace veredus::work::mailauth {
namespace {

using namespace std::chrono_literals;
using base::crypto::KeyKind;
using state::directory::Directory;
using state::directory::DirectoryError;
using state::directory::KeyState;

Directory::Options options() {
  Directory::Options options;
  options.sealing_key = base::crypto::Secret(std::string(32, 'k'));
  return options;
}

class KeyWatchTest : public ::testing::Test {
 protected:
  KeyWatchTest()
      : directory_(*test::run(io_, Directory::open(&engine_, nullptr, &clock_, options()))),
        watch_({.clock = clock_, .directory = *directory_, .resolver = dns_, .log = log_}, {}) {
    (void)test::run(io_, directory_->create_domain({.name = "example.org"}));
  }

  state::directory::SigningKey add(const std::string& selector) {
    std::vector<state::directory::NewSigningKey> wanted{{.selector = selector, .kind = KeyKind::kEd25519, .pem = {}}};
    return test::run(io_, directory_->add_signing_keys("example.org", std::move(wanted)))->front();
  }
  void publish(const state::directory::SigningKey& key) {
    dns_.txt(key_name(key.selector, "example.org"), {record_text(key)});
  }
  std::vector<KeyWatch::Seen> look() { return test::run(io_, watch_.look_after("example.org")).value(); }
  Publication published(const std::string& selector, const std::vector<std::string>& texts) {
    dns_.txt(key_name(selector, "example.org"), texts);
    for (const auto& seen : look())
      if (seen.key.selector == selector) return seen.published.publication;
    return Publication::kUnknown;
  }

  asio::io_context io_;
  FixedClock clock_{SystemTime(std::chrono::seconds(1'790'000'000))};
  io::engine::MemoryEngine engine_;
  base::observe::Logger log_;
  test::ScriptedResolver dns_;
  std::unique_ptr<Directory> directory_;
  KeyWatch watch_;
};

TEST_F(KeyWatchTest, AKeySignsWhenDnsHasItAndNotBefore) {
  const auto key = add("one");
  EXPECT_EQ(look().front().key.state, KeyState::kPending);
  EXPECT_EQ(look().front().published.publication, Publication::kMissing);
  publish(key);
  EXPECT_EQ(look().front().key.state, KeyState::kActive);
  EXPECT_EQ(look().front().published.publication, Publication::kThere);
}

TEST_F(KeyWatchTest, TheOldKeyStaysUntilTheNewOneIsThereAndThenRetires) {
  publish(add("one"));
  (void)look();
  const auto next = add("two");
  EXPECT_EQ(look()[0].key.state, KeyState::kActive);
  publish(next);
  const auto both = look();
  EXPECT_EQ(both[0].key.state, KeyState::kRetiring);
  EXPECT_EQ(both[1].key.state, KeyState::kActive);
  clock_.advance(6 * 24h);
  EXPECT_EQ(look()[0].key.state, KeyState::kRetiring);
  clock_.advance(25h);
  EXPECT_EQ(look()[0].key.state, KeyState::kGone);
  EXPECT_FALSE(directory_->open_signing_key(look()[0].key));
  clock_.advance(31 * 24h);
  EXPECT_EQ(look().size(), 1U);
}

TEST_F(KeyWatchTest, TellsWhatIsWrongWithARecord) {
  const auto key = add("one");
  const auto other = add("two");
  using enum Publication;
  EXPECT_EQ(published("one", {record_text(other)}), kOther);
  EXPECT_EQ(published("one", {"v=DKIM1; k=ed25519; p="}), kOther);
  EXPECT_EQ(published("one", {"hello"}), kOther);
  EXPECT_EQ(published("one", {record_text(key), record_text(key)}), kOther);
  EXPECT_EQ(published("one", {record_text(key) + "; t=y"}), kOther);
  dns_.fail(key_name("one", "example.org"), io::dns::DnsError::kTimeout);
  EXPECT_EQ(published("one", {record_text(key)}), kUnknown);
  EXPECT_EQ(look().front().key.state, KeyState::kPending);
}

TEST_F(KeyWatchTest, KnowsOnlyDomainsOfOurs) {
  EXPECT_EQ(test::run(io_, watch_.look_after("example.net")).error(), DirectoryError::kNoSuchDomain);
}

}  // namespace
}  // namespace veredus::work::mailauth
