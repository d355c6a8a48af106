#include "state/search/trigrams.h"

#include <algorithm>

#include "base/codec/utf8.h"
#include "state/search/fold.h"
#include "wire/mime/address.h"

namespace veredus::state::search {
namespace {

constexpr int kBits = 21;
constexpr Trigram kMask = (Trigram{1} << (3 * kBits)) - 1;

std::size_t place_of(Trigram trigram, std::size_t places) {
  return static_cast<std::size_t>((trigram * 0x9E3779B97F4A7C15ULL) >> 20) & (places - 1);
}

}  // namespace

void TrigramSet::clear() {
  if (table_.size() > kUsualPlaces * 16)
    table_.assign(kUsualPlaces, 0);
  else
    std::ranges::fill(table_, Trigram{0});
  size_ = 0;
  held_ = 0;
  too_many_ = false;
}

void TrigramSet::insert(Trigram trigram) {
  auto at = place_of(trigram, table_.size());
  while (table_[at] != 0) {
    if (table_[at] == trigram) return;
    at = (at + 1) & (table_.size() - 1);
  }
  if (size_ >= kMost) {
    too_many_ = true;
    return;
  }
  table_[at] = trigram;
  if (++size_ * 2 > table_.size()) grow();
}

void TrigramSet::grow() {
  auto before = std::move(table_);
  table_.assign(before.size() * 2, 0);
  for (const auto trigram : before) {
    if (trigram == 0) continue;
    auto at = place_of(trigram, table_.size());
    while (table_[at] != 0) at = (at + 1) & (table_.size() - 1);
    table_[at] = trigram;
  }
}

void TrigramSet::add(char32_t folded) {
  last_ = ((last_ << kBits) | folded) & kMask;
  if (held_ < 2)
    ++held_;
  else
    insert(last_ != 0 ? last_ : 1);  // three NULs stand as something else; nobody looks for them
}

void TrigramSet::feed(std::string_view text_utf8) {
  std::string folded;
  while (!text_utf8.empty()) {
    const auto octet = static_cast<unsigned char>(text_utf8.front());
    if (octet < 0x80) {
      add(static_cast<unsigned char>(fold_ascii(text_utf8.front())));
      text_utf8.remove_prefix(1);
      continue;
    }
    const auto octets = std::max<std::size_t>(base::codec::first_utf8_character(text_utf8).octets, 1);
    folded.clear();
    fold(text_utf8.substr(0, octets), folded);
    text_utf8.remove_prefix(octets);
    for (std::string_view rest = folded; !rest.empty();) {
      const auto character = base::codec::first_utf8_character(rest);
      if (character.octets == 0) break;
      add(character.code_point);
      rest.remove_prefix(character.octets);
    }
  }
}

std::vector<Trigram> TrigramSet::sorted() const {
  std::vector<Trigram> all;
  all.reserve(size_);
  for (const auto trigram : table_)
    if (trigram != 0) all.push_back(trigram);
  std::ranges::sort(all);
  return all;
}

std::string trigram_text(Trigram trigram) {
  constexpr auto kOne = (Trigram{1} << kBits) - 1;
  std::string text;
  for (const int shift : {2 * kBits, kBits, 0})
    base::codec::append_utf8(text, static_cast<char32_t>((trigram >> shift) & kOne));
  return text;
}

void MessageTrigrams::field(Owner /*owner*/, std::string_view name, std::string_view value_utf8) {
  headers.feed(name);
  headers.feed(": ");
  headers.feed(value_utf8);
  headers.end();
  if (!value_utf8.contains('\\')) return;
  for (const auto& address : wire::mime::parse_address_list(value_utf8)) {  // as FieldTexts reads it
    headers.feed(wire::mime::display_name(address));
    headers.end();
    headers.feed(wire::mime::address_text(address));
    headers.end();
  }
}

}  // namespace veredus::state::search
