#include "rules/dkim/body_hashes.h"

namespace veredus::rules::dkim {

std::size_t BodyHashes::want(Canonical canonical, std::optional<std::uint64_t> limit) {
  for (std::size_t i = 0; i < wanted_.size(); ++i)
    if (wanted_[i].canonical == canonical && wanted_[i].limit == limit) return i;
  wanted_.push_back({.canonical = canonical, .limit = limit, .hash = BodyHash(canonical, limit), .digest = {}});
  return wanted_.size() - 1;
}

void BodyHashes::feed(std::string_view octets) {
  for (auto& wanted : wanted_) wanted.hash.feed(octets);
}

void BodyHashes::finish() {
  for (auto& wanted : wanted_) wanted.digest = wanted.hash.finish();
}

}  // namespace veredus::rules::dkim
