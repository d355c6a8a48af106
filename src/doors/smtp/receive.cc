#include <algorithm>
#include <utility>

#include "base/observe/log.h"
#include "doors/smtp/conversation.h"
#include "doors/smtp/figures.h"
#include "doors/smtp/received_field.h"
#include "doors/smtp/submission_header.h"
#include "io/engine/engine.h"
#include "state/directory/directory.h"
#include "work/mailauth/inspector.h"

namespace veredus::doors::smtp {

using io::net::IoError;
using wire::smtp::make_reply;
using wire::smtp::Reply;
using work::delivery::Accepted;
using work::delivery::DeliveryError;

namespace {

constexpr std::size_t kPieceOctets = 64 * 1024;  // read and stored at a time

/// Whose own write found the disk full is told so, not that nobody knows what became of it.
Reply reply_to(DeliveryError error, const io::engine::Engine& engine) {
  const bool is_full = error == DeliveryError::kOutcomeUnsure && !engine.health().writable;
  return work::delivery::reply_for(is_full ? DeliveryError::kStoreFull : error);
}

}  // namespace

asio::awaitable<Step> Conversation::perform(BeginMessage begin) {
  auto& circumstances = begin.envelope.circumstances;
  circumstances.emplace_back("session", visit_.session());
  circumstances.emplace_back("client", visit_.client());
  circumstances.emplace_back("listener", options_->name);
  if (!tls_cipher_.empty()) circumstances.emplace_back("tls", tls_cipher_);
  auto occasion = occasion_of(begin.envelope);
  auto reception = door_->services_.receptions.begin(std::move(begin.envelope));
  if (!reception) {
    door_->figures_->messages_refused.add();
    door_->services_.log.info(
        "smtp.message_refused",
        {{"session", visit_.session()}, {"client", visit_.client()}, {"why", to_string(reception.error())}});
    co_return session_.message_begun(reception.error());
  }

  // Asks DNS ahead: only for a message that will come.
  auto inspection = occasion ? door_->services_.inspector->begin(*std::move(occasion)) : nullptr;
  const auto& transaction = *session_.transaction();
  IncomingMessage::Rules rules;
  rules.max_octets = options_->session.max_message_octets;
  if (transaction.receiving == Transaction::Receiving::kChunks) {
    const bool binary = transaction.mail.body == wire::smtp::Body::kBinaryMime;
    rules.framing = binary ? Framing::kBinaryChunks : Framing::kChunks;
  }
  if (session_.login()) rules.edit_header = [this](std::string_view header) { return edit_header(header); };
  if (inspection) rules.edit_header = [this](std::string_view header) { return inspect_header(header); };
  incoming_ =
      std::make_unique<Incoming>(*std::move(reception), IncomingMessage(std::move(rules)), std::move(inspection));
  co_return session_.message_begun(std::nullopt);
}

/// The header of a message from somebody who has authenticated (RFC 6409 s6, s8).
Conversation::Outcome<std::string> Conversation::edit_header(std::string_view header) const {
  const auto& login = *session_.login();
  const auto& sender = session_.transaction()->mail.sender;
  SubmissionFacts facts;
  facts.now = door_->services_.clock.now();
  facts.message_id = to_string(incoming_->reception.id()) + "@" + options_->session.hostname;
  facts.from = sender ? to_string(*sender) : login.address;
  const auto* inspector = door_->services_.inspector;
  const auto unforged = inspector != nullptr ? inspector->without_forged_results(header) : std::nullopt;
  auto completed = complete_header(unforged ? *unforged : header, facts);
  if (!completed)
    return std::unexpected(make_reply(554, 6, 0, "Message refused: " + std::string(to_string(completed.error()))));
  for (const auto& from : completed->from) {
    if (!door_->services_.directory.may_send_as(login.account, from))
      return std::unexpected(make_reply(550, 7, 1, "From address is not yours: " + to_string(from)));
  }
  return std::move(completed->octets);
}

/// Hands on what the message has ready. Waits while the store is behind, and nothing is read meanwhile.
asio::awaitable<void> Conversation::store() {
  auto octets = incoming_->message.take();
  if (octets.empty() || incoming_->store_error) co_return;
  if (incoming_->inspection) inspect_body(octets);
  auto written = co_await incoming_->reception.write(std::move(octets));
  if (!written) incoming_->store_error = written.error();
}

/// Reads up to the final dot; false: broken_ says why it does not come.
asio::awaitable<bool> Conversation::read_data() {
  auto& stream = connection_.stream;
  while (true) {
    auto chunk = co_await stream.read_chunk(kPieceOctets, options_->timeouts.data);
    if (!chunk && chunk.error() == IoError::kStopping) continue;  // it may be finished
    if (!chunk) {
      broken_ = chunk.error();
      co_return false;
    }
    const auto size = chunk->size();
    const auto progress = incoming_->message.feed_data(*chunk);
    if (progress.used < size) stream.unread(size - progress.used);
    if (progress.ended) co_return true;
    co_await store();
  }
}

asio::awaitable<Step> Conversation::perform(ReceiveData) {
  if (!co_await read_data()) co_return interrupted(*broken_);
  auto outcome = co_await conclude();
  co_return session_.message_ended(std::move(outcome));
}

/// Reads octets into the message, or away when there is none; false: broken_ says why they do not come.
asio::awaitable<bool> Conversation::read_octets(std::uint64_t octets) {
  auto& stream = connection_.stream;
  while (octets != 0) {
    const auto most = static_cast<std::size_t>(std::min<std::uint64_t>(octets, kPieceOctets));
    auto chunk = co_await stream.read_chunk(most, options_->timeouts.data);
    if (!chunk && chunk.error() == IoError::kStopping) continue;
    if (!chunk) {
      broken_ = chunk.error();
      co_return false;
    }
    octets -= chunk->size();
    if (!incoming_) continue;
    incoming_->message.feed_chunk(*chunk);
    co_await store();
  }
  co_return true;
}

asio::awaitable<Step> Conversation::perform(ReceiveChunk chunk) {
  if (!co_await read_octets(chunk.octets)) co_return interrupted(*broken_);
  if (!chunk.last) {
    auto refused = refusal();
    if (refused) door_->figures_->messages_refused.add();
    co_return session_.chunk_received(std::move(refused));
  }
  auto outcome = co_await conclude();
  co_return session_.message_ended(std::move(outcome));
}

asio::awaitable<Step> Conversation::perform(SkipChunk chunk) {
  incoming_.reset();
  if (!co_await read_octets(chunk.octets)) co_return interrupted(*broken_);
  co_return session_.chunk_skipped();
}

/// The peer went away or silent in the middle of a message.
Step Conversation::interrupted(IoError error) {
  incoming_.reset();
  door_->services_.log.info("smtp.interrupted",
                            {{"session", visit_.session()}, {"client", visit_.client()}, {"why", to_string(error)}});
  if (error == IoError::kTimeout) return session_.time_out();
  return Close{to_string(error)};
}

std::string Conversation::trace() const {
  const auto& options = options_->session;
  const auto& peer = connection_.stream.peer();
  std::string client;
  if (peer.kind == io::net::Endpoint::Kind::kIp)
    client = peer.address.is_v6() ? "IPv6:" + visit_.client() : visit_.client();
  const auto protocol = session_.protocol();
  const auto id = to_string(incoming_->reception.id());
  ReceivedFacts facts;
  facts.helo = session_.helo();
  facts.client = client;
  facts.hostname = options.hostname;
  facts.protocol = protocol;
  facts.id = id;
  facts.recipient = session_.transaction()->only_recipient;
  facts.priority = session_.transaction()->mail.priority.value_or(0);
  facts.tls_cipher = tls_cipher_;
  if (options.note_login && session_.login()) facts.login = session_.login()->address;
  facts.now = door_->services_.clock.now();
  return received_field(facts);
}

std::optional<Reply> Conversation::refusal() const {
  if (incoming_->message.refusal()) return incoming_->message.refusal();
  if (incoming_->store_error) return reply_to(*incoming_->store_error, door_->services_.engine);
  return std::nullopt;
}

asio::awaitable<Conversation::Outcome<Accepted>> Conversation::commit(Judgement judgement) {
  if (judgement.refusal) co_return std::unexpected(*std::move(judgement.refusal));
  auto fields = std::move(judgement.fields);
  fields += trace();
  auto committed = co_await incoming_->reception.commit(std::move(fields), std::move(judgement.assessment));
  if (!committed) co_return std::unexpected(reply_to(committed.error(), door_->services_.engine));
  co_return *std::move(committed);
}

/// The message is whole: commits it, or refuses it.
asio::awaitable<Conversation::Outcome<Accepted>> Conversation::conclude() {
  const auto& services = door_->services_;
  incoming_->message.finish();
  co_await store();
  auto judgement = co_await judge();
  const auto begun = services.clock.steady_now();
  auto accepted = co_await commit(std::move(judgement));
  const auto& sender = session_.transaction()->mail.sender;
  const auto from = sender ? to_string(*sender) : std::string();
  if (!accepted) {
    door_->figures_->messages_refused.add();
    services.log.info("smtp.message_refused", {{"session", visit_.session()},
                                               {"client", visit_.client()},
                                               {"id", to_string(incoming_->reception.id())},
                                               {"from", from},
                                               {"code", accepted.error().code},
                                               {"why", accepted.error().text}});
    co_return std::unexpected(std::move(accepted).error());
  }
  const std::chrono::duration<double> taken = services.clock.steady_now() - begun;
  door_->figures_->messages.add();
  door_->figures_->message_octets.add(accepted->octets);
  door_->figures_->commit_seconds.observe(taken.count());
  services.log.info("smtp.accepted", {{"session", visit_.session()},
                                      {"client", visit_.client()},
                                      {"id", to_string(accepted->id)},
                                      {"from", from},
                                      {"recipients", accepted->recipients.size()},
                                      {"octets", accepted->octets},
                                      {"seconds", taken.count()}});
  co_return *std::move(accepted);
}

}  // namespace veredus::doors::smtp
