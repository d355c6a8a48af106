#pragma once

#include <cstdint>
#include <expected>
#include <string>
#include <string_view>

#include "base/types/ids.h"
#include "io/net/asio.h"
#include "state/mailbox/mailbox_error.h"
#include "state/mailbox/message.h"

namespace veredus::state::mailbox {
class Mailboxes;
}

namespace veredus::doors::imap {

/// The octets of one message, of which only the chunks that are asked for are read.
class BodyReader {
 public:
  using Octets = std::expected<std::string_view, state::mailbox::MailboxError>;

  /// `first_chunk`: when it is there already; else empty. `mailboxes` must outlive it.
  BodyReader(state::mailbox::Mailboxes* mailboxes, AccountId account, state::mailbox::StoredBody body,
             std::string first_chunk)
      : mailboxes_(mailboxes), account_(account), body_(body), chunk_(std::move(first_chunk)) {}

  /// What is in memory of begin..end, from its beginning; empty: nothing is.
  [[nodiscard]] std::string_view at_hand(std::uint64_t begin, std::uint64_t end) const;
  /// At least one octet of begin..end (not empty), from its beginning; good until the next read.
  asio::awaitable<Octets> read(std::uint64_t begin, std::uint64_t end);
  /// All of begin..end, but at most `limit` octets.
  asio::awaitable<std::expected<std::string, state::mailbox::MailboxError>> read_all(std::uint64_t begin,
                                                                                     std::uint64_t end,
                                                                                     std::size_t limit);

  [[nodiscard]] const state::mailbox::StoredBody& body() const { return body_; }

 private:
  state::mailbox::Mailboxes* mailboxes_;
  AccountId account_;
  state::mailbox::StoredBody body_;
  std::string chunk_;
  std::uint64_t chunk_begin_ = 0;
};

}  // namespace veredus::doors::imap
