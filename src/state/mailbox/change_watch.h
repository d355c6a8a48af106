#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <vector>

#include "base/types/ids.h"
#include "io/engine/engine.h"
#include "io/net/asio.h"

namespace veredus::state::mailbox {

/// An account, or one mailbox of it.
struct Watched {
  AccountId account;                 // kAnyone: who begins to share with everybody
  std::optional<MailboxId> mailbox;  // kWholeAccount: that the account is erased, and nothing else
};

/// Tells one coroutine that an account changed: IDLE, NOTIFY, JMAP push. Changes that come while nobody waits are kept
/// (as one). A hint: ask Mailboxes for the changes since the MODSEQ you know. Movable. Its coroutine, `wait` and the
/// destructor belong to one executor.
class ChangeWatch {
 public:
  enum class Woken : std::uint8_t { kChanged, kTimedOut, kCancelled };

  ChangeWatch(io::engine::Engine& engine, const std::vector<Watched>& watched);
  ChangeWatch(ChangeWatch&&) noexcept;
  ChangeWatch& operator=(ChangeWatch&&) noexcept;
  ~ChangeWatch();

  /// Returns at the next change, or at once when there was one since the last wait. One coroutine at a time.
  asio::awaitable<Woken> wait(std::chrono::milliseconds at_most);
  /// Ends a wait from the same executor (the client sent DONE).
  void cancel();

 private:
  struct Shared;
  std::shared_ptr<Shared> shared_;
  std::vector<io::engine::Subscription> subscriptions_;
};

}  // namespace veredus::state::mailbox
