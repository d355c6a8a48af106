#include "state/mailbox/body_shelf.h"

#include <utility>

namespace veredus::state::mailbox {
namespace {

/// What one takes besides its octets.
constexpr std::size_t kPlaceOctets = 128;

}  // namespace

void BodyShelf::drop(const Place& place) {
  const auto found = kept_.find(place);
  if (found == kept_.end()) return;
  octets_ -= found->second->size() + kPlaceOctets;
  kept_.erase(found);
}

void BodyShelf::note(AccountId account) {
  if (readers_.size() >= options_.readers && !readers_.contains(account.value)) readers_.clear();
  readers_.insert(account.value);
}

void BodyShelf::note_reader(AccountId account) {
  const std::scoped_lock lock(mutex_);
  note(account);
}

void BodyShelf::put(AccountId account, EmailId email, std::string octets) {
  const Place place{account, email};
  const std::scoped_lock lock(mutex_);
  if (!readers_.contains(account.value)) return;
  drop(place);
  if (octets.empty() || octets.size() > options_.body_octets) return;
  octets.shrink_to_fit();
  octets_ += octets.size() + kPlaceOctets;
  kept_.emplace(place, std::make_shared<const std::string>(std::move(octets)));
  order_.push_back(place);
  while (octets_ > options_.octets) {
    drop(order_.front());
    order_.pop_front();
  }
}

BodyShelf::Octets BodyShelf::find(AccountId account, EmailId email) {
  const std::scoped_lock lock(mutex_);
  note(account);
  const auto found = kept_.find(Place{account, email});
  return found == kept_.end() ? nullptr : found->second;
}

void BodyShelf::forget(AccountId account) {
  const std::scoped_lock lock(mutex_);
  std::erase_if(order_, [&](const Place& place) {
    if (place.account != account) return false;
    drop(place);
    return true;
  });
}

}  // namespace veredus::state::mailbox
