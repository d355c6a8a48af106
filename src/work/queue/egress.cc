#include "work/queue/egress.h"

#include <algorithm>
#include <utility>

namespace veredus::work::queue {
namespace {

constexpr std::string_view kDefault = "default";

/// Spreads keys that differ in few bits (splitmix64's finishing steps).
std::uint64_t mix(std::uint64_t key) {
  key = (key ^ (key >> 30)) * 0xBF58476D1CE4E5B9ULL;
  key = (key ^ (key >> 27)) * 0x94D049BB133111EBULL;
  return key ^ (key >> 31);
}

}  // namespace

std::optional<EgressSource::Binding> EgressSource::binding_for(const io::net::IpAddress& peer) const {
  if (!v4 && !v6) return Binding{};
  const auto& own = peer.is_v6() ? v6 : v4;
  if (!own) return std::nullopt;
  return Binding{*own};
}

Egress::Egress(std::vector<EgressSource> sources, std::vector<EgressPool> pools) : sources_(std::move(sources)) {
  if (sources_.empty()) {
    EgressSource plain;
    plain.name = kDefault;
    sources_.push_back(std::move(plain));
  }
  if (std::ranges::none_of(pools, [](const EgressPool& pool) { return pool.name == kDefault; })) {
    EgressPool everything{.name = std::string(kDefault), .sources = {}};
    for (const auto& source : sources_) everything.sources.push_back(source.name);
    pools.push_back(std::move(everything));
  }
  for (auto& given : pools) {
    Pool pool{.name = std::move(given.name), .members = {}};
    for (std::uint32_t i = 0; i < sources_.size(); ++i) {
      if (std::ranges::find(given.sources, sources_[i].name) == given.sources.end()) continue;
      pool.members.push_back(i);
      pool.weight += sources_[i].weight;
    }
    if (pool.members.empty()) pool.members.push_back(0);
    const bool first = pool.name == kDefault;
    pools_.insert(first ? pools_.begin() : pools_.end(), std::move(pool));
  }
}

const Egress::Pool& Egress::pool_called(std::string_view name) const {
  for (const auto& pool : pools_)
    if (pool.name == name) return pool;
  return pools_.front();
}

std::uint32_t Egress::pick(std::string_view pool_name, std::uint64_t key) const {
  const Pool& pool = pool_called(pool_name);
  if (pool.weight == 0 || pool.members.size() == 1) return pool.members.front();
  std::uint64_t at = mix(key) % pool.weight;
  for (const std::uint32_t member : pool.members) {
    if (at < sources_[member].weight) return member;
    at -= sources_[member].weight;
  }
  return pool.members.back();
}

}  // namespace veredus::work::queue
