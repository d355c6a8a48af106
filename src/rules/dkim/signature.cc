#include "rules/dkim/signature.h"

#include <algorithm>
#include <charconv>
#include <utility>

#include "base/codec/ascii.h"
#include "base/codec/base64.h"
#include "base/codec/idna.h"
#include "base/types/result.h"
#include "rules/dkim/tag_list.h"

namespace veredus::rules::dkim {

namespace codec = base::codec;
using base::crypto::KeyKind;

namespace {

using Parsed = std::expected<void, SignatureError>;

std::expected<std::string_view, SignatureError> need(const TagList& tags, std::string_view name) {
  const auto value = tags.find(name);
  if (!value || value->empty()) return std::unexpected(SignatureError::kMissingTag);
  return *value;
}

Parsed read_algorithm(const TagList& tags, Signature& out) {
  VEREDUS_TRY(const auto value, need(tags, "a"));
  if (codec::iequals_ascii(value, "rsa-sha256"))
    out.algorithm = KeyKind::kRsa;
  else if (codec::iequals_ascii(value, "ed25519-sha256"))  // RFC 8463
    out.algorithm = KeyKind::kEd25519;
  else
    return std::unexpected(SignatureError::kAlgorithm);
  return {};
}

std::optional<Canonical> canonical_of(std::string_view word) {
  if (codec::iequals_ascii(word, "simple")) return Canonical::kSimple;
  if (codec::iequals_ascii(word, "relaxed")) return Canonical::kRelaxed;
  return std::nullopt;
}

/// c= header [ "/" body ]; what is left out is simple.
Parsed read_canonical(const TagList& tags, Signature& out) {
  const auto value = tags.find("c");
  if (!value) return {};
  const auto slash = value->find('/');
  const auto header = canonical_of(codec::trim_ascii(value->substr(0, slash)));
  const auto body = slash == std::string_view::npos ? std::optional(Canonical::kSimple)
                                                    : canonical_of(codec::trim_ascii(value->substr(slash + 1)));
  if (!header || !body) return std::unexpected(SignatureError::kCanonical);
  out.header = *header;
  out.body = *body;
  return {};
}

std::expected<std::string, SignatureError> read_base64(const TagList& tags, std::string_view name) {
  VEREDUS_TRY(const auto value, need(tags, name));
  auto octets = codec::base64_decode(without_white_space(value));
  if (!octets || octets->empty()) return std::unexpected(SignatureError::kBase64);
  return *std::move(octets);
}

std::expected<std::string, SignatureError> read_name(const TagList& tags, std::string_view name) {
  VEREDUS_TRY(const auto value, need(tags, name));
  auto ascii = codec::to_ascii(value);  // RFC 8616 s5: U-labels may stand here
  if (!ascii) return std::unexpected(SignatureError::kDomain);
  return *std::move(ascii);
}

/// i= [ local-part ] "@" domain-name
Parsed read_identity(const TagList& tags, Signature& out) {
  const auto value = tags.find("i");
  out.identity = value ? std::string(*value) : '@' + out.domain;
  const auto at = out.identity.rfind('@');
  if (at == std::string::npos) return std::unexpected(SignatureError::kIdentity);
  auto domain = codec::to_ascii(std::string_view(out.identity).substr(at + 1));
  if (!domain) return std::unexpected(SignatureError::kIdentity);
  const bool below = *domain == out.domain || domain->ends_with('.' + out.domain);
  if (!below) return std::unexpected(SignatureError::kIdentity);
  out.identity_domain = *std::move(domain);
  return {};
}

/// Empty names are passed over: there is no such field. An ARC-Message-Signature may sign no field at all.
Parsed read_fields(const TagList& tags, Signature& out) {
  const auto value = tags.find("h");
  if (!value) return std::unexpected(SignatureError::kMissingTag);
  const auto names = split_list(*value, ':');
  if (names.size() > kMostSignedFields) return std::unexpected(SignatureError::kFields);
  out.fields.reserve(names.size());
  for (const auto name : names)
    if (!name.empty()) out.fields.emplace_back(name);
  return {};
}

/// Up to 12 digits for times, 76 for l= (RFC 6376 s3.5); what is more than 64 bits hold is the most they hold.
std::expected<std::optional<std::uint64_t>, SignatureError> read_number(const TagList& tags, std::string_view name) {
  const auto value = tags.find(name);
  if (!value) return std::nullopt;
  std::uint64_t number = 0;
  const auto* const end = value->data() + value->size();
  const auto [stopped, error] = std::from_chars(value->data(), end, number);
  if (value->empty() || stopped != end || error == std::errc::invalid_argument)
    return std::unexpected(SignatureError::kNumber);
  return error == std::errc::result_out_of_range ? ~std::uint64_t{0} : number;
}

std::optional<std::chrono::sys_seconds> as_time(const std::optional<std::uint64_t>& seconds) {
  constexpr std::uint64_t kMost = 1ULL << 40;  // some 35,000 years
  if (!seconds) return std::nullopt;
  return std::chrono::sys_seconds(std::chrono::seconds(std::min(*seconds, kMost)));
}

Parsed read_numbers(const TagList& tags, Signature& out) {
  VEREDUS_TRY(out.body_octets, read_number(tags, "l"));
  VEREDUS_TRY(const auto signed_at, read_number(tags, "t"));
  VEREDUS_TRY(const auto expires_at, read_number(tags, "x"));
  out.signed_at = as_time(signed_at);
  out.expires_at = as_time(expires_at);
  if (out.signed_at && out.expires_at && *out.expires_at <= *out.signed_at)
    return std::unexpected(SignatureError::kExpiry);
  return {};
}

Parsed check_query(const TagList& tags) {
  const auto value = tags.find("q");
  if (!value) return {};
  const auto methods = split_list(*value, ':');
  const bool known = std::ranges::any_of(methods, [](auto m) { return codec::iequals_ascii(m, "dns/txt"); });
  return known ? Parsed() : std::unexpected(SignatureError::kQuery);
}

std::expected<Signature, SignatureError> read_common(const TagList& tags) {
  Signature out;
  VEREDUS_TRY(read_algorithm(tags, out));
  VEREDUS_TRY(read_canonical(tags, out));
  VEREDUS_TRY(out.signature, read_base64(tags, "b"));
  VEREDUS_TRY(out.body_hash, read_base64(tags, "bh"));
  VEREDUS_TRY(out.domain, read_name(tags, "d"));
  VEREDUS_TRY(out.selector, read_name(tags, "s"));
  VEREDUS_TRY(read_fields(tags, out));
  VEREDUS_TRY(read_numbers(tags, out));
  return out;
}

bool signs(const Signature& signature, std::string_view field) {
  return std::ranges::any_of(signature.fields, [field](const auto& f) { return codec::iequals_ascii(f, field); });
}

}  // namespace

std::string_view to_string(SignatureError error) {
  switch (error) {
    case SignatureError::kSyntax:
      return "the signature is malformed";
    case SignatureError::kVersion:
      return "the version is not 1";
    case SignatureError::kMissingTag:
      return "a required tag is missing";
    case SignatureError::kAlgorithm:
      return "the algorithm is unknown or no longer allowed";
    case SignatureError::kCanonical:
      return "the canonicalization is unknown";
    case SignatureError::kBase64:
      return "a value is no base64";
    case SignatureError::kDomain:
      return "the domain or selector is malformed";
    case SignatureError::kIdentity:
      return "the identity is not of the signing domain";
    case SignatureError::kFromUnsigned:
      return "the From field is not signed";
    case SignatureError::kNumber:
      return "a number is malformed";
    case SignatureError::kExpiry:
      return "it expires before it was made";
    case SignatureError::kQuery:
      return "its key is not in DNS";
    case SignatureError::kFields:
      return "it names more fields than are looked for";
  }
  return "";
}

std::expected<Signature, SignatureError> parse_signature(std::string_view value) {
  const auto tags = TagList::parse(value);
  if (!tags) return std::unexpected(SignatureError::kSyntax);
  return parse_signature(*tags);
}

std::expected<Signature, SignatureError> parse_signature(const TagList& tags) {
  VEREDUS_TRY(const auto version, need(tags, "v"));
  if (version != "1") return std::unexpected(SignatureError::kVersion);
  VEREDUS_TRY(auto out, read_common(tags));
  VEREDUS_TRY(read_identity(tags, out));
  VEREDUS_TRY(check_query(tags));
  if (!signs(out, "From")) return std::unexpected(SignatureError::kFromUnsigned);  // RFC 6376 s5.4
  return out;
}

std::expected<Signature, SignatureError> parse_arc_message_signature(std::string_view value) {
  const auto tags = TagList::parse(value);
  if (!tags) return std::unexpected(SignatureError::kSyntax);
  VEREDUS_TRY(auto out, read_common(*tags));
  if (signs(out, "ARC-Seal")) return std::unexpected(SignatureError::kSyntax);  // RFC 8617 s4.1.2
  out.identity_domain = out.domain;
  return out;
}

}  // namespace veredus::rules::dkim
