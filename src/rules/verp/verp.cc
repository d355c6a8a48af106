#include "rules/verp/verp.h"

#include <algorithm>

#include "base/codec/ascii.h"
#include "base/codec/base32.h"
#include "base/crypto/digest.h"

namespace veredus::rules::verp {
namespace {

constexpr std::size_t kIdOctets = 10;
constexpr std::size_t kNumberOctets = 4;
constexpr std::size_t kMacOctets = 6;
constexpr std::size_t kTokenOctets = kIdOctets + kNumberOctets + kMacOctets;
static_assert(kTokenOctets * 8 == kTokenCharacters * 5, "a token needs no padding");

std::string packed(const Envelope& envelope) {
  std::string out(envelope.queue_id.begin(), envelope.queue_id.end());
  for (int shift = 24; shift >= 0; shift -= 8) out.push_back(static_cast<char>(envelope.recipient >> shift));
  return out;
}

Envelope unpacked(std::string_view octets) {
  Envelope envelope;
  std::ranges::copy(octets.substr(0, kIdOctets), envelope.queue_id.begin());
  for (const char c : octets.substr(kIdOctets, kNumberOctets))
    envelope.recipient = envelope.recipient << 8 | static_cast<unsigned char>(c);
  return envelope;
}

/// The first words keep these codes apart from whatever else a secret may sign.
std::string mac(std::string_view secret, std::string_view octets, const wire::smtp::Address& sender) {
  std::string signed_text = "veredus return path\n";
  signed_text.append(octets).append(base::codec::to_lower_ascii(sender.local_part)).append("@");
  signed_text.append(base::codec::to_lower_ascii(sender.domain));
  return base::crypto::hmac_sha256(secret, signed_text).substr(0, kMacOctets);
}

bool is_separator(char c) { return c == '+' || c == '-' || c == '='; }

}  // namespace

std::uint32_t recipient_number(std::string_view address) {
  std::uint32_t hash = 0x811C9DC5;
  for (const char c : address) hash = (hash ^ static_cast<std::uint8_t>(base::codec::to_lower_ascii(c))) * 0x01000193;
  return hash;
}

std::optional<wire::smtp::Address> return_path(const Envelope& envelope, const wire::smtp::Address& sender,
                                               std::span<const std::string> secrets) {
  if (sender.local_part.size() > kMaxLocalPart) return std::nullopt;
  std::string octets = packed(envelope);
  octets += mac(secrets.front(), octets, sender);
  return wire::smtp::Address{.local_part = sender.local_part + '+' + base::codec::base32_encode(octets),
                             .domain = sender.domain};
}

std::optional<Returned> parse_return_path(const wire::smtp::Address& address, std::span<const std::string> secrets) {
  const std::string_view local = address.local_part;
  if (local.size() < kTokenCharacters + 2 || !is_separator(local[local.size() - kTokenCharacters - 1]))
    return std::nullopt;
  const auto octets = base::codec::base32_decode(local.substr(local.size() - kTokenCharacters));
  if (!octets || octets->size() != kTokenOctets) return std::nullopt;
  Returned returned;
  returned.sender.local_part = local.substr(0, local.size() - kTokenCharacters - 1);
  returned.sender.domain = address.domain;
  const std::string_view all = *octets;
  const auto body = all.substr(0, kIdOctets + kNumberOctets);
  const auto given = all.substr(kIdOctets + kNumberOctets);
  const bool ours = std::ranges::any_of(secrets, [&](const std::string& secret) {
    return base::crypto::equal_in_constant_time(mac(secret, body, returned.sender), given);
  });
  if (!ours) return std::nullopt;
  returned.envelope = unpacked(body);
  return returned;
}

}  // namespace veredus::rules::verp
