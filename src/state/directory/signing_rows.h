#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "state/directory/signing_key.h"

namespace veredus::state::directory {

/// The rows of signing keys: docs/formats/directory.md.

std::string signing_key_key(DomainId domain, std::string_view selector);

/// Behind a key of signing_key_key.
struct SigningKeyKey {
  DomainId domain;
  std::string_view selector;
};
std::optional<SigningKeyKey> parse_signing_key(std::string_view key);

std::string write_signing_key(const SigningKey& key);
std::optional<SigningKey> read_signing_key(DomainId domain, std::string_view selector, std::string_view value);

}  // namespace veredus::state::directory
