#pragma once

#include <string>
#include <string_view>

#include "base/types/ids.h"

namespace veredus::state::directory {

/// What the secret of a login is sealed for (base/crypto/seal.h): copied into another row it does not open.
inline std::string route_seal_context(std::string_view name) { return std::string("veredus route ").append(name); }
inline std::string sending_seal_context(AccountId account, std::string_view address) {
  return std::string("veredus sending account ").append(std::to_string(account.value)).append(" ").append(address);
}

inline std::string signing_seal_context(DomainId domain, std::string_view selector) {
  return std::string("veredus signing key ").append(std::to_string(domain.value)).append(" ").append(selector);
}

}  // namespace veredus::state::directory
