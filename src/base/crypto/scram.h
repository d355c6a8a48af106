#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace veredus::base::crypto {

/// What new SCRAM credentials are made with; RFC 7677 s4 asks for 4096 at least and hopes for more.
constexpr int kScramIterations = 10000;
constexpr int kScramMinIterations = 4096;
constexpr int kScramMaxIterations = 1'000'000;
constexpr std::size_t kScramSaltOctets = 16;

/// What a server keeps to let a user in by SCRAM-SHA-256, without knowing the password. Source: RFC 5802 s3.
struct ScramKeys {
  std::string salt;  // octets
  int iterations = 0;
  std::string stored_key;  // 32 octets
  std::string server_key;  // 32 octets
  friend bool operator==(const ScramKeys&, const ScramKeys&) = default;
};

/// SaltedPassword := Hi(password, salt, iterations): PBKDF2 with HMAC-SHA-256. 32 octets; the caller wipes them.
std::string scram_salted_password(std::string_view password, std::string_view salt, int iterations);

/// The password should have been through codec::prepare_password. Milliseconds of work: not on a reactor.
ScramKeys derive_scram_sha256(std::string_view password, std::string_view salt, int iterations);

/// The same with a fresh salt and kScramIterations.
ScramKeys derive_scram_sha256(std::string_view password);

/// "SCRAM-SHA-256$10000:<salt>$<stored key>:<server key>", the octets in base64: for storage and exchange with other
/// servers.
std::string to_text(const ScramKeys& keys);
/// nullopt when malformed or iterations are out of 1..kScramMaxIterations.
std::optional<ScramKeys> parse_scram_keys(std::string_view text);

}  // namespace veredus::base::crypto
