#include "doors/imap/input.h"

#include <algorithm>
#include <utility>

#include "base/types/result.h"
#include "doors/imap/deflate.h"
#include "doors/imap/output.h"
#include "io/net/line_stream.h"

namespace veredus::doors::imap {

using io::net::IoError;

namespace {

constexpr std::size_t kChunkOctets = 64 * 1024;
// Of a line that is too long: its tag, and the literal it announces.
constexpr std::size_t kBeginOctets = 128;
constexpr std::size_t kEndOctets = 128;

std::string_view without_cr(std::string_view line) {
  if (line.ends_with('\r')) line.remove_suffix(1);
  return line;
}

}  // namespace

Input::Input(io::net::LineStream* stream, Output* output, OwedAnswers* owed)
    : stream_(stream), output_(output), owed_(owed) {}
Input::~Input() = default;

std::expected<void, IoError> Input::inflate() {
  if (stops_inflating_ && inflater_->ended()) {
    rest_ = std::exchange(deflated_, {});
    return end_inflating();
  }
  auto made = inflater_->inflate(deflated_);
  if (!made) return std::unexpected(IoError::kReset);
  inflated_ = *std::move(made);
  rest_ = inflated_;
  return {};
}

std::expected<void, IoError> Input::end_inflating() {
  if (inflater_->failed()) return std::unexpected(IoError::kReset);
  inflater_.reset();
  stops_inflating_ = false;
  return {};
}

asio::awaitable<Input::Octets> Input::read_first(std::chrono::milliseconds deadline) {
  co_await lockstep_.expect(stream_);
  const auto chunk = co_await stream_->read_first_chunk(kChunkOctets, deadline);
  lockstep_.arrived();
  co_return chunk;
}

asio::awaitable<std::expected<void, IoError>> Input::fill(Wait wait, std::chrono::milliseconds deadline) {
  while (true) {
    if (!deflated_.empty()) {
      VEREDUS_CO_TRY(inflate());
      if (!rest_.empty()) co_return std::expected<void, IoError>();
      continue;
    }
    if (stops_inflating_) VEREDUS_CO_TRY(end_inflating());
    inflated_ = {};
    line_ = {};
    if (owed_->any() && !stream_->peer_has_spoken()) {
      const bool given = co_await owed_->give();
      if (!given) co_return std::unexpected(IoError::kCancelled);
    }
    output_->hand_over();
    if (end_)
      deadline =
          std::min(deadline, std::chrono::ceil<std::chrono::milliseconds>(*end_ - std::chrono::steady_clock::now()));
    const bool first = wait == Wait::kCommand && held_.empty() && !skipping_;
    const auto chunk = first ? co_await read_first(deadline) : co_await stream_->read_chunk(kChunkOctets, deadline);
    if (!chunk && owed_->any()) {  // who has said the last word may still listen
      static_cast<void>(co_await owed_->give());
      output_->hand_over();
    }
    if (!chunk) co_return std::unexpected(chunk.error());
    if (!inflater_) {
      rest_ = *chunk;
      co_return std::expected<void, IoError>();
    }
    deflated_ = *chunk;
  }
}

/// nullopt: its end has not come.
std::optional<Input::Octets> Input::take_line(std::size_t max_octets) {
  const auto end = rest_.find('\n');
  auto line = rest_.substr(0, end);
  rest_.remove_prefix(std::min(line.size() + 1, rest_.size()));
  if (end == std::string_view::npos) {
    if (skipping_)
      skip(line);
    else
      held_.append(line);
    if (held_.size() > max_octets) skip(std::exchange(held_, {}));
    return std::nullopt;
  }
  if (!held_.empty()) {
    line_ = std::exchange(held_, {});
    line_.append(line);
    line = line_;
  }
  if (!skipping_ && without_cr(line).size() <= max_octets) return without_cr(line);
  skip(line);
  skipping_ = false;
  return std::unexpected(IoError::kLineTooLong);
}

void Input::skip(std::string_view octets) {
  if (!std::exchange(skipping_, true)) {
    skipped_begin_ = octets.substr(0, kBeginOctets);
    skipped_end_.clear();
  }
  skipped_end_.append(octets.substr(octets.size() - std::min(octets.size(), kEndOctets)));
  skipped_end_.erase(0, skipped_end_.size() - std::min(skipped_end_.size(), kEndOctets));
}

std::string_view Input::skipped_end() const { return without_cr(skipped_end_); }

std::optional<Input::Octets> Input::buffered_line(std::size_t max_octets) {
  while (true) {
    if (!rest_.empty())
      if (auto line = take_line(max_octets)) return line;
    if (deflated_.empty()) return std::nullopt;
    if (const auto more = inflate(); !more) return std::unexpected(more.error());
    if (rest_.empty()) return std::nullopt;
  }
}

asio::awaitable<Input::Octets> Input::line(std::size_t max_octets, Wait wait, std::chrono::milliseconds deadline) {
  while (true) {
    if (auto line = buffered_line(max_octets)) co_return *line;
    VEREDUS_CO_TRY(co_await fill(wait, deadline));
  }
}

asio::awaitable<Input::Octets> Input::octets(std::uint64_t max_octets, std::chrono::milliseconds deadline) {
  if (rest_.empty()) VEREDUS_CO_TRY(co_await fill(Wait::kMore, deadline));
  const auto taken = rest_.substr(0, static_cast<std::size_t>(std::min<std::uint64_t>(max_octets, rest_.size())));
  rest_.remove_prefix(taken.size());
  co_return taken;
}

void Input::discard() {
  rest_ = deflated_ = {};
  held_ = {};
  skipping_ = false;
}

void Input::stop_decompressing() { stops_inflating_ = true; }

void Input::decompress() {
  // What came behind the command is compressed already; within a stream that was to end there can be no other.
  if (!inflater_)
    deflated_ = rest_;
  else if (!inflater_->ended())
    deflated_ = {};
  rest_ = {};
  stops_inflating_ = false;
  inflater_ = std::make_unique<Inflater>();
}

}  // namespace veredus::doors::imap
