#include "rules/dkim/known_keys.h"

#include <functional>
#include <string>
#include <unordered_map>

namespace veredus::rules::dkim {
namespace {

constexpr std::size_t kMostKeys = 512;
constexpr std::size_t kMostTextOctets = 2048;  // of a record that is remembered: RSA with 8192 bits

struct Hash {
  using is_transparent = void;
  std::size_t operator()(std::string_view text) const noexcept { return std::hash<std::string_view>{}(text); }
};
using Known = std::unordered_map<std::string, std::expected<KeyRecord, KeyRecordError>, Hash, std::equal_to<>>;

}  // namespace

std::expected<KeyRecord, KeyRecordError> known_key_record(std::string_view text) {
  if (text.size() > kMostTextOctets) return parse_key_record(text);
  thread_local Known known;
  if (const auto found = known.find(text); found != known.end()) return found->second;
  if (known.size() >= kMostKeys) known.clear();
  return known.emplace(text, parse_key_record(text)).first->second;
}

}  // namespace veredus::rules::dkim
