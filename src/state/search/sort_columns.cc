#include "state/search/sort_columns.h"

#include <algorithm>
#include <iterator>

namespace veredus::state::search {

std::size_t SortColumn::octets() const {
  std::size_t octets = values.size() * sizeof(values.front());
  const std::size_t in_place = std::string().capacity();
  for (const auto& [email, value] : values)
    if (value.size() > in_place) octets += value.capacity();
  return octets;
}

std::shared_ptr<const SortColumn> SortColumns::get(AccountId account, SortBy by) {
  const std::scoped_lock lock(mutex_);
  const auto found = by_key_.find({account, by});
  if (found == by_key_.end()) return nullptr;
  by_use_.splice(by_use_.begin(), by_use_, found->second);
  return found->second->column;
}

std::shared_ptr<const SortColumn> SortColumns::add(AccountId account, SortBy by,
                                                   std::shared_ptr<const SortColumn> known,
                                                   std::vector<std::pair<EmailId, std::string>> fresh) {
  auto grown = std::make_shared<SortColumn>();
  if (known) {
    grown->values.reserve(known->values.size() + fresh.size());
    std::ranges::set_union(known->values, fresh, std::back_inserter(grown->values), {},
                           &std::pair<EmailId, std::string>::first, &std::pair<EmailId, std::string>::first);
  } else {
    grown->values = std::move(fresh);
  }
  const auto octets = grown->octets();
  const Key key{account, by};
  const std::scoped_lock lock(mutex_);
  if (const auto at = by_key_.find(key); at != by_key_.end()) {
    octets_ -= at->second->octets;
    by_use_.erase(at->second);
    by_key_.erase(at);
  }
  if (octets > limit_) return grown;
  by_use_.push_front({key, grown, octets});
  by_key_[key] = by_use_.begin();
  octets_ += octets;
  while (octets_ > limit_) {
    octets_ -= by_use_.back().octets;
    by_key_.erase(by_use_.back().key);
    by_use_.pop_back();
  }
  return grown;
}

}  // namespace veredus::state::search
