#include "rules/dkim/key_record.h"

#include <algorithm>

#include "base/codec/ascii.h"
#include "base/codec/base64.h"
#include "rules/dkim/tag_list.h"

namespace veredus::rules::dkim {

namespace codec = base::codec;
using base::crypto::PublicKey;

namespace {

constexpr unsigned kLeastRsaBits = 1024;

/// Whether a colon-separated tag is absent or holds one of the words.
bool allows(const TagList& tags, std::string_view tag, std::initializer_list<std::string_view> words) {
  const auto value = tags.find(tag);
  if (!value) return true;
  return std::ranges::any_of(split_list(*value, ':'), [&](std::string_view have) {
    return std::ranges::any_of(words, [have](std::string_view word) { return codec::iequals_ascii(have, word); });
  });
}

bool has_flag(const TagList& tags, std::string_view flag) { return tags.find("t") && allows(tags, "t", {flag}); }

std::expected<PublicKey, KeyRecordError> read_key(std::string_view kind, std::string_view octets) {
  const bool is_rsa = codec::iequals_ascii(kind, "rsa");
  if (!is_rsa && !codec::iequals_ascii(kind, "ed25519")) return std::unexpected(KeyRecordError::kKind);
  auto key = is_rsa ? PublicKey::rsa(octets) : PublicKey::ed25519(octets);
  if (!key) return std::unexpected(KeyRecordError::kNoKey);
  if (is_rsa && key->bits() < kLeastRsaBits) return std::unexpected(KeyRecordError::kTooShort);
  return *std::move(key);
}

}  // namespace

std::string_view to_string(KeyRecordError error) {
  switch (error) {
    case KeyRecordError::kSyntax:
      return "the key record is malformed";
    case KeyRecordError::kVersion:
      return "the key record's version is not DKIM1";
    case KeyRecordError::kHash:
      return "the key is not for SHA-256";
    case KeyRecordError::kService:
      return "the key is not for email";
    case KeyRecordError::kKind:
      return "the kind of key is unknown";
    case KeyRecordError::kRevoked:
      return "the key is revoked";
    case KeyRecordError::kNoKey:
      return "the key is malformed";
    case KeyRecordError::kTooShort:
      return "the key has less than 1024 bits";
  }
  return "";
}

std::expected<KeyRecord, KeyRecordError> parse_key_record(std::string_view text) {
  const auto tags = TagList::parse(text);
  if (!tags) return std::unexpected(KeyRecordError::kSyntax);
  if (const auto version = tags->find("v"); version && (*version != "DKIM1" || tags->tags().front().name != "v"))
    return std::unexpected(KeyRecordError::kVersion);
  if (!allows(*tags, "h", {"sha256"})) return std::unexpected(KeyRecordError::kHash);
  if (!allows(*tags, "s", {"*", "email"})) return std::unexpected(KeyRecordError::kService);
  const auto published = tags->find("p");
  if (!published) return std::unexpected(KeyRecordError::kSyntax);
  if (published->empty()) return std::unexpected(KeyRecordError::kRevoked);
  const auto octets = codec::base64_decode(without_white_space(*published));
  if (!octets) return std::unexpected(KeyRecordError::kNoKey);
  auto key = read_key(tags->find("k").value_or("rsa"), *octets);
  if (!key) return std::unexpected(key.error());
  return KeyRecord{.key = *std::move(key), .testing = has_flag(*tags, "y"), .no_subdomains = has_flag(*tags, "s")};
}

}  // namespace veredus::rules::dkim
