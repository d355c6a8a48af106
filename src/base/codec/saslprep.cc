#include "base/codec/saslprep.h"

#include <unicode/normalizer2.h>
#include <unicode/uchar.h>
#include <unicode/unistr.h>
#include <unicode/usprep.h>

#include "base/codec/utf8.h"

namespace veredus::base::codec {
namespace {

constexpr std::size_t kMaxOctets = 4096;  // far above what any door lets through; bounds the work

bool is_printable_ascii(std::string_view text) {
  for (const char c : text)
    if (c < 0x20 || c > 0x7E) return false;
  return true;
}

std::string to_utf8(const icu::UnicodeString& text) {
  std::string out;
  text.toUTF8String(out);
  return out;
}

// RFC 4013, for stored strings: characters that Unicode 3.2 did not know are refused.
std::optional<std::string> saslprep(const icu::UnicodeString& text) {
  UErrorCode status = U_ZERO_ERROR;
  static UStringPrepProfile* const profile = usprep_openByType(USPREP_RFC4013_SASLPREP, &status);  // for ever
  if (profile == nullptr) return std::nullopt;
  status = U_ZERO_ERROR;
  icu::UnicodeString out;
  const std::int32_t capacity = text.length() * 18 + 16;  // NFKC makes at most 18 units of one
  char16_t* const buffer = out.getBuffer(capacity);
  if (buffer == nullptr) return std::nullopt;
  const std::int32_t length =
      usprep_prepare(profile, text.getBuffer(), text.length(), buffer, capacity, USPREP_DEFAULT, nullptr, &status);
  out.releaseBuffer(U_SUCCESS(status) ? length : 0);
  if (U_FAILURE(status) || out.isEmpty()) return std::nullopt;
  return to_utf8(out);
}

// RFC 8264 s4.3.1, but for joiners and variation selectors: emoji are made of them, and refusing them protects nobody.
bool is_freeform(char32_t c) {
  switch (u_charType(static_cast<UChar32>(c))) {
    case U_CONTROL_CHAR:
    case U_UNASSIGNED:
    case U_SURROGATE:
    case U_PRIVATE_USE_CHAR:
      return false;
    default:
      return true;
  }
}

// RFC 8265 s4.2.2: no width mapping, spaces become SPACE, case stays, NFC.
std::optional<std::string> opaque_string(const icu::UnicodeString& text) {
  icu::UnicodeString mapped;
  for (std::int32_t i = 0; i < text.length(); i = text.moveIndex32(i, 1)) {
    const UChar32 c = text.char32At(i);
    if (!is_freeform(static_cast<char32_t>(c))) return std::nullopt;
    mapped.append(u_charType(c) == U_SPACE_SEPARATOR ? UChar32{' '} : c);
  }
  UErrorCode status = U_ZERO_ERROR;
  const auto* const nfc = icu::Normalizer2::getNFCInstance(status);
  if (U_FAILURE(status)) return std::nullopt;
  const icu::UnicodeString out = nfc->normalize(mapped, status);
  if (U_FAILURE(status) || out.isEmpty()) return std::nullopt;
  return to_utf8(out);
}

std::optional<std::string> prepare(std::string_view text) {
  if (text.empty() || text.size() > kMaxOctets) return std::nullopt;
  if (is_printable_ascii(text)) return std::string(text);
  if (!is_valid_utf8(text)) return std::nullopt;
  const auto unicode =
      icu::UnicodeString::fromUTF8(icu::StringPiece(text.data(), static_cast<std::int32_t>(text.size())));
  if (auto prepared = saslprep(unicode)) return prepared;
  return opaque_string(unicode);
}

}  // namespace

std::optional<std::string> prepare_password(std::string_view password) { return prepare(password); }

std::optional<std::string> prepare_username(std::string_view username) { return prepare(username); }

}  // namespace veredus::base::codec
