#include "wire/mime/charset.h"

#include <unicode/ucnv.h>
#include <unicode/ucsdet.h>

#include <algorithm>
#include <array>
#include <cstdint>
#include <memory>
#include <utility>
#include <vector>

#include "base/codec/ascii.h"
#include "base/codec/utf8.h"
#include "wire/mime/charset_tables.h"

namespace veredus::wire::mime {
namespace {

constexpr std::size_t kMaxCharsetName = 60;    // UCNV_MAX_CONVERTER_NAME_LENGTH
constexpr std::size_t kCachedConverters = 24;  // per thread; most mail uses three
constexpr std::size_t kDetectOctets = 2048;

struct CloseConverter {
  void operator()(UConverter* converter) const { ucnv_close(converter); }
};
using Converter = std::unique_ptr<UConverter, CloseConverter>;

struct CloseDetector {
  void operator()(UCharsetDetector* detector) const { ucsdet_close(detector); }
};

/// What senders write against what they mean.
constexpr std::array<std::pair<std::string_view, std::string_view>, 18> kMeant = {{
    {"iso-8859-1", "windows-1252"},
    {"iso8859-1", "windows-1252"},
    {"latin1", "windows-1252"},
    {"latin-1", "windows-1252"},
    {"iso_8859-1", "windows-1252"},
    {"iso-8859-8-i", "iso-8859-8"},
    {"iso-8859-8-e", "iso-8859-8"},
    {"gb2312", "gb18030"},
    {"gbk", "gb18030"},
    {"x-gbk", "gb18030"},
    {"ks_c_5601-1987", "windows-949"},
    {"euc-kr", "windows-949"},
    {"iso-8859-9", "windows-1254"},
    {"tis-620", "windows-874"},
    {"iso-8859-11", "windows-874"},
    {"unicode-1-1-utf-7", "utf-7"},
    {"x-mac-roman", "macintosh"},
    {"shift-jis", "shift_jis"},
}};

bool is_utf8_name(std::string_view name) {
  return name == "utf-8" || name == "utf8" || name == "unicode-1-1-utf-8" || name == "us-ascii" || name == "ascii" ||
         name == "ansi_x3.4-1968";
}

/// Charsets in which octets below 0x80 are not what US-ASCII makes of them.
bool is_ascii_like(std::string_view name) {
  for (const std::string_view other :
       {"utf-16", "utf16", "utf-32",  "utf32",     "utf-7",  "utf7",      "iso-2022", "iso-10646", "ucs-",
        "hz",     "ibm",   "cp037",   "cp1",       "cp5",    "csiso2022", "cshz",     "ebcdic",    "scsu",
        "bocu",   "imap",  "unicode", "csunicode", "x-imap", "cesu",      "x-ibm"})
    if (name.starts_with(other)) return name.starts_with("cp125");
  return true;
}

/// Lower case, without quotes and white space; empty when it cannot be a name.
std::string normal_name(std::string_view charset) {
  std::string name = base::codec::to_lower_ascii(base::codec::trim_ascii(charset, " \t\r\n\"'"));
  const auto allowed = [](char c) {
    return base::codec::is_digit(c) || base::codec::is_alpha(c) || std::string_view("-_.:+()").contains(c);
  };
  if (name.size() > kMaxCharsetName || !std::ranges::all_of(name, allowed)) return {};
  for (const auto& [written, meant] : kMeant)
    if (name == written) return std::string(meant);
  return name;
}

/// Asks ICU's table of names alone: opening an unknown name would search the disk.
bool icu_knows(const std::string& name) {
  UErrorCode error = U_ZERO_ERROR;
  return !name.empty() && ucnv_countAliases(name.c_str(), &error) > 0 && U_SUCCESS(error);
}

/// The calling thread's converter for a known name; null when it cannot be opened. Valid until the next call.
UConverter* converter_for(const std::string& name) {
  thread_local std::vector<std::pair<std::string, Converter>> cache;
  for (const auto& [known, converter] : cache)
    if (known == name) return converter.get();
  UErrorCode error = U_ZERO_ERROR;
  Converter converter(ucnv_open(name.c_str(), &error));
  if (U_FAILURE(error)) return nullptr;
  if (cache.size() >= kCachedConverters) cache.erase(cache.begin());
  cache.emplace_back(name, std::move(converter));
  return cache.back().second.get();
}

std::string convert(UConverter* converter, std::string_view octets) {
  ucnv_reset(converter);
  std::string out;
  out.resize(octets.size() * 2 + 16);
  while (true) {
    UErrorCode error = U_ZERO_ERROR;
    const std::int32_t length =
        ucnv_toAlgorithmic(UCNV_UTF8, converter, out.data(), static_cast<std::int32_t>(out.size()), octets.data(),
                           static_cast<std::int32_t>(octets.size()), &error);
    if (error == U_BUFFER_OVERFLOW_ERROR) {
      out.resize(static_cast<std::size_t>(length) + 1);
      continue;
    }
    if (U_FAILURE(error)) return base::codec::replace_invalid_utf8(octets);
    out.resize(static_cast<std::size_t>(length));
    return base::codec::is_valid_utf8(out) ? out : base::codec::replace_invalid_utf8(out);
  }
}

/// ICU counts in 32 bits; a body that large is cut into pieces (a character at a seam may be lost).
std::string convert_any_size(UConverter* converter, std::string_view octets) {
  constexpr std::size_t kPiece = 64UL * 1024 * 1024;
  if (octets.size() <= kPiece) return convert(converter, octets);
  std::string out;
  for (std::size_t at = 0; at < octets.size(); at += kPiece) out += convert(converter, octets.substr(at, kPiece));
  return out;
}

/// The detector's word when it is sure and names a charset whose text windows-1252 would turn to rubbish.
std::string detect(std::string_view octets) {
  thread_local std::unique_ptr<UCharsetDetector, CloseDetector> detector;
  UErrorCode error = U_ZERO_ERROR;
  if (!detector) detector.reset(ucsdet_open(&error));
  if (U_FAILURE(error)) return {};
  octets = octets.substr(0, kDetectOctets);
  ucsdet_setText(detector.get(), octets.data(), static_cast<std::int32_t>(octets.size()), &error);
  const UCharsetMatch* match = ucsdet_detect(detector.get(), &error);
  if (U_FAILURE(error) || match == nullptr) return {};
  const std::int32_t confidence = ucsdet_getConfidence(match, &error);
  const char* name = ucsdet_getName(match, &error);
  if (U_FAILURE(error) || name == nullptr || confidence < 60) return {};
  std::string found = base::codec::to_lower_ascii(std::string_view(name));
  return found.starts_with("utf-") || found == "iso-8859-1" ? std::string() : found;
}

}  // namespace

bool is_known_charset(std::string_view charset) {
  const std::string name = normal_name(charset);
  return is_utf8_name(name) || icu_knows(name) || to_utf8_by_table({}, name);
}

std::string to_utf8(std::string_view octets, std::string_view charset, Undeclared undeclared) {
  const std::string name = normal_name(charset);
  if (is_utf8_name(name)) {
    // What calls itself US-ASCII and is not was written by somebody, so it is always guessed (WHATWG: windows-1252).
    return name.starts_with('u') && name != "us-ascii" ? base::codec::replace_invalid_utf8(octets)
                                                       : guess_to_utf8(octets);
  }
  if (is_ascii_like(name) && base::codec::is_ascii(octets)) return std::string(octets);
  if (auto text = to_utf8_by_table(octets, name)) return *std::move(text);
  if (!icu_knows(name)) return undeclared_to_utf8(octets, undeclared);
  UConverter* converter = converter_for(name);
  return converter == nullptr ? undeclared_to_utf8(octets, undeclared) : convert_any_size(converter, octets);
}

std::string undeclared_to_utf8(std::string_view octets, Undeclared undeclared) {
  return undeclared == Undeclared::kGuess ? guess_to_utf8(octets) : base::codec::replace_invalid_utf8(octets);
}

std::string guess_to_utf8(std::string_view octets) {
  if (base::codec::is_valid_utf8(octets)) return std::string(octets);
  if (octets.size() >= 8) {
    const std::string found = detect(octets);
    if (icu_knows(found))
      if (UConverter* converter = converter_for(found)) return convert_any_size(converter, octets);
  }
  if (UConverter* converter = converter_for("windows-1252")) return convert_any_size(converter, octets);
  return base::codec::replace_invalid_utf8(octets);
}

}  // namespace veredus::wire::mime
