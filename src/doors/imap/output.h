#pragma once

#include <chrono>
#include <cstddef>
#include <memory>
#include <string>
#include <string_view>

#include "io/net/asio.h"

namespace veredus::io::net {
class LineStream;
}

namespace veredus::doors::imap {

class Deflater;

/// What is on its way to the client: a buffer that is written into directly, and below it compression when that is on,
/// TLS and the socket. Bounded: whoever writes much calls `make_room` now and then, which waits for the client to take
/// some. Holds nothing while nothing is waiting.
///
///   auto& out = talk->out.buffer();
///   for (…) {
///     out.append("* ")…;
///     if (talk->out.is_full() && !co_await talk->out.make_room()) co_return gone();
///   }
class Output {
 public:
  /// The stream must outlive it.
  Output(io::net::LineStream* stream, std::chrono::milliseconds write_timeout);
  ~Output();
  Output(const Output&) = delete;
  Output& operator=(const Output&) = delete;

  /// Append whole pieces of replies to it. The reference stays good.
  [[nodiscard]] std::string& buffer() { return buffer_; }
  /// For long pieces, which are not copied.
  void append_long(std::string octets);

  /// Enough is waiting that make_room should be called.
  [[nodiscard]] bool is_full() const;
  /// Sends what waits. False: the client is gone, or took nothing for too long; the session is over.
  asio::awaitable<bool> make_room();
  /// The same whatever is waiting: before a wait that is not for input.
  asio::awaitable<bool> flush() { return make_room(); }

  /// The client has said its last word; only flush() tells whether it still listens.
  [[nodiscard]] bool peer_has_finished();

  /// Gives what is in the buffer to the stream, which sends it before it waits for input.
  void hand_over();
  /// From now on (RFC 4978). What is in the buffer still goes plain.
  void compress();
  /// What is in the buffer is the last that goes compressed (RFC 8437 s4.1).
  void stop_compressing();

  /// Why make_room failed.
  [[nodiscard]] std::string_view failure() const { return failure_; }
  [[nodiscard]] std::uint64_t octets() const { return octets_; }

 private:
  void queue(std::string octets);

  io::net::LineStream* stream_;
  std::chrono::milliseconds write_timeout_;
  std::unique_ptr<Deflater> deflater_;
  std::string buffer_;
  std::string_view failure_;
  std::uint64_t octets_ = 0;  // before compression
};

}  // namespace veredus::doors::imap
