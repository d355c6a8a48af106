#include "state/directory/address_form.h"

#include <unicode/unistr.h>

#include "base/codec/ascii.h"
#include "base/codec/idna.h"
#include "base/codec/nfc.h"
#include "base/codec/utf8.h"

namespace veredus::state::directory {

namespace codec = base::codec;

std::optional<std::string> normal_domain(std::string_view domain) {
  if (domain.empty() || domain.front() == '[') return std::nullopt;
  return codec::to_ascii(domain);
}

std::string normal_local_part(std::string_view local_part) {
  if (codec::is_ascii(local_part) || !codec::is_valid_utf8(local_part)) return codec::to_lower_ascii(local_part);
  auto text =
      icu::UnicodeString::fromUTF8(icu::StringPiece(local_part.data(), static_cast<std::int32_t>(local_part.size())));
  text.foldCase();
  std::string folded;
  text.toUTF8String(folded);
  return codec::to_nfc(folded);
}

std::string join_address(std::string_view normal_local_part, std::string_view normal_domain) {
  std::string out;
  out.reserve(normal_local_part.size() + 1 + normal_domain.size());
  out.append(normal_local_part).push_back('@');
  out.append(normal_domain);
  return out;
}

AddressParts split_address(std::string_view address) {
  const auto at = address.rfind('@');
  if (at == std::string_view::npos) return {.local_part = address, .domain = {}};
  return {.local_part = address.substr(0, at), .domain = address.substr(at + 1)};
}

std::optional<wire::smtp::Address> parse_typed_address(std::string_view text) {
  auto address = wire::smtp::parse_mailbox(codec::trim_ascii(text));
  if (!address || address->domain.empty() || address->domain.front() == '[') return std::nullopt;
  if (!codec::to_ascii(address->domain)) return std::nullopt;
  return *std::move(address);
}

std::string shown_address(const wire::smtp::Address& address) {
  const auto domain = codec::to_unicode(address.domain);
  return wire::smtp::to_string({.local_part = address.local_part, .domain = domain.value_or(address.domain)});
}

}  // namespace veredus::state::directory
