#pragma once

#include <cstddef>
#include <cstdint>

#include "io/net/asio.h"

namespace veredus::io::net {

/// How much a coroutine may work on before others on its reactor have their turn, in octets it looks at. For work that
/// finds all it needs in memory: nothing else would ever make it wait.
///
///   quantum.use(chunk.size());
///   if (quantum.is_used_up()) co_await quantum.renew();
class Quantum {
 public:
  static constexpr std::size_t kOctets = 256 * 1024;  // about a millisecond of decoding or filtering at worst

  void use(std::uint64_t octets) { used_ += octets; }
  [[nodiscard]] bool is_used_up() const { return used_ >= kOctets; }
  /// Goes on behind all that is ready now, with a whole quantum.
  asio::awaitable<void> renew();

 private:
  std::uint64_t used_ = 0;
};

}  // namespace veredus::io::net
