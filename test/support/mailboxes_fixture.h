#pragma once

#include <gtest/gtest.h>

#include <boost/asio/io_context.hpp>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "base/types/clock.h"
#include "io/engine/memory_engine.h"
#include "state/mailbox/mailboxes.h"
#include "support/run.h"

namespace veredus::test {

/// One account of a Mailboxes over an engine in memory, on a clock that stands still.
class MailboxesTest : public ::testing::Test {
 protected:
  static constexpr AccountId kAccount{7};

  template <class T>
  T run(asio::awaitable<T> work) {
    return test::run(io, std::move(work));
  }
  /// The value; a test that meets an error ends.
  template <class T>
  T must(asio::awaitable<std::expected<T, state::mailbox::MailboxError>> work) {
    auto result = run(std::move(work));
    if (!result) throw std::runtime_error(std::string(to_string(result.error())));
    if constexpr (!std::is_void_v<T>) return *std::move(result);
  }

  /// Forgets everything in memory, as a restart does.
  void restart() { mailboxes = std::make_unique<state::mailbox::Mailboxes>(engine, clock, options); }

  state::mailbox::NewMessage message(std::string octets = "Subject: hello\r\n\r\nHello.\r\n") const {
    state::mailbox::NewMessage made;
    made.octets = std::move(octets);
    made.internal_date = clock.now();
    made.content.subject_utf8 = "hello";
    made.content.envelope = "(NIL \"hello\")";
    return made;
  }
  state::mailbox::Appended append(state::mailbox::NewMessage made) {
    return must(mailboxes->append(kAccount, std::move(made), {}));
  }
  state::mailbox::Mailbox status(MailboxId mailbox = state::mailbox::kInbox) {
    return must(mailboxes->status(kAccount, mailbox));
  }
  std::vector<state::mailbox::Message> all(MailboxId mailbox = state::mailbox::kInbox) {
    return must(mailboxes->messages(kAccount, mailbox, state::mailbox::kFirstUid, state::mailbox::kLastUid, 100'000))
        .messages;
  }
  std::string body(state::mailbox::StoredBody stored) {
    std::string octets;
    while (octets.size() < stored.octets) {
      auto some = must(mailboxes->read_body(kAccount, stored, octets.size(), 1 << 20));
      if (some.empty()) break;
      octets += some;
    }
    return octets;
  }
  void expect_verified() {
    const auto found = must(mailboxes->verify_account(kAccount, state::mailbox::BodyCheck::kLengths));
    EXPECT_EQ(found.differences, std::vector<std::string>());
  }

  asio::io_context io;
  FixedClock clock{SystemTime(std::chrono::milliseconds(1'767'225'600'000))};  // 2026-01-01
  io::engine::MemoryEngine engine{{.clock = &clock, .commits_inline = true}};
  state::mailbox::Options options;
  std::unique_ptr<state::mailbox::Mailboxes> mailboxes =
      std::make_unique<state::mailbox::Mailboxes>(engine, clock, options);
};

}  // namespace veredus::test
