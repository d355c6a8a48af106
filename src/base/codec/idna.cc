#include "base/codec/idna.h"

#include <idn2.h>

#include <memory>

#include "base/codec/ascii.h"
#include "base/codec/utf8.h"

namespace veredus::base::codec {
namespace {

constexpr std::size_t kMaxName = 253;  // RFC 1035 s2.3.4, as text
constexpr std::size_t kMaxLabel = 63;
constexpr std::size_t kMaxInput = 1024;  // U-labels are longer in UTF-8 than in DNS

struct Idn2Free {
  void operator()(char* text) const { idn2_free(text); }
};
using Idn2Text = std::unique_ptr<char, Idn2Free>;

bool is_label(std::string_view label) {
  if (label.empty() || label.size() > kMaxLabel || label.starts_with('-') || label.ends_with('-')) return false;
  for (const char c : label)
    if (!is_alpha(c) && !is_digit(c) && c != '-' && c != '_') return false;
  return true;
}

bool is_ascii_name(std::string_view name) {
  if (name.empty() || name.size() > kMaxName) return false;
  while (true) {
    const auto dot = name.find('.');
    if (!is_label(name.substr(0, dot))) return false;
    if (dot == std::string_view::npos) return true;
    name.remove_prefix(dot + 1);
  }
}

std::string label_to_unicode(const std::string& label) {
  if (!label.starts_with("xn--")) return label;
  char* raw = nullptr;
  if (idn2_to_unicode_8z8z(label.c_str(), &raw, IDN2_NONTRANSITIONAL) != IDN2_OK) return label;
  const Idn2Text decoded(raw);
  return decoded.get();
}

}  // namespace

/// RFC 5891 s4: the protocol of registration and lookup, non-transitional.
std::optional<std::string> to_ascii(std::string_view domain_utf8) {
  if (domain_utf8.ends_with('.')) domain_utf8.remove_suffix(1);
  if (is_ascii(domain_utf8)) {
    if (!is_ascii_name(domain_utf8)) return std::nullopt;
    return to_lower_ascii(domain_utf8);
  }
  if (domain_utf8.size() > kMaxInput || domain_utf8.contains('\0') || !is_valid_utf8(domain_utf8)) return std::nullopt;
  char* raw = nullptr;
  const std::string input(domain_utf8);
  if (idn2_to_ascii_8z(input.c_str(), &raw, IDN2_NFC_INPUT | IDN2_NONTRANSITIONAL) != IDN2_OK) return std::nullopt;
  const Idn2Text encoded(raw);
  std::string_view name(encoded.get());
  if (name.ends_with('.')) name.remove_suffix(1);
  if (!is_ascii_name(name)) return std::nullopt;
  return to_lower_ascii(name);
}

std::optional<std::string> to_unicode(std::string_view domain) {
  const auto ascii = to_ascii(domain);
  if (!ascii) return std::nullopt;
  std::string out;
  std::string_view rest = *ascii;
  for (auto dot = rest.find('.'); dot != std::string_view::npos; dot = rest.find('.')) {
    out += label_to_unicode(std::string(rest.substr(0, dot)));
    out.push_back('.');
    rest.remove_prefix(dot + 1);
  }
  out += label_to_unicode(std::string(rest));
  return to_ascii(out) == ascii ? out : ascii;  // what would not become the same name again is not shown as if it did
}

}  // namespace veredus::base::codec
