#pragma once

#include <algorithm>
#include <boost/asio/as_tuple.hpp>
#include <boost/asio/steady_timer.hpp>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>

#include "io/net/transport.h"

namespace veredus::test {

/// The peer's side of a LiveTransport: what it says, whenever it likes, and what it was told.
struct LivePeer {
  explicit LivePeer(asio::any_io_executor executor) : timer(std::move(executor)) {}

  void say(std::string_view octets) {
    input.append(octets);
    timer.cancel();
  }
  void hang_up() {
    gone = true;
    timer.cancel();
  }
  /// Does not listen either.
  void vanish() {
    deaf = true;
    hang_up();
  }

  std::string input;
  std::string output;
  bool gone = false;
  bool deaf = false;
  bool closed = false;  // by the server
  bool takes = true;    // false: it reads nothing of what it is sent
  bool tls_started = false;
  std::size_t waits = 0;         // the server waited so often for input
  std::size_t most_offered = 0;  // octets the server had for it at a time
  io::net::Endpoint address = io::net::Endpoint::ip(io::net::IpAddress::v4({127, 0, 0, 1}), 4000);
  io::net::Endpoint local = io::net::Endpoint::ip(io::net::IpAddress::v4({127, 0, 0, 1}), 143);
  asio::steady_timer timer;  // somebody waits on it for input
};

/// A peer that answers what it was told, without a socket: unlike a script, it can wait and see.
class LiveTransport final : public io::net::Transport {
 public:
  explicit LiveTransport(std::shared_ptr<LivePeer> peer) : peer_(std::move(peer)) {}

  io::net::Attempt try_read(std::span<char> space) override {
    if (peer_->input.empty())
      return peer_->gone ? io::net::Attempt{.error = io::net::IoError::kEndOfStream}
                         : io::net::Attempt{.want = io::net::Want::kReadable};
    const auto octets = std::min(space.size(), peer_->input.size());
    std::copy_n(peer_->input.begin(), octets, space.begin());
    peer_->input.erase(0, octets);
    return {.octets = octets};
  }
  io::net::Attempt try_write(std::span<const std::string_view> pieces) override {
    if (peer_->deaf) return {.error = io::net::IoError::kReset};
    std::size_t octets = 0;
    for (const auto piece : pieces) octets += piece.size();
    peer_->most_offered = std::max(peer_->most_offered, octets);
    if (!peer_->takes) return {.want = io::net::Want::kWritable};
    for (const auto piece : pieces) peer_->output.append(piece);
    return {.octets = octets};
  }
  asio::awaitable<Waited> wait(io::net::Want want) override {
    if (want == io::net::Want::kReadable && (!peer_->input.empty() || peer_->gone)) co_return Waited();
    ++peer_->waits;
    peer_->timer.expires_at(asio::steady_timer::time_point::max());
    const auto [error] = co_await peer_->timer.async_wait(asio::as_tuple(asio::use_awaitable));
    const bool there = want == io::net::Want::kWritable ? peer_->takes : !peer_->input.empty() || peer_->gone;
    co_return there ? Waited() : Waited(error);
  }
  void interrupt() override { peer_->timer.cancel(); }
  void close() override { peer_->closed = true; }

  std::expected<void, io::net::IoError> begin_tls(std::shared_ptr<io::net::TlsContext> /*context*/,
                                                  std::string /*server_name*/) override {
    return {};
  }
  io::net::Attempt try_handshake() override {
    peer_->tls_started = true;
    return {};
  }
  [[nodiscard]] bool has_pending() const override { return false; }
  [[nodiscard]] bool peer_has_finished() override { return peer_->gone; }
  [[nodiscard]] std::optional<io::net::TlsDetails> tls() const override {
    if (!peer_->tls_started) return std::nullopt;
    return io::net::TlsDetails();
  }
  [[nodiscard]] const io::net::Endpoint& peer() const override { return peer_->address; }
  [[nodiscard]] const io::net::Endpoint& local() const override { return peer_->local; }

 private:
  std::shared_ptr<LivePeer> peer_;
};

}  // namespace veredus::test
