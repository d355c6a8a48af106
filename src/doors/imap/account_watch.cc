#include "doors/imap/account_watch.h"

#include <boost/asio/post.hpp>
#include <utility>

#include "state/directory/directory.h"
#include "state/mailbox/change_watch.h"

namespace veredus::doors::imap {

AccountWatch::AccountWatch(const state::directory::Directory& directory, AccountId account,
                           asio::any_io_executor executor) {
  const auto note = [of_session = std::weak_ptr(state_)] {
    const auto state = of_session.lock();
    if (!state) return;
    state->changed = true;
    if (state->waiting != nullptr) state->waiting->cancel();
  };
  subscription_ = directory.watch(account, [executor = std::move(executor), note] { asio::post(executor, note); });
}

AccountWatch::~AccountWatch() = default;

bool AccountWatch::take_change() { return std::exchange(state_->changed, false); }

AccountWatch::Waiting::Waiting(const AccountWatch& account, state::mailbox::ChangeWatch* watch)
    : state_(account.state_) {
  state_->waiting = watch;
}

AccountWatch::Waiting::~Waiting() { state_->waiting = nullptr; }

}  // namespace veredus::doors::imap
