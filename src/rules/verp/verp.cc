#include "rules/verp/verp.h"

#include <algorithm>
#include <optional>

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
std::string mac(std::string_view secret, std::string_view octets, std::string_view domain) {
  std::string signed_text = "veredus return path\n";
  signed_text.append(octets).append(base::codec::to_lower_ascii(domain));
  return base::crypto::hmac_sha256(secret, signed_text).substr(0, kMacOctets);
}

}  // namespace

wire::smtp::Address return_path(const Envelope& envelope, std::string_view domain, char separator,
                                std::span<const std::string> secrets) {
  std::string octets = packed(envelope);
  octets += mac(secrets.front(), octets, domain);
  const std::string token = base::codec::base32_encode(octets);
  return {.local_part = std::string(kLocalPart) + separator + token, .domain = std::string(domain)};
}

std::expected<Envelope, VerpError> parse_return_path(const wire::smtp::Address& address,
                                                     std::span<const std::string> secrets) {
  std::string_view local = address.local_part;
  if (!base::codec::istarts_with_ascii(local, kLocalPart)) return std::unexpected(VerpError::kNotVerp);
  local.remove_prefix(kLocalPart.size());
  if (local.empty() || base::codec::is_alpha(local.front()) || base::codec::is_digit(local.front()))
    return std::unexpected(VerpError::kNotVerp);
  local.remove_prefix(1);
  if (local.size() != kTokenCharacters) return std::unexpected(VerpError::kMalformed);
  const auto octets = base::codec::base32_decode(local);
  if (!octets || octets->size() != kTokenOctets) return std::unexpected(VerpError::kMalformed);
  const std::string_view all = *octets;
  const auto body = all.substr(0, kIdOctets + kNumberOctets);
  const auto given = all.substr(kIdOctets + kNumberOctets);
  const bool ours = std::ranges::any_of(secrets, [&](const std::string& secret) {
    return base::crypto::equal_in_constant_time(mac(secret, body, address.domain), given);
  });
  if (!ours) return std::unexpected(VerpError::kForged);
  return unpacked(body);
}

std::string_view to_string(VerpError error) {
  switch (error) {
    case VerpError::kNotVerp:
      return "no return path of ours";
    case VerpError::kMalformed:
      return "a malformed return path";
    case VerpError::kForged:
      return "a forged return path";
  }
  return "unknown";
}

}  // namespace veredus::rules::verp
