#include <string_view>
#include <utility>

#include "base/types/result.h"
#include "wire/smtp/dot_stuffer.h"
#include "work/smtpclient/connection_core.h"

namespace veredus::work::smtpclient {
namespace {

using Step = Transaction::Step;

constexpr std::size_t kTogetherOctets = 16 * 1024;  // a body up to this is copied behind its commands: one TLS record
constexpr std::size_t kFlushOctets = 128 * 1024;    // of a long message, in memory at most besides the next chunk
constexpr std::string_view kQuit = "QUIT\r\n";
constexpr std::size_t kGroupOctets = 256;    // what most groups of commands fit into
constexpr std::size_t kNextRecipients = 20;  // of a message whose commands go behind the one before

TransactionResult untried(const Outgoing& message, ConnectionError error) {
  TransactionResult result;
  result.recipients.resize(message.recipients.size());
  result.broken = error;
  return result;
}

TransactionResult refused(const Outgoing& message, const Refusal& refusal, bool dsn) {
  TransactionResult result;
  RecipientOutcome outcome;
  outcome.kind = RecipientOutcome::Kind::kRefused;
  outcome.reply = refusal.reply;
  outcome.peer_speaks_dsn = dsn;
  result.recipients.assign(message.recipients.size(), outcome);
  result.lack = refusal.lack;
  return result;
}

}  // namespace

/// As many transactions were begun as the peer takes (RFC 9422 s4.1), or as it is to be given.
bool Connection::Core::is_full() const {
  const auto limit = details_.capabilities.limit_mails;
  return (limit != 0 && messages_ >= limit) || (peer_.most_messages && messages_ >= *peer_.most_messages);
}

bool Connection::Core::reusable() const {
  return usable_ && !quit_said_ && ahead_ == nullptr && stream_.is_open() && !is_full();
}

/// A reply that nothing was asked for would be taken for the answer to what comes next.
std::optional<ConnectionError> Connection::Core::unasked_words() {
  const auto unasked = buffered_reply();
  if (!unasked) return std::nullopt;
  usable_ = false;
  stream_.close();
  if (!*unasked) return unasked->error();
  return (*unasked)->code == 421 ? ConnectionError::kClosing : ConnectionError::kProtocol;
}

Connection::Core::Sending::Sending(std::shared_ptr<const Outgoing> what, MessageOctets looked_at, Plan how,
                                   std::uint64_t expected, const Core& core, Before before)
    : message(std::move(what)),
      octets(std::move(looked_at)),
      plan(std::move(how)),
      expected_octets(expected),
      transaction(*message, plan, core.details_, core.peer_.protocol, before, expected) {}

/// Looks at the message and plans its transaction; or says at once what became of it.
asio::awaitable<Connection::Core::Prepared> Connection::Core::prepare(std::shared_ptr<const Outgoing> message,
                                                                      Before before) {
  const bool dsn = details_.capabilities.dsn;
  MessageOctets octets(*message, details_, *options_);
  const auto facts = co_await octets.look();
  if (!facts && facts.error() == MessageError::kConversion)
    co_return std::unexpected(refused(*message, conversion_refusal(), dsn));
  if (!facts) co_return std::unexpected(untried(*message, ConnectionError::kBody));
  auto plan = make_plan(*message, *facts, details_, *options_);
  if (!plan) co_return std::unexpected(refused(*message, plan.error(), dsn));
  co_return std::make_unique<Sending>(std::move(message), std::move(octets), *std::move(plan), facts->octets, *this,
                                      before);
}

asio::awaitable<TransactionResult> Connection::Core::send(std::shared_ptr<const Outgoing> message,
                                                          std::shared_ptr<const Outgoing> next) {
  auto sending = std::move(ahead_);
  if (sending != nullptr && sending->message != message) usable_ = false;  // another transaction is open
  if (sending == nullptr || !usable_) {
    sending = nullptr;
    if (!reusable()) co_return untried(*message, ConnectionError::kLost);
    if (auto broken = unasked_words()) co_return untried(*message, *broken);
    auto prepared = co_await prepare(message, before_);
    if (!prepared) co_return std::move(prepared).error();
    sending = *std::move(prepared);
  }
  ++messages_;
  sending->next = std::move(next);
  // Where the commands have gone already, the gate can be asked while the peer works on them.
  if (sending->transaction.data_said()) static_cast<void>(co_await gate_opens(sending.get()));
  co_await converse(sending.get());
  before_ = sending->transaction.needs_reset() ? Before::kReset : Before::kNothing;
  auto result = sending->transaction.take_result();
  if (result.broken) usable_ = false;
  if (!usable_ || quit_said_) stream_.close();
  co_return result;
}

asio::awaitable<void> Connection::Core::converse(Sending* sending) {
  auto& transaction = sending->transaction;
  while (true) {
    const auto step = transaction.step();
    if (step == Step::kDone) co_return;
    if (step == Step::kReplies) {
      auto replied = buffered_reply();
      if (!replied) replied = co_await read_reply(patience(transaction.stage()));
      if (*replied)
        transaction.take(**std::move(replied));
      else
        transaction.broke(replied->error());
      continue;
    }
    const auto written = step == Step::kCommands ? co_await write_commands(sending) : co_await write_message(sending);
    if (!written) hear_last_words(sending, written.error());
  }
}

/// A peer that stops reading may have said why; what has arrived is all there will be.
void Connection::Core::hear_last_words(Sending* sending, ConnectionError error) {
  auto& transaction = sending->transaction;
  usable_ = false;
  while (error == ConnectionError::kLost && transaction.step() != Step::kDone && stream_.peer_has_spoken()) {
    auto replied = buffered_reply();
    if (!replied || !*replied) break;
    if (transaction.step() != Step::kReplies) {
      // In the middle of the message only a refusal can be meant.
      if ((*replied)->positive() || !transaction.data_said()) break;
      transaction.body_sent();
    }
    transaction.take(**std::move(replied));
  }
  transaction.broke(error);
}

asio::awaitable<bool> Connection::Core::gate_opens(Sending* sending) {
  if (sending->gate == Gate::kNotAsked) {
    sending->gate = Gate::kOpen;
    auto* gate = sending->message->gate;
    if (gate != nullptr && !co_await gate->before_final_dot()) sending->gate = Gate::kClosed;
  }
  co_return sending->gate == Gate::kOpen;
}

Connection::Core::Written Connection::Core::flush() {
  const auto sent = co_await stream_.flush(options_->timeouts.block);  // RFC 5321 s4.5.3.2.5
  if (sent) co_return std::expected<void, ConnectionError>();
  if (sent.error() == io::net::IoError::kTimeout) co_return std::unexpected(ConnectionError::kTimeout);
  const bool stopped = sent.error() == io::net::IoError::kCancelled;
  co_return std::unexpected(stopped ? ConnectionError::kStopped : ConnectionError::kLost);
}

Connection::Core::Written Connection::Core::write_commands(Sending* sending) {
  auto& transaction = sending->transaction;
  std::string out;
  out.reserve(kGroupOctets);
  transaction.commands(out);
  if (transaction.message_follows()) {
    stream_.queue_write(std::move(out));
    co_return co_await write_message(sending);
  }
  stream_.queue_write(std::move(out));
  // The peer works on its replies while the attempt is marked.
  if (!transaction.data_said() || sending->message->gate == nullptr) co_return std::expected<void, ConnectionError>();
  VEREDUS_CO_TRY(co_await flush());
  static_cast<void>(co_await gate_opens(sending));
  co_return std::expected<void, ConnectionError>();
}

/// Queues the next message's commands, where this one's transaction surely leaves nothing behind: after DATA, whatever
/// the reply. Answers their octets; 0: it is begun when its turn comes.
asio::awaitable<std::size_t> Connection::Core::begin_next(Sending* sending) {
  const auto can_follow = [](const Plan& plan) { return plan.pipelined && plan.transfer == Transfer::kData; };
  if (!can_follow(sending->plan) || peer_.protocol != Protocol::kSmtp || is_full() ||
      sending->next->recipients.size() > kNextRecipients)
    co_return 0;
  auto prepared = co_await prepare(sending->next, Before::kNothing);
  if (!prepared || !can_follow((*prepared)->plan) || (*prepared)->transaction.step() == Step::kDone) co_return 0;
  std::string out;
  out.reserve(kGroupOctets);
  (*prepared)->transaction.commands(out);
  ahead_ = *std::move(prepared);
  const std::size_t octets = out.size();
  stream_.queue_write(std::move(out));
  co_return octets;
}

/// The message, or the lone dot where it has no recipients, as one write when it is short.
Connection::Core::Written Connection::Core::write_message(Sending* sending) {
  auto& transaction = sending->transaction;
  if (transaction.step() == Step::kEmptyBody) {
    stream_.queue_write(".\r\n");
    VEREDUS_CO_TRY(co_await flush());
    transaction.body_sent();
    co_return std::expected<void, ConnectionError>();
  }
  if (!co_await gate_opens(sending)) co_return std::unexpected(ConnectionError::kGateClosed);
  VEREDUS_CO_TRY(co_await write_chunks(sending));
  std::size_t behind = 0;
  // RFC 2920 s3.1: QUIT, or the next message's commands, may stand in the group behind the message.
  if (sending->message->after == After::kQuit && sending->plan.pipelined) {
    stream_.queue_write(kQuit);
    quit_said_ = true;
    behind = kQuit.size();
  } else if (sending->next != nullptr) {
    behind = co_await begin_next(sending);
  }
  const auto sent = co_await flush();
  if (sent || stream_.queued_octets() <= behind) transaction.body_sent();
  co_return sent;
}

Connection::Core::Written Connection::Core::write_chunks(Sending* sending) {
  auto& octets = sending->octets;
  std::string out;
  const bool stuffed = sending->plan.transfer == Transfer::kData;
  wire::smtp::DotStuffer stuffer;
  const auto head = octets.head();
  auto left = sending->expected_octets - head.size();
  std::optional<std::string> chunk;
  if (octets.at_hand()) chunk = octets.take();
  out.reserve(head.size() + (chunk ? chunk->size() + chunk->size() / 32 : 0) + 16);
  if (stuffed)
    stuffer.feed(head, out);
  else
    out.append(head);
  while (true) {
    if (!chunk) {
      auto next = co_await octets.next();
      if (!next) co_return std::unexpected(ConnectionError::kBody);
      chunk = *std::move(next);
      if (!chunk) break;
    }
    // A source that gives another length than it told: the peer must not take what there is for the message.
    if (chunk->size() > left) co_return std::unexpected(ConnectionError::kBody);
    left -= chunk->size();
    if (stuffed) {
      stuffer.feed(*chunk, out);
    } else if (chunk->size() <= kTogetherOctets) {
      out.append(*chunk);
    } else {
      stream_.queue_write(std::exchange(out, {}));
      out = *std::move(chunk);
    }
    chunk.reset();
    if (out.size() < kTogetherOctets) continue;
    stream_.queue_write(std::exchange(out, {}));
    if (stream_.queued_octets() >= kFlushOctets) VEREDUS_CO_TRY(co_await flush());
  }
  if (left != 0) co_return std::unexpected(ConnectionError::kBody);
  if (stuffed) stuffer.finish(out);
  stream_.queue_write(std::move(out));
  co_return std::expected<void, ConnectionError>();
}

}  // namespace veredus::work::smtpclient
