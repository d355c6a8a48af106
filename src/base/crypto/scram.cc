#include "base/crypto/scram.h"

#include <openssl/evp.h>

#include <charconv>

#include "base/codec/base64.h"
#include "base/crypto/digest.h"
#include "base/crypto/random.h"
#include "base/crypto/secret.h"
#include "base/types/result.h"

namespace veredus::base::crypto {
namespace {

constexpr std::string_view kPrefix = "SCRAM-SHA-256$";

// What stands before `delimiter`, which is taken off as well.
std::optional<std::string_view> take_until(std::string_view& text, char delimiter) {
  const auto end = text.find(delimiter);
  if (end == std::string_view::npos) return std::nullopt;
  const auto out = text.substr(0, end);
  text.remove_prefix(end + 1);
  return out;
}

}  // namespace

std::string scram_salted_password(std::string_view password, std::string_view salt, int iterations) {
  std::string out(kSha256Octets, '\0');
  VEREDUS_CHECK(PKCS5_PBKDF2_HMAC(password.empty() ? "" : password.data(), static_cast<int>(password.size()),
                                  reinterpret_cast<const unsigned char*>(salt.data()), static_cast<int>(salt.size()),
                                  iterations, EVP_sha256(), static_cast<int>(out.size()),
                                  reinterpret_cast<unsigned char*>(out.data())) == 1);
  return out;
}

ScramKeys derive_scram_sha256(std::string_view password, std::string_view salt, int iterations) {
  std::string salted = scram_salted_password(password, salt, iterations);
  std::string client_key = hmac_sha256(salted, "Client Key");  // RFC 5802 s3
  ScramKeys keys{.salt = std::string(salt),
                 .iterations = iterations,
                 .stored_key = sha256(client_key),
                 .server_key = hmac_sha256(salted, "Server Key")};
  wipe(client_key);
  wipe(salted);
  return keys;
}

ScramKeys derive_scram_sha256(std::string_view password) {
  return derive_scram_sha256(password, random_octets(kScramSaltOctets), kScramIterations);
}

std::string to_text(const ScramKeys& keys) {
  std::string out(kPrefix);
  out.append(std::to_string(keys.iterations)).append(":").append(codec::base64_encode(keys.salt));
  out.append("$")
      .append(codec::base64_encode(keys.stored_key))
      .append(":")
      .append(codec::base64_encode(keys.server_key));
  return out;
}

std::optional<ScramKeys> parse_scram_keys(std::string_view text) {
  if (!text.starts_with(kPrefix)) return std::nullopt;
  text.remove_prefix(kPrefix.size());
  const auto count = take_until(text, ':');
  const auto salt = take_until(text, '$');
  const auto stored_key = take_until(text, ':');
  if (!count || !salt || !stored_key) return std::nullopt;
  ScramKeys keys;
  const auto [end, status] = std::from_chars(count->data(), count->data() + count->size(), keys.iterations);
  if (status != std::errc() || end != count->data() + count->size()) return std::nullopt;
  if (keys.iterations < 1 || keys.iterations > kScramMaxIterations) return std::nullopt;
  auto salt_octets = codec::base64_decode(*salt);
  auto stored_octets = codec::base64_decode(*stored_key);
  auto server_octets = codec::base64_decode(text);
  if (!salt_octets || salt_octets->empty() || !stored_octets || !server_octets) return std::nullopt;
  if (stored_octets->size() != kSha256Octets || server_octets->size() != kSha256Octets) return std::nullopt;
  keys.salt = std::move(*salt_octets);
  keys.stored_key = std::move(*stored_octets);
  keys.server_key = std::move(*server_octets);
  return keys;
}

}  // namespace veredus::base::crypto
