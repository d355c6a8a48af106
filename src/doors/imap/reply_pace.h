#pragma once

#include <cstddef>

#include "doors/imap/output.h"
#include "io/net/stint.h"

namespace veredus::doors::imap {

/// How long a long reply, as of FETCH, LIST or GETMETADATA, goes on in one go: until enough waits for the
/// client, or until others come first.
///
///   if (pace.is_due() && !co_await pace.pause()) co_return gone();
class ReplyPace {
 public:
  /// `out` must outlive it.
  explicit ReplyPace(Output* out) : out_(out) {}

  /// Reads the clock: for each piece of work, not for each octet.
  [[nodiscard]] bool is_due() const { return out_->is_full() || stint_.is_long(); }
  /// The same for lines of rows alone: one compare.
  [[nodiscard]] bool has_enough_lines() const { return out_->buffer().size() >= kLineOctets; }
  /// False: the client is gone, or took nothing for too long.
  asio::awaitable<bool> pause();
  [[nodiscard]] io::net::Stint& stint() { return stint_; }

 private:
  static constexpr std::size_t kLineOctets = 64 * 1024;

  Output* out_;
  io::net::Stint stint_;
};

}  // namespace veredus::doors::imap
