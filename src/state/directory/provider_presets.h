#pragma once

#include <span>
#include <string_view>

#include "state/directory/routing_model.h"

namespace veredus::state::directory {

/// Where a well-known provider takes mail from its customers, so that people need only say who they are.
struct ProviderPreset {
  std::string_view name;  // as people choose it: "gmail"
  std::string_view title;
  std::string_view host;
  std::uint16_t port;
  bool implicit_tls;        // else STARTTLS; the certificate is always verified
  std::string_view user;    // what all customers log in with; empty: the address, or what the provider gave
  std::string_view advice;  // what the password is
};

[[nodiscard]] std::span<const ProviderPreset> provider_presets();
/// nullptr: none with this name.
[[nodiscard]] const ProviderPreset* find_provider(std::string_view name);

}  // namespace veredus::state::directory
