#include "app/cli/signing_input.h"

#include <fmt/format.h>

#include <algorithm>
#include <optional>
#include <string_view>

#include "base/codec/ascii.h"
#include "base/codec/idna.h"
#include "base/types/result.h"

namespace veredus::app::cli {

namespace codec = base::codec;

namespace {

constexpr unsigned kLeastRsaBits = 1024;

bool is_control(char c) { return static_cast<unsigned char>(c) < ' ' || c == '\x7F'; }

/// What may stand as a tag's value without more ado: no separator, no white space.
bool is_value(std::string_view text) {
  return std::ranges::none_of(text, [](char c) { return is_control(c) || c == ' ' || c == ';'; });
}

std::expected<std::string, std::string> name_of(std::string_view text, std::string_view what) {
  auto ascii = codec::to_ascii(text);
  if (!ascii || !is_value(*ascii)) return std::unexpected(fmt::format("'{}' is no {}", text, what));
  return *std::move(ascii);
}

/// i= [ local-part ] "@" domain-name
bool is_identity_of(std::string_view identity, const std::string& domain) {
  const auto at = identity.rfind('@');
  if (at == std::string_view::npos || !is_value(identity)) return false;
  const auto own = codec::to_ascii(identity.substr(at + 1));
  return own && (*own == domain || own->ends_with('.' + domain));
}

/// field-name = 1*ftext (RFC 5322 s3.6.8), without what separates names and tags.
bool is_field_name(std::string_view name) {
  return !name.empty() &&
         std::ranges::all_of(name, [](char c) { return c > ' ' && c < '\x7F' && c != ':' && c != ';'; });
}

/// The first that is none, or nullopt.
std::optional<std::string> bad_field(const std::vector<std::string>& names) {
  const auto bad = std::ranges::find_if_not(names, is_field_name);
  return bad == names.end() ? std::nullopt : std::optional(fmt::format("'{}' is no name of a field", *bad));
}

bool names(const std::vector<std::string>& fields, std::string_view field) {
  return std::ranges::any_of(fields, [field](const auto& name) { return codec::iequals_ascii(name, field); });
}

}  // namespace

std::expected<rules::dkim::SigningName, std::string> signing_name(const AuthenticationInput& input) {
  rules::dkim::SigningName out;
  if (input.domain.empty() || input.selector.empty() || input.key.empty())
    return std::unexpected("a signature needs a domain, a selector and a key");
  VEREDUS_TRY(out.domain, name_of(input.domain, "domain"));
  VEREDUS_TRY(out.selector, name_of(input.selector, "selector"));
  if (!input.identity.empty() && !is_identity_of(input.identity, out.domain))
    return std::unexpected(fmt::format("'{}' is no identity of {}", input.identity, out.domain));
  out.identity = input.identity;
  return out;
}

std::expected<base::crypto::PrivateKey, std::string> signing_key(const AuthenticationInput& input) {
  auto key = base::crypto::PrivateKey::read(base::crypto::Secret(std::string_view(input.key)));
  if (!key) return std::unexpected(fmt::format("the key is {}", to_string(key.error())));
  if (key->kind() == base::crypto::KeyKind::kRsa && key->bits() < kLeastRsaBits)
    return std::unexpected(fmt::format("the key has {} bits; nobody takes less than {}", key->bits(), kLeastRsaBits));
  return *std::move(key);
}

std::expected<void, std::string> check_signed_fields(const AuthenticationInput& input) {
  if (auto bad = bad_field(input.fields)) return std::unexpected(*std::move(bad));
  if (!input.fields.empty() && !names(input.fields, "From")) return std::unexpected("From must be among the fields");
  return {};
}

std::expected<void, std::string> check_seal(const AuthenticationInput& input) {
  VEREDUS_TRY(check_signed_fields(input));
  if (names(input.fields, "ARC-Seal")) return std::unexpected("ARC-Seal may not be among the fields");
  if (!is_value(input.server)) return std::unexpected(fmt::format("'{}' is no name of a server", input.server));
  if (std::ranges::any_of(input.results, is_control)) return std::unexpected("the results hold control characters");
  return {};
}

}  // namespace veredus::app::cli
