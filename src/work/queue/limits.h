#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/types/clock.h"

namespace veredus::work::queue {

/// What may be asked of one site; unset: not limited here.
struct SiteLimits {
  std::optional<unsigned> connections;
  std::optional<unsigned> connections_per_minute;
  std::optional<unsigned> messages_per_minute;
  std::optional<unsigned> messages_per_connection;
  friend bool operator==(const SiteLimits&, const SiteLimits&) = default;
};

/// The limits of one provider. A pattern is a name, "mx.example.org", or a name and all below it, "*.example.org"; it
/// is compared with the destination domain and with the names of the mail hosts.
struct ProviderLimits {
  std::string name;
  std::vector<std::string> patterns;
  SiteLimits limits;
};

/// Whether `name` fits `pattern`; case does not matter.
[[nodiscard]] bool fits_pattern(std::string_view pattern, std::string_view name);

/// The limits of a site: of each, the first provider that fits and sets it, else `otherwise`.
[[nodiscard]] SiteLimits limits_for(const std::vector<ProviderLimits>& providers, const SiteLimits& otherwise,
                                    std::string_view domain, const std::vector<std::string>& hosts);

/// So many a minute, evenly, with a burst of six seconds' worth (one at least). A plain value.
class RateGate {
 public:
  explicit RateGate(std::optional<unsigned> per_minute = std::nullopt);

  /// Takes one when it may be taken now; else answers how long to wait.
  std::optional<std::chrono::milliseconds> take(SteadyTime now);
  [[nodiscard]] bool limited() const { return per_second_ > 0; }

 private:
  double per_second_ = 0;  // 0: no limit
  double burst_ = 1;
  double tokens_ = 0;
  SteadyTime filled_{};
  bool begun_ = false;
};

}  // namespace veredus::work::queue
