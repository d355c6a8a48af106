#include "base/observe/log.h"
#include "doors/pop3/conversation.h"
#include "doors/pop3/message_stream.h"
#include "state/mailbox/mailboxes.h"

namespace veredus::doors::pop3 {

using state::mailbox::MailboxError;

namespace {

constexpr std::uint32_t kPageMessages = 1000;
constexpr std::uint32_t kTopOctets = 16 * 1024;       // what TOP reads at a time
constexpr std::size_t kCopiedOctets = 16 * 1024;      // shorter pieces are gathered, longer ones go as they are
constexpr std::size_t kMaxQueuedOctets = 512 * 1024;  // kept for a peer that has not taken it yet

void queue(io::net::LineStream& stream, std::string octets) {
  if (octets.size() <= kCopiedOctets) {
    stream.queue_write(std::string_view(octets));
  } else {
    stream.queue_write(std::move(octets));
  }
}

OpenRefusal refusal_of(MailboxError error) {
  return permanence(error) == Permanence::kTemporary ? OpenRefusal::kTemporary : OpenRefusal::kPermanent;
}

SendFailure failure_of(MailboxError error) {
  if (error == MailboxError::kNoSuchEmail) return SendFailure::kGone;
  return permanence(error) == Permanence::kTemporary ? SendFailure::kTemporary : SendFailure::kPermanent;
}

}  // namespace

asio::awaitable<Step> Conversation::open_maildrop(AccountId account) {
  auto place = services().gate.enter(account, options_->session.login_delay);
  if (!place) {
    const auto why = place.error() == GateRefusal::kInUse ? OpenRefusal::kInUse : OpenRefusal::kLoginDelay;
    services().log.info("pop3.login_refused", {{"session", visit_.session()},
                                               {"client", visit_.client()},
                                               {"account", account.value},
                                               {"why", to_string(why)}});
    co_return session_.maildrop_opened(std::unexpected(why));
  }
  auto maildrop = co_await load_maildrop(account);
  if (maildrop) {
    place_ = *std::move(place);
    services().log.info("pop3.login", {{"session", visit_.session()},
                                       {"client", visit_.client()},
                                       {"user", session_.login()->address},
                                       {"account", account.value},
                                       {"app_password", session_.login()->app_password},
                                       {"tls", session_.tls()},
                                       {"messages", maildrop->count()}});
  }
  co_return session_.maildrop_opened(std::move(maildrop));
}

asio::awaitable<std::expected<Maildrop, OpenRefusal>> Conversation::load_maildrop(AccountId account) {
  auto& mailboxes = services().mailboxes;
  // First of all: what is removed while we read is then found by look_for_removals.
  const auto seen = co_await mailboxes.highest_modseq(account);
  if (!seen) co_return std::unexpected(refusal_of(seen.error()));
  const auto inbox = co_await mailboxes.status(account, state::mailbox::kInbox);
  if (!inbox) co_return std::unexpected(refusal_of(inbox.error()));
  Maildrop maildrop(account, inbox->uid_validity, *seen);
  Uid first = state::mailbox::kFirstUid;
  for (bool more = true; more;) {
    const auto page =
        co_await mailboxes.messages(account, state::mailbox::kInbox, first, state::mailbox::kLastUid, kPageMessages);
    if (!page) co_return std::unexpected(refusal_of(page.error()));
    for (const auto& message : page->messages) maildrop.add(message.uid, message.body);
    more = page->more && !page->messages.empty();
    if (more) first = Uid(page->messages.back().uid.value + 1);
  }
  co_return maildrop;
}

asio::awaitable<Step> Conversation::look_for_removals() {
  const auto& maildrop = *session_.maildrop();
  auto& mailboxes = services().mailboxes;
  const auto account = maildrop.account();
  auto seen = maildrop.seen();
  state::mailbox::UidSet gone;
  // When it cannot be told, reading the message will tell.
  const auto now = co_await mailboxes.highest_modseq(account);
  while (now && seen < *now) {
    const auto changes = co_await mailboxes.changes(account, state::mailbox::kInbox, seen, kPageMessages);
    if (!changes) break;
    for (const auto& range : changes->expunged.ranges()) gone.add(range);
    seen = changes->up_to;
    if (!changes->more) break;
  }
  co_return session_.removals_seen(gone, seen);
}

asio::awaitable<Conversation::Next> Conversation::send_message(SendMessage send) {
  auto& mailboxes = services().mailboxes;
  const auto account = session_.login()->account;
  const auto piece = send.body_lines ? kTopOctets : state::mailbox::kChunkOctets;
  MessageStream out = send.body_lines ? MessageStream(*send.body_lines) : MessageStream();
  std::uint64_t offset = 0;
  while (offset < send.body.octets && !out.satisfied()) {
    auto chunk = co_await mailboxes.read_body(account, send.body, offset, piece);
    const bool short_of = chunk && chunk->empty();
    if ((!chunk || short_of) && offset == 0)
      co_return session_.message_sent(short_of ? SendFailure::kPermanent : failure_of(chunk.error()));
    if (!chunk || short_of) {
      services().log.error("pop3.message_cut",
                           {{"session", visit_.session()}, {"account", account.value}, {"offset", offset}});
      co_return over("message cannot be read to its end");  // nothing can be said in the middle of it
    }
    if (offset == 0) stream_.queue_write(std::string_view(send.first_line));
    offset += chunk->size();
    queue(stream_, out.feed(*std::move(chunk)));
    if (stream_.queued_octets() < kMaxQueuedOctets) continue;
    const auto flushed = co_await stream_.flush(timeouts().write);
    if (!flushed) co_return over(io::net::to_string(flushed.error()));
  }
  if (send.body.octets == 0) stream_.queue_write(std::string_view(send.first_line));
  queue(stream_, out.finish());
  ++sent_;
  door_->figures_->messages_sent.add();
  door_->figures_->octets_sent.add(offset);
  co_return session_.message_sent(std::nullopt);
}

asio::awaitable<Step> Conversation::remove_messages(state::mailbox::UidSet uids) {
  const auto account = session_.login()->account;
  const auto wanted = uids.size();
  const auto removed = co_await services().mailboxes.expunge(account, state::mailbox::kInbox, std::move(uids));
  if (!removed) {
    services().log.error("pop3.removal_failed", {{"session", visit_.session()},
                                                 {"account", account.value},
                                                 {"messages", wanted},
                                                 {"why", to_string(removed.error())}});
    co_return session_.messages_removed(false);
  }
  removed_ = static_cast<std::uint32_t>(removed->uids.size());
  door_->figures_->messages_removed.add(removed_);
  co_return session_.messages_removed(true);
}

}  // namespace veredus::doors::pop3
