#pragma once

#include <memory>

#include "base/types/ids.h"
#include "io/engine/engine.h"
#include "io/net/asio.h"

namespace veredus::state::directory {
class Directory;
}
namespace veredus::state::mailbox {
class ChangeWatch;
}

namespace veredus::doors::imap {

/// Ends what a session waits for when its account is changed in the directory: it may have been disabled. A change
/// while it does not wait is kept. All but the change itself on one executor.
class AccountWatch {
  struct State {
    bool changed = false;
    state::mailbox::ChangeWatch* waiting = nullptr;
  };

 public:
  AccountWatch(const state::directory::Directory& directory, AccountId account, asio::any_io_executor executor);
  AccountWatch(const AccountWatch&) = delete;
  AccountWatch& operator=(const AccountWatch&) = delete;
  ~AccountWatch();

  /// Whether the account was changed since the last time.
  [[nodiscard]] bool take_change();

  /// While it lives, a change ends the wait for `watch`.
  class Waiting {
   public:
    Waiting(const AccountWatch& account, state::mailbox::ChangeWatch* watch);
    Waiting(const Waiting&) = delete;
    Waiting& operator=(const Waiting&) = delete;
    ~Waiting();

   private:
    std::shared_ptr<State> state_;
  };

 private:
  std::shared_ptr<State> state_ = std::make_shared<State>();
  io::engine::Subscription subscription_;
};

}  // namespace veredus::doors::imap
