#include "state/search/fold.h"

#include <unicode/normalizer2.h>
#include <unicode/uchar.h>

#include <array>
#include <atomic>
#include <cstdint>
#include <memory>

#include "base/codec/utf8.h"

namespace veredus::state::search {
namespace {

using base::codec::append_utf8;
using base::codec::first_utf8_character;

constexpr std::uint32_t kPageSize = 256;
constexpr std::uint32_t kPages = 0x110000 / kPageSize;

/// The folded forms of kPageSize code points in a row.
struct FoldPage {
  std::array<std::uint16_t, kPageSize + 1> begin{};
  std::string forms;
};

std::string fold_one(char32_t code_point, const icu::Normalizer2* taking_apart) {
  const UChar32 title = u_totitle(static_cast<UChar32>(code_point));
  icu::UnicodeString parts;
  if (taking_apart == nullptr || taking_apart->getDecomposition(title, parts) == 0) parts = icu::UnicodeString(title);
  std::string form;
  for (std::int32_t at = 0; at < parts.length(); at = parts.moveIndex32(at, 1))
    append_utf8(form, static_cast<char32_t>(u_totitle(parts.char32At(at))));
  return form;
}

std::unique_ptr<FoldPage> make_page(std::uint32_t number) {
  UErrorCode error = U_ZERO_ERROR;
  const icu::Normalizer2* taking_apart = icu::Normalizer2::getNFKDInstance(error);
  auto page = std::make_unique<FoldPage>();
  for (std::uint32_t i = 0; i < kPageSize; ++i) {
    page->forms += fold_one(number * kPageSize + i, U_SUCCESS(error) != 0 ? taking_apart : nullptr);
    page->begin[i + 1] = static_cast<std::uint16_t>(page->forms.size());
  }
  return page;
}

/// Pages are made when first asked for and kept for good: about 1 KiB each, and mail uses few.
const FoldPage& page_of(char32_t code_point) {
  static std::array<std::atomic<const FoldPage*>, kPages> pages{};
  auto& slot = pages[code_point / kPageSize];
  const FoldPage* page = slot.load(std::memory_order_acquire);
  if (page != nullptr) return *page;
  auto made = make_page(static_cast<std::uint32_t>(code_point) / kPageSize);
  if (slot.compare_exchange_strong(page, made.get(), std::memory_order_acq_rel)) page = made.release();
  return *page;
}

}  // namespace

void fold(std::string_view text_utf8, std::string& out) {
  std::size_t at = 0;
  while (at < text_utf8.size()) {
    const std::size_t begin = at;
    while (at < text_utf8.size() && static_cast<unsigned char>(text_utf8[at]) < 0x80) ++at;
    if (at > begin) {
      const std::size_t grown = out.size();
      out.append(text_utf8, begin, at - begin);
      for (std::size_t i = grown; i < out.size(); ++i) out[i] = fold_ascii(out[i]);
    }
    if (at == text_utf8.size()) return;
    const auto character = first_utf8_character(text_utf8.substr(at));
    if (character.octets == 0) {  // not what was promised: kept as it is
      out.push_back(text_utf8[at++]);
      continue;
    }
    const FoldPage& page = page_of(character.code_point);
    const std::size_t index = character.code_point % kPageSize;
    out.append(page.forms, page.begin[index], page.begin[index + 1] - page.begin[index]);
    at += character.octets;
  }
}

std::string fold(std::string_view text_utf8) {
  std::string out;
  out.reserve(text_utf8.size());
  fold(text_utf8, out);
  return out;
}

std::size_t code_points(std::string_view text_utf8) {
  std::size_t count = 0;
  for (const char octet : text_utf8) count += (static_cast<unsigned char>(octet) & 0xC0U) != 0x80U ? 1 : 0;
  return count;
}

}  // namespace veredus::state::search
