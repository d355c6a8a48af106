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
constexpr std::string_view kFrequent = " E\nT\rAOINSRHLD=CUMFPGWYB>.<-0V/,K1\"2:3;T_45X69&87J(')Z?#@QT+!%";

std::size_t frequency(char folded) {
  const auto at = kFrequent.find(folded);
  if (at != std::string_view::npos) return kFrequent.size() - at;
  return static_cast<unsigned char>(folded) >= 0x80 ? kFrequent.size() / 2 : 0;
}

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
bool same(const char* text, std::string_view folded) {
  if constexpr (!kFoldCase) return std::memcmp(text, folded.data(), folded.size()) == 0;
  for (std::size_t i = 0; i < folded.size(); ++i)
    if (fold_ascii(text[i]) != folded[i]) return false;
  return true;
}

}  // namespace

Needle::Needle(std::string_view text_utf8) : folded_(fold(text_utf8)), ascii_(base::codec::is_ascii(folded_)) {
  const auto rarer = [this](std::size_t a, std::size_t b) { return frequency(folded_[a]) < frequency(folded_[b]); };
  for (std::size_t i = 1; i < folded_.size(); ++i)
    if (rarer(i, rare_)) rare_ = i;
  other_ = rare_ == 0 && folded_.size() > 1 ? 1 : 0;
  for (std::size_t i = 0; i < folded_.size(); ++i)
    if (i != rare_ && rarer(i, other_)) other_ = i;
}

/// Compares the two rarest octets of the needle at kLanes places at once (Muła's "generic SIMD"), letters in both cases
/// by their sixth bit; where both fit, the whole needle is compared.
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
  const auto hit_among = [&](const char* place) {
    const auto lanes = fits(place);
    for (std::size_t lane = 0; lane < kLanes; ++lane)
      if (lanes[lane] != 0 && same<kFoldCase>(place + lane, folded_)) return true;
    return false;
  };
  const std::size_t places = text.size() - folded_.size() + 1;
  std::size_t at = 0;
  for (; at + 2 * kLanes <= places; at += 2 * kLanes) {
    const char* place = text.data() + at;
    if (any(fits(place) | fits(place + kLanes)) && (hit_among(place) || hit_among(place + kLanes))) return true;
  }
  for (; at < places; ++at)
    if (same<kFoldCase>(text.data() + at, folded_)) return true;
  return false;
}

bool Needle::in_folded(std::string_view folded) const { return empty() || found_in<false>(folded); }

bool Needle::in_ascii(std::string_view text) const { return empty() || (ascii_ && found_in<true>(text)); }

bool Needle::in(std::string_view text_utf8) const {
  if (empty()) return true;
  if (base::codec::is_ascii(text_utf8)) return in_ascii(text_utf8);
  return in_folded(fold(text_utf8));
}

/// A little at a time: one foreign letter must not make the whole text slow.
void Finder::feed(std::string_view text_utf8) {
  constexpr std::size_t kBlockOctets = 4096;
  if (!found_ && base::codec::is_ascii(text_utf8)) {
    feed_ascii(text_utf8);
    return;
  }
  while (!found_ && !text_utf8.empty()) {
    const auto block = base::codec::utf8_prefix(text_utf8, kBlockOctets);
    feed_block(block);
    text_utf8.remove_prefix(block.size());
  }
}

void Finder::feed_block(std::string_view text_utf8) {
  if (base::codec::is_ascii(text_utf8)) {
    feed_ascii(text_utf8);
    return;
  }
  std::string folded = std::move(tail_);
  fold(text_utf8, folded);
  found_ = needle_->in_folded(folded);
  keep_tail(folded);
}

void Finder::feed_ascii(std::string_view text) {
  if (text.empty()) return;
  const std::size_t most = needle_->folded().size() - 1;
  if (!tail_.empty()) {
    std::string seam = tail_;
    fold(text.substr(0, most), seam);
    found_ = needle_->in_folded(seam);
    if (text.size() < most) {
      keep_tail(seam);
      return;
    }
  }
  found_ = found_ || needle_->in_ascii(text);
  keep_tail(fold(text.substr(text.size() - std::min(most, text.size()))));
}

void Finder::keep_tail(std::string_view folded) {
  const std::size_t most = needle_->folded().size() - 1;
  tail_ = folded.substr(folded.size() - std::min(most, folded.size()));
}

}  // namespace veredus::state::search
