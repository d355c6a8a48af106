#pragma once

#include <array>
#include <cstdint>
#include <expected>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/types/clock.h"
#include "base/types/ids.h"
#include "io/net/asio.h"
#include "state/mailbox/new_message.h"
#include "state/mailbox/quota.h"
#include "state/mailbox/upload.h"

namespace veredus::state::mailbox {
class Mailboxes;
}

namespace veredus::work::transfer {

/// What identifies a message that is brought, so that it is brought once (DedupeKey).
using MessageKey = std::array<std::uint8_t, 16>;

/// A message without its octets.
struct Brought {
  MessageKey key{};
  state::mailbox::FlagSet flags;
  std::vector<std::string> keywords;  // those that cannot be keywords here are left out
  SystemTime date;
  state::mailbox::DedupeKey::Flags remembered = state::mailbox::DedupeKey::Flags::kForgotten;
};

/// Puts messages into one mailbox, many in one commit, each once. In bounded memory: what is large is staged as it
/// comes. Used by one coroutine.
class MessageIntake {
 public:
  /// All are owned by someone who joins the caller. `remember_until`: for so long a message is not taken again.
  MessageIntake(state::mailbox::Mailboxes* mailboxes, const Clock* clock, AccountId account, MailboxId mailbox,
                state::mailbox::QuotaLimits limits, SystemTime remember_until);

  /// The octets of the next message, piece by piece, then end(). Its line ends become CRLF.
  asio::awaitable<void> feed(std::string octets);
  enum class Ended : std::uint8_t { kTaken, kEmpty };
  asio::awaitable<std::expected<Ended, state::mailbox::MailboxError>> end(Brought what);
  /// Forgets the message under way.
  asio::awaitable<void> abandon();
  /// Commits what is waiting. What end() and flush() answered without an error before is on disk then.
  asio::awaitable<std::expected<void, state::mailbox::MailboxError>> flush();

  struct Counts {
    std::uint64_t stored = 0;
    std::uint64_t already_there = 0;
    std::uint64_t octets = 0;  // stored
  };
  /// Of what was committed.
  [[nodiscard]] const Counts& counts() const { return counts_; }

 private:
  asio::awaitable<std::expected<void, state::mailbox::MailboxError>> store(
      std::vector<state::mailbox::NewMessage> messages);
  asio::awaitable<std::expected<void, state::mailbox::MailboxError>> store_one(state::mailbox::NewMessage message);
  void count(const std::vector<state::mailbox::Appended>& appended, const std::vector<std::uint64_t>& octets);

  state::mailbox::Mailboxes* mailboxes_;
  const Clock* clock_;
  AccountId account_;
  MailboxId mailbox_;
  state::mailbox::QuotaLimits limits_;
  SystemTime remember_until_;
  std::unique_ptr<state::mailbox::Upload> upload_;
  std::vector<state::mailbox::NewMessage> waiting_;
  std::size_t waiting_octets_ = 0;
  Counts counts_;
};

/// A key from what identifies a message: the same parts, the same key.
[[nodiscard]] MessageKey message_key(const std::vector<std::string>& parts);

}  // namespace veredus::work::transfer
