#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "rules/dkim/canonical_body.h"

namespace veredus::rules::dkim {

/// The hashes that a message's signatures want of its body, each made once.
class BodyHashes {
 public:
  /// The index of the hash in that form.
  std::size_t want(Canonical canonical, std::optional<std::uint64_t> limit);
  void feed(std::string_view octets);
  /// After the last octet; once.
  void finish();

  [[nodiscard]] bool empty() const { return wanted_.empty(); }
  [[nodiscard]] std::size_t size() const { return wanted_.size(); }
  /// After finish(): 32 octets, and BodyHash::octets().
  [[nodiscard]] const std::string& digest(std::size_t index) const { return wanted_[index].digest; }
  [[nodiscard]] std::uint64_t octets(std::size_t index) const { return wanted_[index].hash.octets(); }

 private:
  struct Wanted {
    Canonical canonical;
    std::optional<std::uint64_t> limit;
    BodyHash hash;
    std::string digest;
  };
  std::vector<Wanted> wanted_;
};

}  // namespace veredus::rules::dkim
