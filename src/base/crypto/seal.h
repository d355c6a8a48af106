#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "base/crypto/secret.h"

namespace veredus::base::crypto {

constexpr std::size_t kSealKeyOctets = 32;
constexpr std::size_t kSealOverheadOctets = 12 + 16;  // nonce before, tag behind

/// Makes `octets` unreadable and unchangeable without `key`, bound to `context`: what was sealed for one place does not
/// open at another. AES-256-GCM with a random nonce. Source: NIST SP 800-38D.
std::string seal(const Secret& key, std::string_view octets, std::string_view context);

/// nullopt: not sealed with this key for this context, or changed since.
std::optional<Secret> unseal(const Secret& key, std::string_view sealed, std::string_view context);

}  // namespace veredus::base::crypto
