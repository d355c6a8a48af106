#include "rules/bounce/phrases.h"

#include <algorithm>
#include <array>
#include <cstdint>
#include <vector>

#include "base/codec/ascii.h"

namespace veredus::rules::bounce {
namespace {

constexpr std::size_t kMaxText = 4096;  // what matters of a reply stands in front
constexpr std::size_t kMaxGap = 80;     // what '*' in a phrase may stand for

bool is_space(char c) { return c == ' ' || c == '\t' || c == '\r' || c == '\n'; }

/// "550-", "550 5.7.1 ", "5.7.1 " at the front of `word` and what follows: how many octets of it are codes.
std::size_t code_octets(std::string_view text) {
  using base::codec::is_digit;
  std::size_t at = 0;
  const auto is_class = [](char c) { return c == '2' || c == '4' || c == '5'; };
  if (text.size() < 4 || !is_class(text[0])) return 0;
  if (is_digit(text[1]) && is_digit(text[2]) && (text[3] == '-' || text[3] == ' ')) at = 4;
  const std::size_t status = at;
  if (at + 5 <= text.size() && is_class(text[at]) && text[at + 1] == '.' && is_digit(text[at + 2])) {
    at += 2;
    while (at < text.size() && (is_digit(text[at]) || text[at] == '.')) ++at;
    if (at < text.size() && (text[at] == ' ' || text[at] == '-')) return at + 1;
    if (at == text.size()) return at;
    return status == 4 && text[3] == '-' ? 4 : 0;
  }
  return at == 4 && text[3] == '-' ? 4 : 0;  // "550 people" is no code
}

/// One word as it should be matched.
void append_word(std::string& out, std::string_view word) {
  const auto at = word.find('@');
  if (at != std::string_view::npos && at > 0) {
    out.push_back('@');
    if (!base::codec::is_alpha(word.back()) && !base::codec::is_digit(word.back()) && word.back() != '>') {
      const auto end = word.find_last_not_of(".:,;!)]");
      out.append(word.substr(end == std::string_view::npos ? word.size() : end + 1));
    }
    return;
  }
  if (word.contains("://")) word = word.substr(0, word.find('#'));
  for (std::size_t i = 0; i < word.size(); ++i) {
    if (word.substr(i).starts_with("\xe2\x80\x99")) {  // a typographic apostrophe
      out.push_back('\'');
      i += 2;
    } else {
      out.push_back(base::codec::to_lower_ascii(word[i]));
    }
  }
}

/// Whether a phrase may begin at `at`: not within a word. "banned" is not in "unbanned".
bool begins_word(std::string_view text, std::size_t at) {
  return at == 0 || !base::codec::is_alpha(text[at]) || !base::codec::is_alpha(text[at - 1]);
}

std::size_t find_at_word(std::string_view text, std::string_view piece, std::size_t at, std::size_t end) {
  text = text.substr(0, end);
  for (at = text.find(piece, at); at != std::string_view::npos; at = text.find(piece, at + 1))
    if (begins_word(text, at)) return at;
  return std::string_view::npos;
}

/// Whether `phrase` stands at `at`; what follows its stars may stand up to kMaxGap later.
bool matches_at(std::string_view text, std::size_t at, std::string_view phrase) {
  auto star = phrase.find('*');
  if (!text.substr(at).starts_with(phrase.substr(0, star))) return false;
  while (star != std::string_view::npos) {
    at += star;
    phrase.remove_prefix(star + 1);
    star = phrase.find('*');
    const auto piece = phrase.substr(0, star);
    if (at > 0 && text[at - 1] == ' ' && piece.starts_with(' ')) --at;  // nothing stands between the two
    at = find_at_word(text, piece, at, std::min(at + kMaxGap + piece.size(), text.size()));
    if (at == std::string_view::npos) return false;
  }
  return true;
}

/// All phrases by their first three octets, so that a text is gone through once.
class PhraseIndex {
 public:
  PhraseIndex() {
    for (const auto table : {telling_phrases(), vague_phrases(), translated_phrases()})
      for (const Phrases& group : table)
        for (const std::string_view words : group.words) {
          slots_[slot(words)].push_back(static_cast<std::uint16_t>(phrases_.size()));
          phrases_.push_back({words, {group.category, group.proof}});
        }
  }

  [[nodiscard]] std::optional<Saying> find(std::string_view text) const {
    std::size_t best = phrases_.size();
    for (std::size_t at = 0; at + kKey <= text.size(); ++at) {
      if (!begins_word(text, at)) continue;
      for (const std::uint16_t candidate : slots_[slot(text.substr(at))]) {
        if (candidate >= best) break;
        if (matches_at(text, at, phrases_[candidate].words)) best = candidate;
      }
    }
    if (best == phrases_.size()) return std::nullopt;
    return phrases_[best].saying;
  }

 private:
  struct Entry {
    std::string_view words;
    Saying saying;
  };

  static constexpr std::size_t kKey = 3;  // no phrase is shorter
  static constexpr std::size_t kSlots = 4096;

  static std::size_t slot(std::string_view text) {
    const auto octet = [&](std::size_t i) { return static_cast<std::size_t>(static_cast<unsigned char>(text[i])); };
    return (octet(0) * 961 + octet(1) * 31 + octet(2)) % kSlots;
  }

  std::vector<Entry> phrases_;
  std::array<std::vector<std::uint16_t>, kSlots> slots_;  // ascending
};

}  // namespace

std::string normal_text(std::string_view text) {
  text = text.substr(0, kMaxText);
  std::string out;
  out.reserve(text.size());
  while (!text.empty()) {
    if (is_space(text.front())) {
      text.remove_prefix(1);
      continue;
    }
    if (const auto codes = code_octets(text); codes > 0 && !out.empty()) {
      text.remove_prefix(codes);
      continue;
    }
    const auto end = static_cast<std::size_t>(std::ranges::find_if(text, is_space) - text.begin());
    if (!out.empty()) out.push_back(' ');
    append_word(out, text.substr(0, end));
    text.remove_prefix(end);
  }
  return out;
}

std::optional<Saying> find_saying(std::string_view normal) {
  static const PhraseIndex index;  // made by the first who asks
  return index.find(normal);
}

}  // namespace veredus::rules::bounce
