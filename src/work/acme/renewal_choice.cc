#include "work/acme/renewal_choice.h"

#include <algorithm>
#include <charconv>
#include <cstdint>

namespace veredus::work::acme {
namespace {

constexpr std::string_view kTitle = "renewal 1 ";

/// Takes a word off the front.
std::string_view take_word(std::string_view& text) {
  const auto word = text.substr(0, text.find_first_of(" \n"));
  text.remove_prefix(std::min(text.size(), word.size() + 1));
  return word;
}

std::optional<SystemTime> take_time(std::string_view& text) {
  const auto word = take_word(text);
  std::int64_t milliseconds = 0;
  const auto [end, error] = std::from_chars(word.data(), word.data() + word.size(), milliseconds);
  if (word.empty() || error != std::errc() || end != word.data() + word.size()) return std::nullopt;
  return SystemTime(std::chrono::milliseconds(milliseconds));
}

}  // namespace

std::string to_text(const RenewalChoice& choice) {
  const auto number = [](SystemTime time) { return std::to_string(time.time_since_epoch().count()); };
  return std::string(kTitle) + choice.of + ' ' + number(choice.from) + ' ' + number(choice.at) + '\n';
}

std::optional<RenewalChoice> parse_renewal_choice(std::string_view text) {
  if (!text.starts_with(kTitle)) return std::nullopt;
  text.remove_prefix(kTitle.size());
  const auto of = take_word(text);
  const auto from = take_time(text);
  const auto at = take_time(text);
  if (of.empty() || !from || !at || !text.empty()) return std::nullopt;
  return RenewalChoice{.of = std::string(of), .from = *from, .at = *at};
}

}  // namespace veredus::work::acme
