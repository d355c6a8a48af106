#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string_view>
#include <utility>

#include "io/net/endpoint.h"

namespace veredus::io::net {

enum class AdmissionVerdict : std::uint8_t {
  kAdmitted,
  kTooManyFromAddress,  // this peer has its share of sessions already
  kTooManyInAll,        // the server is full
  kDropped,             // over the limits, and too many are being told so already: close without a word
};
[[nodiscard]] std::string_view to_string(AdmissionVerdict verdict);

/// A session's place among the sessions; given back when destroyed.
class Admission {
 public:
  Admission() = default;  // admitted, counted nowhere
  Admission(Admission&& other) noexcept;
  Admission& operator=(Admission&& other) noexcept;
  ~Admission();

  [[nodiscard]] AdmissionVerdict verdict() const { return verdict_; }
  [[nodiscard]] bool admitted() const { return verdict_ == AdmissionVerdict::kAdmitted; }

 private:
  friend class SessionLimits;
  void give_back();
  Admission(std::shared_ptr<struct SessionCounts> counts, std::optional<IpAddress> counted_as,
            AdmissionVerdict verdict);
  std::shared_ptr<SessionCounts> counts_;
  std::optional<IpAddress> counted_as_;
  AdmissionVerdict verdict_ = AdmissionVerdict::kAdmitted;
};

/// How many sessions there may be, from one address and in all. IPv6 peers count by /64; UNIX peers only in all.
/// Thread-safe.
class SessionLimits {
 public:
  struct Options {
    std::size_t in_all = 10'000;
    std::size_t per_address = 100;
    std::size_t being_refused = 64;  // over the limit and being told so
  };
  SessionLimits() : SessionLimits(Options{}) {}
  explicit SessionLimits(Options options);

  [[nodiscard]] Admission admit(const Endpoint& peer);
  /// For who comes from now on; nobody is sent away.
  void change(Options options);
  [[nodiscard]] std::size_t sessions() const;
  [[nodiscard]] std::size_t sessions_from(const IpAddress& address) const;

 private:
  std::shared_ptr<SessionCounts> counts_;
};

}  // namespace veredus::io::net
