#pragma once

#include <cstdint>
#include <expected>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "io/net/asio.h"
#include "work/smtpclient/options.h"
#include "work/smtpclient/outgoing.h"
#include "work/smtpclient/plan.h"

namespace veredus::work::smtpclient {

enum class MessageError : std::uint8_t {
  kBody,        // the source failed
  kConversion,  // it must be converted, and cannot be or is too long
};

/// The octets of one message as one peer gets them: as they are, or converted. One coroutine at a time.
class MessageOctets {
 public:
  /// All are to outlive it.
  MessageOctets(const Outgoing& message, const PeerDetails& peer, const Options& options)
      : message_(&message), peer_(&peer), options_(&options) {}

  /// Reads as much as the plan needs, and converts what this peer cannot take. First, once.
  asio::awaitable<std::expected<Facts, MessageError>> look();

  /// What goes before the chunks. Valid as long as this is.
  [[nodiscard]] std::string_view head() const { return whole_ ? std::string_view() : message_->head; }
  /// All chunks are one and in memory, for take() to give.
  [[nodiscard]] bool at_hand() const { return first_.has_value() && chunks() == 1; }
  [[nodiscard]] std::string take() { return *std::exchange(first_, std::nullopt); }
  /// The next chunk; nullopt after the last.
  asio::awaitable<std::expected<std::optional<std::string>, MessageError>> next();

 private:
  [[nodiscard]] std::uint32_t chunks() const { return whole_ ? 1 : message_->body->chunks(); }
  asio::awaitable<std::expected<std::string, MessageError>> read_all();
  asio::awaitable<std::expected<Facts, MessageError>> look_at_all();
  [[nodiscard]] Facts facts_of_first() const;

  const Outgoing* message_;
  const PeerDetails* peer_;
  const Options* options_;
  std::optional<std::string> first_;  // the first chunk, or all of a converted message
  bool whole_ = false;                // the message was put together: first_ is all of it
  std::uint32_t next_ = 0;
};

}  // namespace veredus::work::smtpclient
