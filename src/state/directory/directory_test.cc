#include "state/directory/directory.h"

#include <gtest/gtest.h>

#include "base/crypto/password.h"
#include "io/engine/memory_engine.h"
#include "io/net/worker_pool.h"
#include "state/directory/rows.h"
#include "state/directory/snapshot.h"
#include "support/run.h"

namespace veredus::state::directory {
namespace {

using namespace std::chrono_literals;
using base::crypto::Secret;
using io::engine::FaultPlan;
using io::engine::StoreError;

constexpr io::engine::Partition kPart{.kind = io::engine::Kind::kDirectory, .id = 0};

class DirectoryTest : public testing::Test {
 protected:
  DirectoryTest() { open(); }

  template <class T>
  T run(asio::awaitable<T> work) {
    return test::run(io, std::move(work));
  }
  void open() { directory = std::move(run(Directory::open(&engine, &pool, &clock, {})).value()); }
  AccountId add(std::string address, std::optional<std::string> password = std::nullopt) {
    NewAccount request{.address = std::move(address), .display_name = {}, .password = {}};
    if (password) request.password = Secret(*password);
    return run(directory->create_account(std::move(request))).value().id;
  }
  std::expected<Login, AuthError> login(std::string user, std::string_view password, std::string authzid = {}) {
    return run(directory->authenticate({std::move(authzid), std::move(user), Secret(password)}));
  }

  asio::io_context io;
  FixedClock clock{SystemTime{1'000'000s}};
  io::engine::MemoryEngine engine;
  io::net::WorkerPool pool{{.threads = 1}};
  std::unique_ptr<Directory> directory;
};

TEST_F(DirectoryTest, KeepsEverythingAcrossARestart) {
  ASSERT_TRUE(run(directory->create_domain({.name = "demo.test"})));
  const auto alice = add("alice@demo.test", "correct horse");
  const auto bob = add("bob@demo.test");
  ASSERT_TRUE(run(directory->put_alias({.address = "info@demo.test", .targets = {"alice@demo.test"}})));
  DomainChange change;
  change.catch_all = std::optional(bob);
  ASSERT_TRUE(run(directory->change_domain("demo.test", change)));
  ASSERT_TRUE(run(directory->change_account(bob, {.quota = Quota{.octets = 5, .messages = 6}})));
  const auto app = run(directory->create_app_password(alice, "phone")).value();
  open();
  EXPECT_EQ(directory->resolve_now({"info", "demo.test"})->local[0].account, alice);
  EXPECT_EQ(directory->resolve_now({"nobody", "demo.test"})->local[0].account, bob);
  EXPECT_EQ(directory->account(bob)->quota.messages, 6U);
  EXPECT_EQ(directory->account_by_address("BOB@demo.test")->id, bob);
  EXPECT_EQ(directory->domain("DEMO.test")->catch_all, bob);
  EXPECT_TRUE(directory->is_ours("Demo.test"));
  EXPECT_EQ(login("alice@demo.test", "correct horse")->account, alice);
  EXPECT_EQ(login("alice", app.password.reveal())->app_password, app.id);
  EXPECT_EQ(add("carol@demo.test").value, bob.value + 1);
}

TEST_F(DirectoryTest, WakesWhoWatchesAnAccountOnceItsChangeIsSeen) {
  ASSERT_TRUE(run(directory->create_domain({.name = "demo.test"})));
  const auto alice = add("alice@demo.test");
  const auto bob = add("bob@demo.test");
  std::string seen;
  {
    const auto watch = directory->watch(alice, [&] {
      const auto account = directory->account(alice);
      seen += !account ? 'x' : account->disabled ? 'd' : 'e';
    });
    ASSERT_TRUE(run(directory->change_account(alice, {.disabled = true})));
    ASSERT_TRUE(run(directory->change_account(bob, {.disabled = true})));
    ASSERT_TRUE(run(directory->change_account(alice, {.disabled = false})));
    engine.plan_faults({engine.operations() + 1, StoreError::kUnavailable, false, false});
    EXPECT_FALSE(run(directory->change_account(alice, {.disabled = true})));
    engine.plan_faults({engine.operations() + 1, StoreError::kUnknownOutcome, false, true});
    EXPECT_FALSE(run(directory->change_account(alice, {.disabled = true})));
    ASSERT_TRUE(run(directory->delete_account(alice)));
  }
  ASSERT_TRUE(run(directory->delete_account(bob)));
  EXPECT_EQ(seen, "dedx");
}

TEST_F(DirectoryTest, LetsInWhoKnowsThePasswordAndNobodyElse) {
  ASSERT_TRUE(run(directory->create_domain({.name = "demo.test"})));
  const auto alice = add("alice@demo.test", "correct horse");
  add("bob@demo.test");
  ASSERT_TRUE(run(directory->put_alias({.address = "info@demo.test", .targets = {"alice@demo.test"}})));
  EXPECT_EQ(login("ALICE@Demo.test", "correct horse")->address, "alice@demo.test");
  EXPECT_EQ(login("info@demo.test", "correct horse")->account, alice);
  EXPECT_EQ(login("alice@demo.test", "correct horse", "info@demo.test")->account, alice);
  EXPECT_EQ(login("alice@demo.test", "correct horse", "bob@demo.test").error(), AuthError::kNotAuthorized);
  EXPECT_EQ(login("alice@demo.test", "wrong horse").error(), AuthError::kWrongCredentials);
  EXPECT_EQ(login("alice@demo.test", "").error(), AuthError::kWrongCredentials);
  EXPECT_EQ(login("bob@demo.test", "").error(), AuthError::kWrongCredentials);
  EXPECT_EQ(login("nobody@demo.test", "correct horse").error(), AuthError::kWrongCredentials);
  EXPECT_EQ(login("alice@demo.test", std::string(2000, 'x')).error(), AuthError::kWrongCredentials);
  ASSERT_TRUE(run(directory->change_account(alice, {.disabled = true})));
  EXPECT_EQ(login("alice@demo.test", "wrong horse").error(), AuthError::kWrongCredentials);
  EXPECT_EQ(login("alice@demo.test", "correct horse").error(), AuthError::kDisabled);
}

TEST_F(DirectoryTest, ForgetsAnOldPasswordAtOnce) {
  ASSERT_TRUE(run(directory->create_domain({.name = "demo.test"})));
  const auto alice = add("alice@demo.test", "correct horse");
  const auto app = run(directory->create_app_password(alice, "phone")).value();
  ASSERT_TRUE(login("alice", "correct horse"));
  ASSERT_TRUE(login("alice", app.password.reveal()));
  ASSERT_TRUE(run(directory->set_password(alice, Secret(std::string_view("another horse")))));
  EXPECT_EQ(login("alice", "correct horse").error(), AuthError::kWrongCredentials);
  EXPECT_TRUE(login("alice", "another horse"));
  EXPECT_TRUE(login("alice", app.password.reveal()));
  ASSERT_TRUE(run(directory->revoke_app_password(alice, app.id)));
  EXPECT_EQ(login("alice", app.password.reveal()).error(), AuthError::kWrongCredentials);
  EXPECT_EQ(run(directory->revoke_app_password(alice, app.id)).error(), DirectoryError::kNoSuchAppPassword);
  EXPECT_EQ(run(directory->set_password(alice, Secret(std::string_view("short")))).error(),
            DirectoryError::kPasswordTooShort);
  EXPECT_EQ(run(directory->set_password(AccountId(99), Secret(std::string_view("long enough")))).error(),
            DirectoryError::kNoSuchAccount);
}

class CheaplyHashed : public DirectoryTest {
 protected:
  static constexpr std::string_view kOldHash =  // of "correct horse"
      "$argon2id$v=19$m=64,t=1,p=1$c2FsdHNhbHRzYWx0c2FsdA$rAjuexKlLdAHLvqk7TeeiWZjW4OPoRGwldJXdHbTuKI";

  CheaplyHashed() {
    EXPECT_TRUE(run(directory->create_domain({.name = "demo.test"})));
    alice = add("alice@demo.test", "correct horse");
    auto credentials = *directory->snapshot()->credentials(alice);
    credentials.password_hash = kOldHash;
    io::engine::Batch batch;
    batch.put(id_key(RowKind::kCredentials, alice.value), write_credentials(credentials));
    EXPECT_TRUE(run(engine.commit(kPart, std::move(batch), io::engine::Durability::kSynced)));
    open();
  }
  [[nodiscard]] std::string hash() const { return directory->snapshot()->credentials(alice)->password_hash; }

  AccountId alice;
};

TEST_F(CheaplyHashed, PasswordsAreHashedAnewWhenTheyAreUsed) {
  const auto app = run(directory->create_app_password(alice, "phone")).value();
  EXPECT_FALSE(login("alice", "wrong horse"));
  EXPECT_TRUE(login("alice", app.password.reveal()));
  EXPECT_EQ(hash(), kOldHash) << "nobody has shown that he knows it";
  EXPECT_TRUE(login("alice", "correct horse"));
  const auto renewed = hash();
  EXPECT_FALSE(base::crypto::needs_rehash(renewed));
  open();
  EXPECT_EQ(hash(), renewed);
  EXPECT_TRUE(login("alice", "correct horse"));
  EXPECT_TRUE(login("alice", app.password.reveal()));
  EXPECT_FALSE(login("alice", "wrong horse"));
  EXPECT_EQ(hash(), renewed);
  EXPECT_EQ(directory->scram_keys("alice").size(), 2U);
}

TEST_F(CheaplyHashed, PasswordsLetInThoughTheyCannotBeHashedAnew) {
  engine.plan_faults({engine.operations() + 1, StoreError::kUnavailable, false, false});
  EXPECT_TRUE(login("alice", "correct horse"));
  EXPECT_EQ(hash(), kOldHash);
  open();
  EXPECT_TRUE(login("alice", "correct horse"));
  EXPECT_NE(hash(), kOldHash);
}

TEST_F(CheaplyHashed, APasswordThatIsChangedMeanwhileIsTheOneThatCounts) {
  const auto log_in = [](Directory* names) -> asio::awaitable<std::expected<Login, AuthError>> {
    PasswordLogin typed{{}, "alice", Secret(std::string_view("correct horse"))};
    co_return co_await names->authenticate(std::move(typed));
  };
  const auto change = [](Directory* names, AccountId id) -> asio::awaitable<std::expected<void, DirectoryError>> {
    co_return co_await names->set_password(id, Secret(std::string_view("another horse")));
  };
  bool in = false;
  bool changed = false;
  io.restart();
  asio::co_spawn(io, log_in(directory.get()), [&](std::exception_ptr, const auto& login) { in = login.has_value(); });
  asio::co_spawn(io, change(directory.get(), alice), [&](std::exception_ptr, const auto& done) { changed = !!done; });
  io.run();
  EXPECT_TRUE(in && changed);
  EXPECT_TRUE(login("alice", "another horse"));
  EXPECT_FALSE(login("alice", "correct horse"));
}

TEST_F(DirectoryTest, GivesScramKeysForEachPasswordOfAnAccount) {
  ASSERT_TRUE(run(directory->create_domain({.name = "demo.test"})));
  const auto alice = add("alice@demo.test", "correct horse");
  const auto app = run(directory->create_app_password(alice, "phone")).value();
  EXPECT_EQ(directory->scram_keys("Alice@demo.test").size(), 2U);
  EXPECT_TRUE(directory->scram_keys("nobody@demo.test").empty());
  EXPECT_EQ(run(directory->authorize_scram("alice", "", 0))->app_password, 0U);
  EXPECT_EQ(run(directory->authorize_scram("alice", "alice@demo.test", 1))->app_password, app.id);
  EXPECT_EQ(run(directory->authorize_scram("alice", "bob@demo.test", 1)).error(), AuthError::kNotAuthorized);
  EXPECT_EQ(run(directory->authorize_scram("nobody", "", 0)).error(), AuthError::kWrongCredentials);
}

TEST_F(DirectoryTest, NotesWhenAnAppPasswordWasUsedWithinTheHour) {
  ASSERT_TRUE(run(directory->create_domain({.name = "demo.test"})));
  const auto alice = add("alice@demo.test");
  const auto app = run(directory->create_app_password(alice, "phone")).value();
  EXPECT_EQ(directory->app_passwords(alice)[0].last_used, std::nullopt);
  const auto first = clock.now();
  const auto version = run(engine.version(kPart)).value();
  ASSERT_TRUE(login("alice", app.password.reveal()));
  clock.advance(59min);
  ASSERT_TRUE(login("alice", app.password.reveal()));
  EXPECT_EQ(directory->app_passwords(alice)[0].last_used, first);
  clock.advance(1min);
  ASSERT_TRUE(login("alice", app.password.reveal()));
  EXPECT_EQ(directory->app_passwords(alice)[0].last_used, first + 60min);
  EXPECT_EQ(run(engine.version(kPart)).value(), version) << "a login conflicts with no change";
  open();
  EXPECT_EQ(directory->app_passwords(alice)[0].last_used, first + 60min);
  EXPECT_EQ(directory->app_passwords(alice)[0].name, "phone");
  for (std::size_t i = 1; i < Limits::app_passwords; ++i) ASSERT_TRUE(run(directory->create_app_password(alice, "x")));
  EXPECT_EQ(run(directory->create_app_password(alice, "x")).error(), DirectoryError::kTooManyAppPasswords);
}

TEST_F(DirectoryTest, GoesOnFromWhatAnotherNodeHasWritten) {
  std::unique_ptr<Directory> other = run(Directory::open(&engine, &pool, &clock, {})).value();
  ASSERT_TRUE(run(directory->create_domain({.name = "demo.test"})));
  EXPECT_FALSE(other->is_ours("demo.test"));
  EXPECT_EQ(run(other->create_domain({.name = "demo.test"})).error(), DirectoryError::kDomainExists)
      << "planned again on what is there";
  ASSERT_TRUE(run(other->create_domain({.name = "other.test"})));
  EXPECT_FALSE(directory->is_ours("other.test"));
  ASSERT_TRUE(run(directory->refresh()));
  EXPECT_TRUE(directory->is_ours("other.test"));
}

asio::awaitable<void> add_account(Directory* directory, int number, int* done) {
  NewAccount request{.address = "user" + std::to_string(number) + "@demo.test", .display_name = {}, .password = {}};
  const auto account = co_await directory->create_account(std::move(request));
  if (account) ++*done;
}

TEST_F(DirectoryTest, TakesChangesInTurn) {
  ASSERT_TRUE(run(directory->create_domain({.name = "demo.test"})));
  int done = 0;
  io.restart();
  for (int i = 0; i < 50; ++i) {
    auto work = add_account(directory.get(), i, &done);
    asio::co_spawn(io, std::move(work), [](std::exception_ptr) {});
  }
  io.run();
  EXPECT_EQ(done, 50);
  EXPECT_EQ(directory->snapshot()->account_count(), 50U);
  EXPECT_EQ(directory->snapshot()->last_account_id(), 50U);
}

TEST_F(DirectoryTest, IsUnchangedWhenAWriteFailsWhereverItFails) {
  ASSERT_TRUE(run(directory->create_domain({.name = "demo.test"})));
  for (const auto error : {StoreError::kUnavailable, StoreError::kUnknownOutcome}) {
    for (const bool takes_effect : {false, true}) {
      for (std::uint64_t at = 1;; ++at) {
        SCOPED_TRACE(std::string(to_string(error)) + " at " + std::to_string(at) + (takes_effect ? ", done" : ""));
        ASSERT_LT(at, 20U);
        engine.plan_faults({.fail_at = engine.operations() + at, .error = error, .takes_effect = takes_effect});
        const auto put = run(directory->put_alias({.address = "info@demo.test", .targets = {"x@elsewhere.test"}}));
        engine.plan_faults({});
        const bool believed = directory->snapshot()->alias("info@demo.test") != nullptr;
        const bool stored = run(engine.get(kPart, {alias_key("info@demo.test")})).value()[0].has_value();
        if (put) EXPECT_TRUE(believed && stored);
        if (error == StoreError::kUnknownOutcome) EXPECT_EQ(believed, stored);
        ASSERT_TRUE(run(directory->refresh()));
        EXPECT_EQ(directory->snapshot()->alias("info@demo.test") != nullptr, stored);
        if (stored) ASSERT_TRUE(run(directory->delete_alias("info@demo.test")));
        if (put) break;
      }
    }
  }
}

TEST_F(DirectoryTest, OpensOnlyWhenItReadsEverything) {
  ASSERT_TRUE(run(directory->create_domain({.name = "demo.test"})));
  for (std::uint64_t at = 1; at <= 3; ++at) {
    engine.plan_faults({.fail_at = engine.operations() + at});
    EXPECT_EQ(run(Directory::open(&engine, &pool, &clock, {})).error(), DirectoryError::kUnavailable);
  }
  engine.plan_faults({});
  io::engine::Batch batch;
  batch.put("dbroken", "row");
  ASSERT_TRUE(run(engine.commit(kPart, batch, io::engine::Durability::kSynced)));
  EXPECT_EQ(run(Directory::open(&engine, &pool, &clock, {})).error(), DirectoryError::kCorrupt);
}

}  // namespace
}  // namespace veredus::state::directory
