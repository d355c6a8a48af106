#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/crypto/signing_key.h"
#include "io/net/asio.h"

namespace veredus::io::dns {
class Resolver;
}

namespace veredus::work::mailauth {

/// What DNS has where a signing key should be.
enum class Publication : std::uint8_t {
  kThere,    // the key
  kMissing,  // nothing
  kOther,    // another key, or none that could be used
  kUnknown,  // DNS does not answer
};
[[nodiscard]] std::string_view to_string(Publication publication);

struct PublishedKey {
  Publication publication = Publication::kUnknown;
  std::vector<std::string> texts;  // the TXT records found
  std::string problem;             // in words, unless it is there
};

/// "selector._domainkey.example.org"
[[nodiscard]] std::string key_name(std::string_view selector, std::string_view domain);

/// Looks for a key whose public octets are known. The resolver is owned by someone who joins the caller.
/// Source: RFC 6376 s3.6.2.
asio::awaitable<PublishedKey> look_for_key(io::dns::Resolver* resolver, std::string name, base::crypto::KeyKind kind,
                                           std::string public_octets);

}  // namespace veredus::work::mailauth
