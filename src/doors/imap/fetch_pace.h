#pragma once

#include <cstddef>
#include <cstdint>

#include "doors/imap/output.h"
#include "io/net/quantum.h"

namespace veredus::doors::imap {

/// How long a FETCH goes on in one go: until enough waits for the client, or until it has looked at so much that others
/// come first.
///
///   pace.use(octets);
///   if (pace.is_due() && !co_await pace.pause()) co_return gone();
class FetchPace {
 public:
  /// `out` must outlive it.
  explicit FetchPace(Output* out) : out_(out) {}

  /// What was read, decoded or searched; what was written counts by itself.
  void use(std::uint64_t octets) { work_.use(octets); }
  [[nodiscard]] bool is_due() const { return work_.is_used_up() || out_->is_full(); }
  /// The same for lines of rows alone: one compare.
  [[nodiscard]] bool has_enough_lines() const { return out_->buffer().size() >= kLineOctets; }
  /// False: the client is gone, or took nothing for too long.
  asio::awaitable<bool> pause();
  [[nodiscard]] io::net::Quantum& work() { return work_; }

 private:
  static constexpr std::size_t kLineOctets = 64 * 1024;

  Output* out_;
  io::net::Quantum work_;
};

}  // namespace veredus::doors::imap
