#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <expected>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "base/types/clock.h"
#include "io/net/asio.h"
#include "io/net/io_error.h"
#include "work/doorstep/lockstep.h"

namespace veredus::io::net {
class LineStream;
}

namespace veredus::doors::imap {

class Inflater;
class Output;

/// Answers that take their time. They are given before the client is waited for, who may be waiting for them itself.
class OwedAnswers {
 public:
  virtual ~OwedAnswers() = default;
  [[nodiscard]] virtual bool any() const = 0;
  /// False: the connection is over.
  virtual asio::awaitable<bool> give() = 0;
};

/// What comes from the client: lines and literals, decompressed. What waits in the Output goes out before any wait for
/// input. Holds nothing while it waits. Views are good until the next call.
class Input {
 public:
  using Octets = std::expected<std::string_view, io::net::IoError>;
  /// Between commands a wait ends with kStopping when the server drains.
  enum class Wait : std::uint8_t { kCommand, kMore };

  /// All must outlive it.
  Input(io::net::LineStream* stream, Output* output, OwedAnswers* owed);
  ~Input();
  Input(const Input&) = delete;
  Input& operator=(const Input&) = delete;

  /// No wait lasts longer than until then, whatever its deadline; nullopt: each as long as that.
  void end_waits_at(std::optional<SteadyTime> end) { end_ = end; }
  [[nodiscard]] std::optional<SteadyTime> waits_end() const { return end_; }
  /// One line without its CRLF or LF. kLineTooLong: it has been skipped but for skipped_begin() and skipped_end(), and
  /// reading may go on.
  asio::awaitable<Octets> line(std::size_t max_octets, Wait wait, std::chrono::milliseconds deadline);
  /// The same when it has arrived already.
  std::optional<Octets> buffered_line(std::size_t max_octets);
  /// How the last line that was too long began, and how it ended.
  [[nodiscard]] std::string_view skipped_begin() const { return skipped_begin_; }
  [[nodiscard]] std::string_view skipped_end() const;
  /// 1..max_octets of what comes.
  asio::awaitable<Octets> octets(std::uint64_t max_octets, std::chrono::milliseconds deadline);

  /// Forgets what has arrived (STARTTLS).
  void discard();
  /// From the next octet on (RFC 4978).
  void decompress();
  /// What has come compressed is still read so; what comes behind it or the stream's own end is plain (RFC 8437 s4.1).
  void stop_decompressing();

 private:
  /// More in rest_.
  asio::awaitable<std::expected<void, io::net::IoError>> fill(Wait wait, std::chrono::milliseconds deadline);
  std::expected<void, io::net::IoError> inflate();
  /// Once all is read that came before stop_decompressing().
  std::expected<void, io::net::IoError> end_inflating();
  std::optional<Octets> take_line(std::size_t max_octets);
  /// Of a line that is too long, up to its LF.
  void skip(std::string_view octets);

  /// Of the next command, which may come at once.
  asio::awaitable<Octets> read_first(std::chrono::milliseconds deadline);

  io::net::LineStream* stream_;
  Output* output_;
  OwedAnswers* owed_;
  std::unique_ptr<Inflater> inflater_;
  bool stops_inflating_ = false;
  std::string_view rest_;      // arrived, not read yet
  std::string_view deflated_;  // arrived, not decompressed yet
  std::string inflated_;       // what rest_ looks into when decompressing
  std::string held_;           // of a line whose end has not come
  std::string line_;           // one that came in pieces
  bool skipping_ = false;      // within a line that is too long
  std::string skipped_begin_;
  std::string skipped_end_;
  std::optional<SteadyTime> end_;
  work::doorstep::Lockstep lockstep_;
};

}  // namespace veredus::doors::imap
