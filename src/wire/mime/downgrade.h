#pragma once

#include <cstdint>
#include <expected>
#include <string>
#include <string_view>

namespace veredus::wire::mime {

/// What the octets of a message ask of those who carry it.
enum class Content : std::uint8_t {
  kSevenBit,  // lines of ASCII
  kEightBit,  // lines with octets above 127
  kBinary,    // NUL, a CR or LF alone, or a line above 998 octets (RFC 5322 s2.1.1)
};
[[nodiscard]] Content content_of(std::string_view octets);

/// What the next host takes.
enum class Reach : std::uint8_t { kSevenBit, kEightBit };

enum class DowngradeError : std::uint8_t {
  kStructure,  // such octets stand where no encoding can be put on them: beyond a limit, or in a broken multipart
  kEncoding,   // a part has an encoding nobody knows, or a type that may have none (RFC 2045 s6.4)
};
[[nodiscard]] std::string_view to_string(DowngradeError error);

/// The message as a host that is not 8-bit clean, or not binary clean, can take it: text becomes quoted-printable or
/// base64, other parts base64, also inside of messages in it; header fields are left as they are. A message that needs
/// nothing comes back the same. Signatures over converted parts break (RFC 1847 s2.1 has signers send 7 bits).
/// Source: RFC 6152 s3, RFC 3030 s3, RFC 1428.
std::expected<std::string, DowngradeError> downgrade(std::string_view message, Reach reach);

}  // namespace veredus::wire::mime
