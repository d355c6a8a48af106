#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "base/types/clock.h"

namespace veredus::work::acme {

/// When a certificate is renewed whose authority has named a window for it: one moment in it, chosen once (RFC 9773
/// s4.2). Kept beside the certificate, so that a restart neither forgets it nor chooses again.
struct RenewalChoice {
  std::string of;     // the certificate's renewal id
  SystemTime from{};  // where the window begins: another window, another choice
  SystemTime at{};

  bool operator==(const RenewalChoice&) const = default;
};

/// On disk: docs/formats/acme.md.
[[nodiscard]] std::string to_text(const RenewalChoice& choice);
/// nullopt: it is none.
[[nodiscard]] std::optional<RenewalChoice> parse_renewal_choice(std::string_view text);

}  // namespace veredus::work::acme
