#pragma once

#include <algorithm>
#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>

#include "io/net/transport.h"

namespace veredus::test {

/// What a ScriptedTransport shall do and has done; shared with the test, which looks at it afterwards.
struct Script {
  std::deque<std::string> input;      // one receive sees one piece at most; after the last, the end of the stream
  std::string output;                 // all that was written
  std::size_t receives = 0;           // attempts to read that moved octets
  std::size_t sends = 0;              // attempts to write that moved octets
  std::size_t send_limit = SIZE_MAX;  // octets that one attempt to write takes
  std::size_t operations = 0;         // attempts of all kinds
  std::size_t fail_at = SIZE_MAX;     // the attempt of this number fails, and all after it
  io::net::IoError failure = io::net::IoError::kReset;
  io::net::Endpoint peer = io::net::Endpoint::ip(io::net::IpAddress::v4({192, 0, 2, 1}), 4000);
  io::net::Endpoint local = io::net::Endpoint::ip(io::net::IpAddress::v4({192, 0, 2, 25}), 25);
  bool tls_started = false;
  io::net::TlsDetails tls;  // what TLS says of itself once started
  bool closed = false;
  std::function<void(std::string_view piece)> reading;  // called before a piece is read, or what is left of it

  void then(std::string_view octets) { input.emplace_back(octets); }
};

/// A peer that says what its script says, without a socket: a LineStream over it drives a door in a unit test. Every
/// other attempt to read waits first, as a socket would when the peer is slow.
class ScriptedTransport final : public io::net::Transport {
 public:
  explicit ScriptedTransport(std::shared_ptr<Script> script) : script_(std::move(script)) {}

  io::net::Attempt try_read(std::span<char> space) override {
    if (fails()) return {.error = script_->failure};
    if (script_->input.empty()) return {.error = io::net::IoError::kEndOfStream};
    if (!std::exchange(ready_, false)) return {.want = io::net::Want::kReadable};
    auto& piece = script_->input.front();
    if (script_->reading) script_->reading(piece);
    const auto octets = std::min(space.size(), piece.size());
    std::copy_n(piece.begin(), octets, space.begin());
    piece.erase(0, octets);
    if (piece.empty()) script_->input.pop_front();
    ++script_->receives;
    return {.octets = octets};
  }

  io::net::Attempt try_write(std::span<const std::string_view> pieces) override {
    if (fails()) return {.error = script_->failure};
    std::size_t taken = 0;
    for (const auto piece : pieces) {
      const auto part = piece.substr(0, script_->send_limit - taken);
      script_->output.append(part);
      taken += part.size();
    }
    ++script_->sends;
    return {.octets = taken};
  }

  asio::awaitable<Waited> wait(io::net::Want /*want*/) override {
    ready_ = true;
    co_return Waited();
  }
  void interrupt() override {}
  void close() override { script_->closed = true; }

  std::expected<void, io::net::IoError> begin_tls(std::shared_ptr<io::net::TlsContext> /*context*/,
                                                  std::string /*server_name*/) override {
    return {};
  }
  io::net::Attempt try_handshake() override {
    if (fails()) return {.error = io::net::IoError::kTlsHandshake};
    script_->tls_started = true;
    return {};
  }
  [[nodiscard]] bool has_pending() const override { return false; }
  [[nodiscard]] std::optional<io::net::TlsDetails> tls() const override {
    if (!script_->tls_started) return std::nullopt;
    return script_->tls;
  }
  [[nodiscard]] const io::net::Endpoint& peer() const override { return script_->peer; }
  [[nodiscard]] const io::net::Endpoint& local() const override { return script_->local; }

 private:
  bool fails() { return script_->operations++ >= script_->fail_at; }

  std::shared_ptr<Script> script_;
  bool ready_ = false;
};

}  // namespace veredus::test
