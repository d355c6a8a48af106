#include <algorithm>
#include <string>
#include <utility>

#include "doors/imap/conversation.h"
#include "doors/imap/named_messages.h"
#include "doors/imap/own_account.h"
#include "wire/imap/reply.h"

/// Conversation: what a command needs that is more than a line.
namespace veredus::doors::imap {

using io::net::IoError;
using state::mailbox::UidSet;
using wire::imap::Condition;

namespace {

constexpr std::uint64_t kPieceOctets = std::uint64_t{64} * 1024;

Condition condition_of(const Outcome& outcome) {
  return outcome.status == Status::kBad ? Condition::kBad : Condition::kNo;
}

/// In the selected mailbox; none, when it names none.
UidSet replaced_message(const Session& session, const wire::imap::Replace& replace) {
  if (!session.selected) return {};
  return named_message(session, replace.number, numbers(replace.uid)).value_or(UidSet());
}

}  // namespace

asio::awaitable<std::optional<Conversation::Step>> Conversation::read_more(wire::imap::NeedLine need) {
  auto line = in_.buffered_line(need.max_octets);
  if (!line) line = co_await in_.line(need.max_octets, Input::Wait::kMore, patience(timeouts().literal));
  if (*line) co_return reader_.feed_line(**line);
  if (line->error() == IoError::kLineTooLong)
    co_return reader_.line_was_too_long(in_.skipped_begin(), in_.skipped_end());
  input_ended(line->error());
  co_return std::nullopt;
}

asio::awaitable<std::optional<Conversation::Step>> Conversation::read_literal(wire::imap::NeedLiteral need) {
  if (need.synchronizing) {
    const bool going_on = co_await give();
    if (!going_on) co_return std::nullopt;
    wire::imap::append_continuation(out_.buffer(), "OK");
  }
  std::string octets;
  while (octets.size() < need.octets) {
    const auto some = co_await in_.octets(need.octets - octets.size(), patience(timeouts().literal));
    if (!some) {
      input_ended(some.error());
      co_return std::nullopt;
    }
    octets.append(*some);
  }
  co_return reader_.feed_literal(octets);
}

asio::awaitable<std::optional<Conversation::Step>> Conversation::discard(wire::imap::Discard need) {
  while (need.octets != 0) {
    const auto some = co_await in_.octets(std::min(need.octets, kPieceOctets), patience(timeouts().literal));
    if (!some) {
      input_ended(some.error());
      co_return std::nullopt;
    }
    need.octets -= some->size();
  }
  co_return reader_.passed();
}

/// Where it goes is looked at before the client is told to send it (RFC 9051 s6.3.12: TRYCREATE).
asio::awaitable<std::optional<Conversation::Step>> Conversation::read_message(wire::imap::NeedMessage need) {
  if (const auto why = why_account_went(talk_); !why.empty()) {
    co_await end_because(std::string(why));
    co_return std::nullopt;
  }
  if (!incoming_) incoming_ = std::make_unique<Incoming>(&talk_);
  const auto* append = reader_.append();
  const auto* replace = reader_.replace();
  std::vector<wire::imap::AppendedMessage> one;
  if (append == nullptr) {
    one.push_back(replace->message);
    incoming_->count_as_free(replaced_message(session_, *replace));
  }
  const auto* messages = append != nullptr ? &append->messages : &one;
  auto mailbox = append != nullptr ? append->mailbox : replace->mailbox;
  const auto refused = co_await incoming_->announce(std::move(mailbox), messages, need.octets);
  if (refused) co_return reader_.refuse(condition_of(*refused), refused->code, refused->text);
  if (need.synchronizing) {
    const bool going_on = co_await give();
    if (!going_on) co_return std::nullopt;
    wire::imap::append_continuation(out_.buffer(), "OK");
  }
  const bool received = co_await incoming_->receive(need.octets, need.binary);
  if (received) co_return reader_.passed();
  if (const auto why = why_account_went(talk_); !why.empty())
    co_await end_because(std::string(why));
  else
    input_ended(IoError::kEndOfStream);
  co_return std::nullopt;
}

}  // namespace veredus::doors::imap
