#include "state/search/needle.h"

#include <algorithm>
#include <array>
#include <bit>
#include <cstdint>
#include <cstring>

#include "base/codec/utf8.h"
#include "state/search/fold.h"

namespace veredus::state::search {
namespace {

constexpr std::size_t kLanes = 16;
using Block = std::uint8_t __attribute__((vector_size(kLanes)));

/// From the most frequent octet of mail to the less frequent ones, folded; what is not in it is rare.
constexpr std::string_view kFrequent = " E\nT\rAOINSRHLD=CUMFPGWYB>.<-0V/,K1\"2:3;T_45X69&87J(')Z?#@Q+!%";

constexpr auto kFrequency = [] {
  std::array<std::uint8_t, 256> frequency{};
  for (std::size_t octet = 0x80; octet < frequency.size(); ++octet) frequency[octet] = kFrequent.size() / 2;
  for (std::size_t i = 0; i < kFrequent.size(); ++i)
    frequency[static_cast<unsigned char>(kFrequent[i])] = static_cast<std::uint8_t>(kFrequent.size() - i);
  return frequency;
}();

Block load(const char* at) {
  Block block;
  std::memcpy(&block, at, sizeof block);
  return block;
}

Block splat(char octet) { return Block{} + static_cast<std::uint8_t>(octet); }

template <class Mask>
bool any(Mask mask) {
  const auto words = std::bit_cast<std::array<std::uint64_t, kLanes / 8>>(mask);
  return (words[0] | words[1]) != 0;
}

template <bool kFoldCase>
char folded_octet(char octet) {
  return kFoldCase ? fold_ascii(octet) : octet;
}

template <bool kFoldCase>
Block folded_block(const char* at) {
  const Block block = load(at);
  if constexpr (!kFoldCase) return block;
  const auto small = std::bit_cast<Block>((block >= splat('a')) & (block <= splat('z')));
  return block - (small & splat('a' - 'A'));
}

/// How many octets the text, as long as `folded`, begins with that are the same.
template <bool kFoldCase>
std::size_t same_octets(const char* text, std::string_view folded) {
  std::size_t same = 0;
  for (; same + kLanes <= folded.size(); same += kLanes)
    if (any(folded_block<kFoldCase>(text + same) != load(folded.data() + same))) break;
  while (same < folded.size() && folded_octet<kFoldCase>(text[same]) == folded[same]) ++same;
  return same;
}

constexpr std::uint32_t kNone = ~std::uint32_t{0};
constexpr std::size_t kComparedPerOctet = 4;  // of the text gone over, in vain; beyond it is gone over octet by octet
constexpr std::size_t kComparedAnyway = 256;

}  // namespace

Needle::Needle(std::string_view text_utf8) : folded_(fold(text_utf8)), ascii_(base::codec::is_ascii(folded_)) {
  find_rare();
  find_shorter();
}

void Needle::find_rare() {
  const auto rarer = [this](std::size_t a, std::size_t b) {
    return kFrequency[static_cast<unsigned char>(folded_[a])] < kFrequency[static_cast<unsigned char>(folded_[b])];
  };
  for (std::size_t i = 1; i < folded_.size(); ++i)
    if (rarer(i, rare_)) rare_ = i;
  other_ = rare_ == 0 && folded_.size() > 1 ? 1 : 0;
  for (std::size_t i = 0; i < folded_.size(); ++i)
    if (i != rare_ && rarer(i, other_)) other_ = i;
}

/// Source: Knuth, Morris, Pratt, "Fast pattern matching in strings" (1977).
void Needle::find_shorter() {
  shorter_.resize(folded_.size(), kNone);
  std::uint32_t border = 0;  // the longest that the octets before `i` begin and end with
  for (std::size_t i = 1; i < folded_.size(); ++i) {
    shorter_[i] = folded_[i] == folded_[border] ? shorter_[border] : border;
    while (border != kNone && folded_[i] != folded_[border]) border = shorter_[border];
    ++border;  // none: 0
  }
}

std::size_t Needle::step(std::size_t matched, char folded) const {
  while (folded_[matched] != folded) {
    if (shorter_[matched] == kNone) return 0;
    matched = shorter_[matched];
  }
  return matched + 1;
}

template <bool kFoldCase>
std::size_t Needle::walk(std::size_t matched, std::string_view text) const {
  for (const char octet : text) {
    matched = step(matched, folded_octet<kFoldCase>(octet));
    if (matched == folded_.size()) break;
  }
  return matched;
}

/// Compares the two rarest octets of the needle at kLanes places at once (Muła's "generic SIMD"), letters in both cases
/// by their sixth bit; where both fit, the whole needle is compared. Where that takes too long it goes on octet by
/// octet.
template <bool kFoldCase>
bool Needle::found_in(std::string_view text) const {
  if (text.size() < folded_.size()) return false;
  constexpr std::uint8_t kCaseBit = kFoldCase ? 0x20 : 0;
  const Block case_bits = splat(static_cast<char>(kCaseBit));
  const Block rare = splat(folded_[rare_]) | case_bits;
  const Block other = splat(folded_[other_]) | case_bits;
  const auto fits = [&](const char* place) {
    return ((load(place + rare_) | case_bits) == rare) & ((load(place + other_) | case_bits) == other);
  };
  std::size_t at = 0;
  std::size_t compared = 0;
  const auto tired = [&] { return compared > kComparedPerOctet * at + kComparedAnyway; };
  const auto found_at = [&](const char* place) {
    if (tired()) return false;
    const std::size_t same = same_octets<kFoldCase>(place, folded_);
    compared += same;
    return same == folded_.size();
  };
  const auto found_among = [&](const char* place) {
    const auto lanes = fits(place);
    for (std::size_t lane = 0; lane < kLanes; ++lane)
      if (lanes[lane] != 0 && found_at(place + lane)) return true;
    return false;
  };
  const std::size_t places = text.size() - folded_.size() + 1;
  for (; at + 2 * kLanes <= places; at += 2 * kLanes) {
    const char* place = text.data() + at;
    if (!any(fits(place) | fits(place + kLanes))) continue;
    if (found_among(place) || found_among(place + kLanes)) return true;
    if (tired()) break;
  }
  for (; at < places && !tired(); ++at)
    if (found_at(text.data() + at)) return true;
  return at < places && walk<kFoldCase>(0, text.substr(at)) == folded_.size();
}

/// The first match may have begun before `text`, others begin in it, and the last may go on after it.
template <bool kFoldCase>
std::size_t Needle::go_on(std::size_t matched, std::string_view text) const {
  std::size_t at = 0;
  while (matched > at && at < text.size()) {
    matched = step(matched, folded_octet<kFoldCase>(text[at++]));
    if (matched == folded_.size()) return matched;
  }
  if (at == text.size()) return matched;
  text.remove_prefix(at - matched);
  if ((ascii_ || !kFoldCase) && found_in<kFoldCase>(text)) return folded_.size();
  return walk<kFoldCase>(0, text.substr(text.size() - std::min(folded_.size() - 1, text.size())));
}

std::size_t Needle::go_on_folded(std::size_t matched, std::string_view folded) const {
  return go_on<false>(matched, folded);
}

std::size_t Needle::go_on_ascii(std::size_t matched, std::string_view text) const { return go_on<true>(matched, text); }

bool Needle::in_folded(std::string_view folded) const { return empty() || found_in<false>(folded); }

bool Needle::in_ascii(std::string_view text) const { return empty() || (ascii_ && found_in<true>(text)); }

bool Needle::in(std::string_view text_utf8) const {
  if (empty()) return true;
  if (base::codec::is_ascii(text_utf8)) return in_ascii(text_utf8);
  return in_folded(fold(text_utf8));
}

PieceReader::PieceReader(std::string_view text_utf8) : rest_(text_utf8), ascii_(base::codec::is_ascii(text_utf8)) {}

/// A little at a time: one foreign letter must not make the whole text slow.
std::optional<Piece> PieceReader::next() {
  constexpr std::size_t kPieceOctets = 4096;
  if (rest_.empty()) return std::nullopt;
  const auto piece = ascii_ ? rest_ : base::codec::utf8_prefix(rest_, kPieceOctets);
  rest_.remove_prefix(piece.size());
  if (ascii_ || base::codec::is_ascii(piece)) return Piece{piece, false};
  folded_.clear();
  fold(piece, folded_);
  return Piece{folded_, true};
}

void Finder::feed(const Piece& piece) {
  if (found()) return;
  matched_ = piece.folded ? needle_->go_on_folded(matched_, piece.text) : needle_->go_on_ascii(matched_, piece.text);
}

void Finder::end() {
  if (!found()) matched_ = 0;
}

}  // namespace veredus::state::search
