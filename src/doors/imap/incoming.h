#pragma once

#include <cstdint>
#include <expected>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "doors/imap/message_part.h"
#include "doors/imap/named_mailbox.h"
#include "doors/imap/taken_messages.h"
#include "doors/imap/talk.h"
#include "io/net/stint.h"
#include "state/mailbox/mailbox_error.h"
#include "state/mailbox/new_message.h"
#include "state/mailbox/quota.h"
#include "state/mailbox/uid_set.h"
#include "state/mailbox/upload.h"
#include "wire/imap/append.h"
#include "wire/imap/command_reader.h"

namespace veredus::doors::imap {

/// The messages of one APPEND or REPLACE, as the command is read: each piece goes to the store as it comes.
class Incoming {
 public:
  explicit Incoming(Talk* talk) : talk_(talk), done_(&talk->services.workers) {}

  /// REPLACE: for the quota, what this message of the selected mailbox (or none) takes is free.
  void count_as_free(state::mailbox::UidSet replaced) { replaced_ = std::move(replaced); }
  /// A message's literal comes: `mailbox` and `messages` are what was read so far; the caller's, who waits. Why it
  /// cannot be taken, if so; checked once for the whole command and once for each literal.
  asio::awaitable<std::optional<Outcome>> announce(std::string mailbox,
                                                   const std::vector<wire::imap::AppendedMessage>* messages,
                                                   std::uint64_t octets);
  /// Reads the literal from the client. False: the client, or the account, is gone. What cannot be kept is read to its
  /// end all the same.
  asio::awaitable<bool> receive(std::uint64_t octets, bool binary);

  /// The command is whole: fetches what URLs name and answers the messages with their flags and dates. Errors: the
  /// tagged reply.
  asio::awaitable<std::expected<std::vector<state::mailbox::NewMessage>, Outcome>> take(
      std::string mailbox, std::vector<wire::imap::AppendedMessage> messages);
  /// After take().
  [[nodiscard]] const NamedMailbox& target() const { return *target_; }

  /// Erases what was staged for a command that came to nothing.
  asio::awaitable<void> discard();

 private:
  asio::awaitable<std::optional<Outcome>> find_target(std::string mailbox);
  /// What may be done with the target by now.
  asio::awaitable<std::optional<Outcome>> renew_target();
  asio::awaitable<std::optional<Outcome>> check_quota(std::uint64_t octets);
  /// What the message to be replaced takes.
  asio::awaitable<state::mailbox::QuotaUsage> room();
  /// What the pieces of `message` from the one not done yet up to `end` name, which are URLs: all are there, and with
  /// `more` octets not too large (RFC 4469 s5), before any is read.
  asio::awaitable<std::expected<std::vector<MessagePart>, Outcome>> find_parts(
      const wire::imap::AppendedMessage* message, std::size_t end, std::uint64_t more);
  asio::awaitable<std::optional<Outcome>> take_urls(const wire::imap::AppendedMessage* message, std::size_t end,
                                                    std::uint64_t more);
  asio::awaitable<std::optional<Outcome>> take_part(MessagePart part, const std::string* url);
  asio::awaitable<std::optional<Outcome>> finish_message(const wire::imap::AppendedMessage* message);
  /// Ends those messages before the one of this index, and begins it.
  asio::awaitable<std::optional<Outcome>> advance(const std::vector<wire::imap::AppendedMessage>* messages,
                                                  std::size_t index);
  void begin();
  void settle(const wire::imap::AppendedMessage& from, state::mailbox::NewMessage& message) const;

  Talk* talk_;
  std::optional<NamedMailbox> target_;
  state::mailbox::UidSet replaced_;
  TakenMessages done_;
  std::unique_ptr<state::mailbox::Upload> upload_;  // of the message of index done_.size()
  std::size_t pieces_ = 0;                          // of it that were taken
  std::uint64_t octets_ = 0;                        // of all
  io::net::Stint stint_;                            // what URLs name may all be in memory
};

/// What an account may keep. Errors: kNoSuchMailbox: there is no such account (any more).
[[nodiscard]] std::expected<state::mailbox::QuotaLimits, state::mailbox::MailboxError> quota_of(const Talk& talk,
                                                                                                AccountId account);

}  // namespace veredus::doors::imap
