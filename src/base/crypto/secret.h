#pragma once

#include <string>
#include <string_view>
#include <utility>

namespace veredus::base::crypto {

/// Overwrites the octets (all of the capacity) so that no core dump or later reader finds them, and empties the string.
void wipe(std::string& secret);

/// A password or key: wiped when it dies or is replaced, never printed or logged, since nothing converts it by itself.
class Secret {
 public:
  Secret() = default;
  explicit Secret(std::string octets) : octets_(std::move(octets)) {}
  /// Copies, then wipes nothing of the caller's: for views into a buffer that the caller wipes.
  explicit Secret(std::string_view octets) : octets_(octets) {}
  Secret(const Secret&) = default;
  Secret(Secret&& other) noexcept;
  Secret& operator=(const Secret& other);
  Secret& operator=(Secret&& other) noexcept;
  ~Secret() { wipe(octets_); }

  /// Valid until this object changes or dies.
  [[nodiscard]] std::string_view reveal() const { return octets_; }
  [[nodiscard]] bool empty() const { return octets_.empty(); }

 private:
  std::string octets_;
};

}  // namespace veredus::base::crypto
