#include "state/search/query.h"

namespace veredus::state::search {
namespace {

std::size_t size_of(const std::vector<Query>& queries) {
  std::size_t size = 0;
  for (const auto& query : queries) size += size_of(query);
  return size;
}

}  // namespace

std::size_t size_of(const Query& query) {
  if (const auto* all = std::get_if<And>(&query.is)) return 1 + size_of(all->all);
  if (const auto* any = std::get_if<Or>(&query.is)) return 1 + size_of(any->any);
  if (const auto* none = std::get_if<Not>(&query.is)) return 1 + size_of(none->none);
  return 1;
}

}  // namespace veredus::state::search
