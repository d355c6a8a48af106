#include "doors/pop3/read_ahead.h"

#include <utility>

namespace veredus::doors::pop3 {

std::optional<std::string> ReadAhead::take(std::uint32_t number) {
  if (number != last_) before_last_ = std::exchange(last_, number);
  auto found = kept_.extract(number);
  if (found.empty()) return std::nullopt;
  return std::move(found.mapped());
}

std::vector<std::uint32_t> ReadAhead::wanted(const Maildrop& maildrop, std::uint32_t number) {
  kept_.clear();
  std::vector<std::uint32_t> numbers;
  if (number != before_last_ + 1 || before_last_ == 0) return numbers;
  std::uint64_t octets = 0;
  for (auto next = number; next <= maildrop.last() && numbers.size() < kMessages; ++next) {
    const auto* entry = maildrop.find(next);
    if (entry == nullptr) continue;  // deleted
    octets += entry->body.octets;
    const bool whole = entry->header_octets == 0 && entry->body.octets == entry->body.first_octets;
    if (!whole || octets > kOctets) break;
    numbers.push_back(next);
  }
  if (numbers.size() < 2) numbers.clear();
  return numbers;
}

}  // namespace veredus::doors::pop3
