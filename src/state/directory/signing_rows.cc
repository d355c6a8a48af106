#include "state/directory/signing_rows.h"

#include "state/directory/row_fields.h"
#include "state/directory/rows.h"

namespace veredus::state::directory {

using base::crypto::KeyKind;

namespace {

// Kinds of keys. On disk, do not renumber.
constexpr std::uint64_t kRsa = 0;
constexpr std::uint64_t kEd25519 = 1;

}  // namespace

std::string signing_key_key(DomainId domain, std::string_view selector) {
  return id_key(RowKind::kSigningKey, domain.value).append(selector);
}

std::optional<SigningKeyKey> parse_signing_key(std::string_view key) {
  constexpr std::size_t kPrefix = 9;  // kind and domain
  const auto domain = id_of_key(key.substr(0, kPrefix));
  if (!domain || key.size() == kPrefix) return std::nullopt;
  return SigningKeyKey{.domain = DomainId(*domain), .selector = key.substr(kPrefix)};
}

std::string write_signing_key(const SigningKey& key) {
  std::string out = begin_row();
  put_varint(out, key.kind == KeyKind::kRsa ? kRsa : kEd25519);
  put_varint(out, static_cast<std::uint8_t>(key.state));
  put_string(out, key.public_octets);
  put_string(out, key.sealed_private);
  put_time(out, key.created);
  put_time(out, key.changed);
  return out;
}

std::optional<SigningKey> read_signing_key(DomainId domain, std::string_view selector, std::string_view value) {
  RowFields in(value);
  SigningKey key{.domain = domain, .selector = std::string(selector)};
  key.kind = in.number(kEd25519) == kRsa ? KeyKind::kRsa : KeyKind::kEd25519;
  key.state = static_cast<KeyState>(in.number(static_cast<std::uint8_t>(KeyState::kGone)));
  key.public_octets = in.text();
  key.sealed_private = in.text();
  key.created = in.time();
  key.changed = in.time();
  if (!in.complete()) return std::nullopt;
  return key;
}

}  // namespace veredus::state::directory
