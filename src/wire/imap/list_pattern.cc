#include "wire/imap/list_pattern.h"

#include <algorithm>
#include <string>

#include "base/codec/ascii.h"

namespace veredus::wire::imap {
namespace {

constexpr std::size_t kBits = 64;
constexpr std::size_t kStars = 1;  // rows
constexpr std::size_t kPercents = 2;
constexpr std::size_t kFirstOctet = 3;

/// How many octets of `name` may be written in any case: those of INBOX as its first level (RFC 9051 s5.1).
std::size_t caseless_octets(std::string_view name, char separator) {
  constexpr std::string_view kInbox = "INBOX";
  const bool inbox = base::codec::istarts_with_ascii(name, kInbox) &&
                     (name.size() == kInbox.size() || name[kInbox.size()] == separator);
  return inbox ? kInbox.size() : 0;
}

bool is_wildcard(char octet) { return octet == '*' || octet == '%'; }

/// Wildcards that follow each other are one.
std::string in_short(std::string_view pattern) {
  std::string pieces;
  for (const char octet : pattern) {
    if (!is_wildcard(octet) || pieces.empty() || !is_wildcard(pieces.back()))
      pieces.push_back(octet);
    else if (octet == '*')
      pieces.back() = '*';
  }
  return pieces;
}

}  // namespace

struct ListPattern::Places {
  std::array<Word, (2 * kMostOctets + 2) / kBits + 1> words;
};

ListPattern::ListPattern(std::string_view pattern, char separator) : separator_(separator) {
  auto pieces = in_short(pattern);
  octets_ = pieces.size() - static_cast<std::size_t>(std::ranges::count_if(pieces, is_wildcard));
  if (octets_ > kMostOctets) pieces.clear();
  pieces_ = pieces.size();
  words_ = pieces_ / kBits + 1;
  row_of_['*'] = kStars;
  row_of_['%'] = kPercents;
  rows_.resize(kFirstOctet * words_);
  for (std::size_t i = 0; i < pieces_; ++i) {
    auto& index = row_of_[static_cast<unsigned char>(pieces[i])];
    if (index == 0) {
      index = static_cast<std::uint16_t>(rows_.size() / words_);
      rows_.resize(rows_.size() + words_);
    }
    rows_[index * words_ + i / kBits] |= Word{1} << (i % kBits);
  }
  row_of_['*'] = row_of_['%'] = 0;  // in a name they are no wildcards
}

/// All places at once, so that time is the product of the lengths, by the bits of a word.
bool ListPattern::step(Places* places, char octet, bool any_case) const {
  const auto* same = row_of(octet);
  const auto* other = any_case ? row_of(static_cast<char>(octet ^ 0x20)) : row(0);
  const auto* stars = row(kStars);
  const auto* percents = row(kPercents);
  const auto* stays = octet == separator_ ? row(0) : percents;
  Word passed_before = 0;
  Word skipped_before = 0;
  Word all = 0;
  for (std::size_t i = 0; i < words_; ++i) {
    const Word here = places->words[i];
    const Word passed = here & (same[i] | other[i]);
    const Word next = passed << 1 | passed_before | (here & (stars[i] | stays[i]));
    const Word skipped = next & (stars[i] | percents[i]);
    places->words[i] = next | skipped << 1 | skipped_before;
    passed_before = passed >> (kBits - 1);
    skipped_before = skipped >> (kBits - 1);
    all |= next;
  }
  return all != 0;
}

bool ListPattern::walk(Places* places, std::string_view name) const {
  std::fill_n(places->words.begin(), words_, Word{0});
  const Word skipped = (row(kStars)[0] | row(kPercents)[0]) & 1;
  places->words[0] = Word{1} | skipped << 1;
  const auto caseless = caseless_octets(name, separator_);
  for (std::size_t i = 0; i < name.size(); ++i)
    if (!step(places, name[i], i < caseless)) return false;
  return true;
}

bool ListPattern::matches(std::string_view name) const {
  if (pieces_ == 0 || name.size() < octets_) return false;
  Places places;
  return walk(&places, name) && (places.words[pieces_ / kBits] >> (pieces_ % kBits) & 1) != 0;
}

bool ListPattern::may_match_below(std::string_view name) const {
  std::string below(name);
  below.push_back(separator_);
  Places places;
  return walk(&places, below);
}

}  // namespace veredus::wire::imap
