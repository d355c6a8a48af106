#include "state/mailbox/fresh_bodies.h"

#include <memory>
#include <utility>

namespace veredus::state::mailbox {

bool FreshBodies::is_read(AccountId account) {
  const std::scoped_lock lock(mutex_);
  return readers_.contains(account);
}

void FreshBodies::note_reader(AccountId account) {
  const std::scoped_lock lock(mutex_);
  if (readers_.size() >= options_.readers && !readers_.contains(account)) readers_.clear();
  readers_.insert(account);
}

void FreshBodies::put(AccountId account, EmailId email, std::string octets) {
  if (!is_read(account)) return;
  if (octets.size() <= options_.body_octets) octets.shrink_to_fit();
  shelf_.put({account, email}, std::make_shared<const std::string>(std::move(octets)));
}

FreshBodies::Octets FreshBodies::find(AccountId account, EmailId email) {
  note_reader(account);
  return shelf_.find({account, email});
}

void FreshBodies::forget(AccountId account) {
  shelf_.forget_if([&](const Place& place) { return place.first == account; });
}

}  // namespace veredus::state::mailbox
