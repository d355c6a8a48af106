#include "state/search/sort_columns.h"

#include <algorithm>
#include <iterator>

namespace veredus::state::search {

std::size_t SortColumn::octets() const {
  std::size_t octets = values.size() * sizeof(values.front());
  for (const auto& [email, value] : values) octets += octets_beside(value);
  return octets;
}

std::shared_ptr<const SortColumn> SortColumns::get(AccountId account, SortBy by) {
  const std::scoped_lock lock(mutex_);
  const auto* column = columns_.find({account, by});
  return column == nullptr ? nullptr : *column;
}

std::shared_ptr<const SortColumn> SortColumns::add(AccountId account, SortBy by,
                                                   std::shared_ptr<const SortColumn> known,
                                                   std::vector<SortValue> fresh) {
  auto grown = std::make_shared<SortColumn>();
  if (known) {
    grown->values.reserve(known->values.size() + fresh.size());
    std::ranges::set_union(known->values, fresh, std::back_inserter(grown->values), {}, &SortValue::first,
                           &SortValue::first);
  } else {
    grown->values = std::move(fresh);
  }
  const auto octets = grown->octets();
  const std::scoped_lock lock(mutex_);
  columns_.put({account, by}, grown, octets);
  return grown;
}

}  // namespace veredus::state::search
