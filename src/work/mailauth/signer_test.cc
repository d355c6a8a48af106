#include "work/mailauth/signer.h"

#include <gtest/gtest.h>

#include <future>

#include "base/observe/metrics.h"
#include "io/engine/memory_engine.h"
#include "io/net/worker_pool.h"
#include "rules/arc/validation.h"
#include "rules/dkim/verification.h"
#include "state/directory/directory.h"
#include "support/signing_domain.h"
#include "work/mailauth/lookup.h"

namespace veredus::work::mailauth {
namespace {

using rules::dkim::Result;
using state::directory::Directory;
using state::directory::KeyState;

const SystemTime kNow{std::chrono::seconds(1'790'000'000)};
const std::string kHeader = "From: Alice <alice@example.org>\r\nTo: bob@demo.test\r\nSubject: x\r\n";
const std::string kBody = "hello  there\r\n\r\n\r\n";

Directory::Options options() {
  Directory::Options options;
  options.sealing_key = base::crypto::Secret(std::string(32, 'k'));
  return options;
}

class SignerTest : public ::testing::Test {
 protected:
  SignerTest() : directory_(*test::run(io_, Directory::open(&engine_, nullptr, &clock_, options()))) {
    for (const char* name : {"example.org", "lists.example.org", "bare.test"})
      (void)test::run(io_, directory_->create_domain({.name = name}));
    keys_ = test::add_signing_keys(io_, *directory_, "example.org", dns_);
  }

  std::vector<std::string> sign(const std::vector<SigningWish>& wishes, const std::string& message,
                                std::size_t piece = 1000, Signer::Options options = {},
                                io::net::WorkerPool* pool = nullptr) {
    const Signer signer(directory_.get(), pool, &clock_, &metrics_, options);
    SigningJob job(&signer);
    for (std::size_t at = 0; at < message.size(); at += piece) job.feed(std::string_view(message).substr(at, piece));
    return *test::run(io_, job.finish(wishes));
  }
  std::string sign_author(const std::string& message) { return sign({SigningWish{}}, message).front(); }

  std::vector<rules::dkim::Verdict> verify(const std::string& header, const std::string& body) {
    rules::dkim::ReceivedMessage message(header);
    rules::dkim::Verification check(&message, kNow, {});
    message.body(body);
    message.end();
    return test::run(io_, run(&dns_, check.finish()));
  }
  rules::arc::Verdict validate(const std::string& header, const std::string& body) {
    rules::dkim::ReceivedMessage message(header);
    rules::arc::Validation check(&message, kNow);
    message.body(body);
    message.end();
    return test::run(io_, run(&dns_, check.finish()));
  }

  asio::io_context io_;
  FixedClock clock_{kNow};
  io::engine::MemoryEngine engine_;
  base::observe::Metrics metrics_;
  test::ScriptedResolver dns_;
  std::unique_ptr<Directory> directory_;
  std::vector<state::directory::SigningKey> keys_;
};

TEST_F(SignerTest, SignsWithEachActiveKeyRsaFirst) {
  const auto fields = sign_author(kHeader + "\r\n" + kBody);
  const auto verdicts = verify(fields + kHeader, kBody);
  ASSERT_EQ(verdicts.size(), 2U);
  EXPECT_EQ(verdicts[0].result, Result::kPass) << verdicts[0].problem;
  EXPECT_EQ(verdicts[0].algorithm, "rsa-sha256");
  EXPECT_EQ(verdicts[0].domain, "example.org");
  EXPECT_EQ(verdicts[1].result, Result::kPass) << verdicts[1].problem;
  EXPECT_EQ(verdicts[1].algorithm, "ed25519-sha256");
}

TEST_F(SignerTest, NobodyCanAddAFieldThatWasOversigned) {
  const auto fields = sign_author(kHeader + "\r\n" + kBody);
  for (const char* added : {"From: eve@example.org\r\n", "Subject: y\r\n", "Date: now\r\n", "Message-ID: <x@y>\r\n"}) {
    SCOPED_TRACE(added);
    EXPECT_EQ(verify(added + fields + kHeader, kBody).front().result, Result::kFail);
  }
  EXPECT_EQ(verify("X-Other: y\r\n" + fields + kHeader, kBody).front().result, Result::kPass);
}

TEST_F(SignerTest, TakesTheMessageInAnyPieces) {
  const std::string message = kHeader + "\r\n" + kBody;
  for (std::size_t piece = 1; piece < 40; ++piece) {
    SCOPED_TRACE(piece);
    EXPECT_EQ(verify(sign({SigningWish{}}, message, piece).front() + kHeader, kBody).back().result, Result::kPass);
  }
}

TEST_F(SignerTest, SignsMessagesWithoutBodyOrWithoutAnEmptyLine) {
  EXPECT_EQ(verify(sign_author(kHeader) + kHeader, "").front().result, Result::kPass);
  EXPECT_EQ(verify(sign_author(kHeader + "\r\n") + kHeader, "").front().result, Result::kPass);
  EXPECT_EQ(sign_author("\r\n" + kBody), "");  // nobody's
}

TEST_F(SignerTest, TheNearestDomainAboveThatHasKeysSigns) {
  const std::string header = "From: alice@lists.example.org\r\n";
  const auto verdicts = verify(sign_author(header + "\r\n" + kBody) + header, kBody);
  ASSERT_EQ(verdicts.size(), 2U);
  EXPECT_EQ(verdicts.front().domain, "example.org");
  EXPECT_EQ(sign_author("From: alice@bare.test\r\n\r\n" + kBody), "");
  EXPECT_EQ(sign_author("From: alice@elsewhere.test\r\n\r\n" + kBody), "");
  EXPECT_EQ(sign_author("From: alice@notexample.org\r\n\r\n" + kBody), "");
  EXPECT_EQ(sign_author("Subject: no author\r\n\r\n" + kBody), "");
}

TEST_F(SignerTest, OnlyActiveKeysSign) {
  for (const auto& key : keys_) {
    const auto retired =
        test::run(io_, directory_->change_signing_key("example.org", key.selector, KeyState::kRetiring));
    ASSERT_TRUE(retired);
  }
  EXPECT_EQ(sign_author(kHeader + "\r\n" + kBody), "");
}

TEST_F(SignerTest, KnowsWhetherAnybodyHasAKeyThatSigns) {
  const Signer signer(directory_.get(), nullptr, &clock_, &metrics_, {});
  EXPECT_TRUE(signer.has_keys());
  for (const auto& key : keys_)
    (void)test::run(io_, directory_->change_signing_key("example.org", key.selector, KeyState::kRetiring));
  EXPECT_FALSE(signer.has_keys());
  EXPECT_FALSE(signer.has_keys());
  test::add_signing_keys(io_, *directory_, "bare.test", dns_);
  EXPECT_TRUE(signer.has_keys());
}

TEST_F(SignerTest, AListSignsWhatItPutsBefore) {
  const std::string list = "List-Id: <team.example.org>\r\nList-Post: <mailto:team@example.org>\r\n";
  const std::string header = "From: stranger@elsewhere.test\r\nSubject: x\r\n";
  const SigningWish wish{.fields = list, .domain = "example.org", .sign = true, .seal = {}};
  const auto fields = sign({SigningWish{}, wish}, header + "\r\n" + kBody);
  ASSERT_EQ(fields.size(), 2U);
  EXPECT_EQ(fields[0], "");
  EXPECT_EQ(verify(fields[1] + list + header, kBody).front().result, Result::kPass);
  EXPECT_EQ(verify(fields[1] + header, kBody).front().result, Result::kFail);
}

TEST_F(SignerTest, ASealStandsOverTheSignatures) {
  const std::string header = "From: stranger@elsewhere.test\r\nSubject: x\r\n";
  SigningWish wish{.fields = "List-Id: <team.example.org>\r\n", .domain = "example.org", .sign = true, .seal = {}};
  wish.seal = SealFacts{.chain = rules::arc::Result::kNone, .results = "mx.example.org; spf=pass smtp.mailfrom=a.test"};
  const auto fields = sign({wish}, header + "\r\n" + kBody).front();
  ASSERT_TRUE(fields.starts_with("ARC-Seal:")) << fields;
  const auto verdict = validate(fields + wish.fields + header, kBody);
  EXPECT_EQ(verdict.result, rules::arc::Result::kPass) << verdict.problem;
  ASSERT_EQ(verdict.hops.size(), 1U);
  EXPECT_EQ(verdict.hops[0].domain, "example.org");
  EXPECT_NE(verdict.hops[0].results.find("spf=pass"), std::string::npos);
  // A second hop seals over the first.
  SigningWish second{.fields = fields + wish.fields, .domain = "example.org", .sign = false, .seal = {}};
  second.seal = SealFacts{.chain = rules::arc::Result::kPass, .results = "mx2.example.org; arc=pass"};
  const auto more = sign({second}, header + "\r\n" + kBody).front();
  const auto longer = validate(more + second.fields + header, kBody);
  EXPECT_EQ(longer.result, rules::arc::Result::kPass) << longer.problem;
  EXPECT_EQ(longer.hops.size(), 2U);
}

TEST_F(SignerTest, AHeaderThatIsTooLongIsNotSigned) {
  Signer::Options options;
  options.max_header_octets = 100;
  EXPECT_EQ(sign({SigningWish{}}, kHeader + "X: " + std::string(200, 'x') + "\r\n\r\n" + kBody, 10, options).front(),
            "");
  EXPECT_NE(sign({SigningWish{}}, kHeader + "\r\n" + std::string(200, 'x') + "\r\n", 1000, options).front(), "");
}

TEST_F(SignerTest, SignaturesExpireWhenAskedTo) {
  Signer::Options options;
  options.lifetime = std::chrono::hours(1);
  const auto fields = sign({SigningWish{}}, kHeader + "\r\n" + kBody, 1000, options).front();
  EXPECT_NE(fields.find("x=1790003600"), std::string::npos) << fields;
}

TEST_F(SignerTest, WorksOnThePoolAndWithoutIt) {
  io::net::WorkerPool pool({.threads = 1});
  const std::string message = kHeader + "\r\n" + kBody;
  EXPECT_EQ(verify(sign({SigningWish{}}, message, 1000, {}, &pool).front() + kHeader, kBody).front().result,
            Result::kPass);
}

TEST_F(SignerTest, NothingIsSignedOnTheThreadOfWhoAsks) {
  io::net::WorkerPool pool({.threads = 1, .queue_limit = 1});
  const Signer signer(directory_.get(), &pool, &clock_, &metrics_, {});
  const auto outcome = [&] {
    SigningJob job(&signer);
    job.feed(kHeader + "\r\n" + kBody);
    std::vector<SigningWish> wishes(1);
    return test::run(io_, job.finish(std::move(wishes)));
  };
  std::promise<void> begun;
  std::promise<void> gate;
  ASSERT_TRUE(pool.post([&] {
    begun.set_value();
    gate.get_future().wait();
  }));
  begun.get_future().wait();
  ASSERT_TRUE(pool.post([] {}));
  EXPECT_EQ(outcome().error(), SigningError::kBusy) << "the line is full";
  gate.set_value();
  pool.stop();
  EXPECT_EQ(outcome().error(), SigningError::kStopping);
  EXPECT_NE(metrics_.expose().find("veredus_signing_put_off_total 2"), std::string::npos);
}

TEST_F(SignerTest, WhatWaitedTooLongIsNotSignedForNothing) {
  io::net::WorkerPool pool({.threads = 1});
  Signer::Options options;
  options.patience = std::chrono::seconds(-1);  // its turn comes after
  const Signer signer(directory_.get(), &pool, &clock_, &metrics_, options);
  SigningJob job(&signer);
  job.feed(kHeader + "\r\n" + kBody);
  std::vector<SigningWish> wishes(1);
  EXPECT_EQ(test::run(io_, job.finish(std::move(wishes))).error(), SigningError::kBusy);
  EXPECT_TRUE(job.made().empty());
}

}  // namespace
}  // namespace veredus::work::mailauth
