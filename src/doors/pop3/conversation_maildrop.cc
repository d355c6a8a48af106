#include <algorithm>
#include <utility>

#include "base/observe/log.h"
#include "base/types/result.h"
#include "doors/pop3/conversation.h"
#include "doors/pop3/message_stream.h"
#include "io/net/stint.h"
#include "state/mailbox/mailboxes.h"
#include "wire/mime/surrogate.h"

namespace veredus::doors::pop3 {

using state::mailbox::MailboxError;

namespace {

constexpr std::uint32_t kPageMessages = 1000;
constexpr std::uint64_t kMaxRewrittenOctets = 256 * 1024;  // of a header; a longer one goes as it is
constexpr std::uint32_t kTopOctets = 16 * 1024;            // what TOP reads at first: mostly enough
constexpr std::size_t kCopiedOctets = 16 * 1024;           // shorter pieces are gathered, longer ones go as they are
constexpr std::size_t kMaxQueuedOctets = 512 * 1024;       // kept for a peer that has not taken it yet

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

asio::awaitable<Step> Conversation::open_maildrop(OpenMaildrop open) {
  const auto account = open.account;
  auto place = services().gate.enter(account, options_->session.login_delay);
  if (!place) {
    const auto why = place.error() == GateRefusal::kInUse ? OpenRefusal::kInUse : OpenRefusal::kLoginDelay;
    services().log.info("pop3.login_refused", {{"session", visit_.session()},
                                               {"client", visit_.client()},
                                               {"account", account.value},
                                               {"why", to_string(why)}});
    co_return session_.maildrop_opened(std::unexpected(why));
  }
  auto maildrop = co_await load_maildrop(open);
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

asio::awaitable<std::expected<Maildrop, OpenRefusal>> Conversation::load_maildrop(OpenMaildrop open) {
  const auto account = open.account;
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
    for (const auto& message : page->messages) {
      maildrop.add(message);
      if (message.utf8_header && !open.utf8) VEREDUS_CO_TRY(co_await add_rewritten(&maildrop, message.body));
    }
    more = page->more && !page->messages.empty();
    if (more) first = Uid(page->messages.back().uid.value + 1);
  }
  co_return maildrop;
}

/// The last message's header is shown to this client as ASCII: the sizes it is told are those of what it will get
/// (RFC 6858 s4). `maildrop` is the caller's.
asio::awaitable<std::expected<void, OpenRefusal>> Conversation::add_rewritten(Maildrop* maildrop,
                                                                              state::mailbox::StoredBody body) {
  const auto header = co_await read_header(maildrop->account(), body, kMaxRewrittenOctets);
  if (!header && header.error() == MailboxError::kNoSuchEmail) co_return std::expected<void, OpenRefusal>();
  if (!header) co_return std::unexpected(refusal_of(header.error()));
  if (!header->empty())
    maildrop->rewrite_last(static_cast<std::uint32_t>(header->size()), wire::mime::surrogate_header(*header).size());
  co_return std::expected<void, OpenRefusal>();
}

/// The header with its empty line; empty: there is no end of it within `most` octets.
asio::awaitable<std::expected<std::string, MailboxError>> Conversation::read_header(AccountId account,
                                                                                    state::mailbox::StoredBody body,
                                                                                    std::uint64_t most) {
  std::string header;
  while (header.size() < std::min(most, body.octets)) {
    const auto piece = co_await services().mailboxes.read_body(account, body, header.size(), kTopOctets);
    if (!piece) co_return std::unexpected(piece.error());
    if (piece->empty()) break;
    const auto seen = header.size() < 3 ? 0 : header.size() - 3;
    header += *piece;
    const auto end = header.starts_with("\r\n") ? 0 : header.find("\r\n\r\n", seen);
    if (end == std::string::npos) continue;
    header.resize(header.starts_with("\r\n") ? 2 : end + 4);
    co_return header;
  }
  co_return std::string();
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

/// The whole message, when it was read before or is read together with those behind it. nullopt: read it alone;
/// whatever is wrong with it shows then.
asio::awaitable<std::optional<std::string>> Conversation::read_ahead(std::uint32_t number) {
  if (auto here = ahead_.take(number)) co_return here;
  const auto& maildrop = *session_.maildrop();
  const auto numbers = ahead_.wanted(maildrop, number);
  if (numbers.empty()) co_return std::nullopt;
  std::vector<state::mailbox::StoredBody> bodies;
  for (const auto one : numbers) bodies.push_back(maildrop.find(one)->body);
  auto chunks = co_await services().mailboxes.first_chunks(maildrop.account(), std::move(bodies));
  if (!chunks) co_return std::nullopt;
  for (std::size_t i = 0; i < numbers.size(); ++i)
    if (auto& chunk = (*chunks)[i]) ahead_.put(numbers[i], *std::move(chunk));
  co_return ahead_.take(number);
}

asio::awaitable<Conversation::Next> Conversation::send_message(SendMessage send) {
  auto& mailboxes = services().mailboxes;
  const auto account = session_.login()->account;
  MessageStream out = send.body_lines ? MessageStream(*send.body_lines) : MessageStream();
  std::optional<std::string> whole;
  if (!send.body_lines && send.header_octets == 0) whole = co_await read_ahead(send.number);
  io::net::Stint stint;
  std::uint64_t offset = 0;
  while (offset < send.body.octets && !out.satisfied()) {
    if (stint.is_long()) co_await stint.pause();
    const bool rewritten = offset == 0 && send.header_octets != 0;
    std::expected<std::string, MailboxError> chunk;
    if (whole) {
      chunk = *std::exchange(whole, std::nullopt);
    } else if (rewritten) {
      chunk = co_await read_header(account, send.body, send.header_octets);
    } else {
      const auto piece = send.body_lines && offset == 0 ? kTopOctets : state::mailbox::kChunkOctets;
      chunk = co_await mailboxes.read_body(account, send.body, offset, piece);
    }
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
    if (rewritten) chunk = wire::mime::surrogate_header(*chunk);
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
