#include "doors/smtp/conversation.h"

#include <boost/asio/steady_timer.hpp>
#include <utility>
#include <variant>

#include "base/observe/log.h"
#include "doors/smtp/figures.h"
#include "io/engine/engine.h"
#include "state/directory/directory.h"
#include "work/delivery/journey.h"
#include "work/delivery/router.h"

namespace veredus::doors::smtp {

using io::net::IoError;
using wire::smtp::make_reply;
using work::doorstep::TurnedAway;

Conversation::Conversation(Door* door, io::net::Connection connection)
    : door_(door),
      options_(door->options_.now()),
      connection_(std::move(connection)),
      visit_({"smtp", options_->name, door->figures_->sessions, door->services_.log}, connection_.stream.peer()),
      session_(&options_->session, PeerFacts{connection_.stream.peer().is_local_machine(), false, {}}) {}

Conversation::~Conversation() = default;

asio::awaitable<void> Conversation::run() {
  auto& stream = connection_.stream;
  auto step = co_await open();
  while (!std::holds_alternative<Close>(step)) {
    stream.queue_write(std::string_view(session_.replies()));
    session_.clear_replies();
    if (const auto* read = std::get_if<ReadLine>(&step)) {
      // What has arrived is answered in one go; nothing is sent in between.
      if (auto line = stream.buffered_line(read->max_octets)) {
        step = after(*line);
        continue;
      }
    }
    auto performed = std::visit([this](auto& todo) { return perform(std::move(todo)); }, step);
    step = co_await std::move(performed);
    if (incoming_ && !session_.in_transaction()) incoming_.reset();
  }
  ended_by_ = std::get<Close>(step).why;
  co_await perform(std::get<Close>(step));
}

asio::awaitable<void> Conversation::give_up() {
  incoming_.reset();
  const auto close =
      std::get<Close>(session_.refuse(make_reply(421, 3, 0, "Internal error, try again later"), "internal error"));
  co_await perform(close);
}

/// Who need not even be greeted.
std::optional<Step> Conversation::refusal_at_the_door() {
  const auto& services = door_->services_;
  const auto& session = options_->session;
  const bool people = session.offer_auth && session.role == Role::kSubmission;
  auto turned_away = visit_.turned_away(connection_, people ? &services.throttle : nullptr);
  if (!turned_away && !services.rates.admit_session(connection_.stream.peer())) turned_away = TurnedAway::kTooMany;
  if (!turned_away) return std::nullopt;
  switch (*turned_away) {
    case TurnedAway::kUnheard:
      return Close{to_string(*turned_away)};
    case TurnedAway::kStopping:
      return session_.stop();
    case TurnedAway::kTooMany:
      return session_.refuse(make_reply(421, 7, 0, "Too many sessions, try again later"), to_string(*turned_away));
    case TurnedAway::kBanned:
      return session_.refuse(make_reply(421, 7, 0, "Too many failed logins, try again later"), to_string(*turned_away));
  }
  return std::nullopt;
}

asio::awaitable<Step> Conversation::open() {
  const auto& options = *options_;
  auto& stream = connection_.stream;
  if (auto refusal = refusal_at_the_door()) {
    visit_.note_refusal(std::get<Close>(*refusal).why);
    if (options.implicit_tls) session_.clear_replies();  // it would be no TLS
    co_return *std::move(refusal);
  }
  if (options.implicit_tls && !co_await shake_hands()) co_return Close{"TLS handshake failed"};
  if (options.timeouts.greeting_delay.count() > 0) co_await pause(options.timeouts.greeting_delay);
  // RFC 5321 s3.1: the client waits for the greeting.
  if (stream.peer_has_spoken()) {
    if (!stream.has_buffered_input()) co_return Close{"gone before the greeting"};
    visit_.note_refusal("early talker");
    co_return session_.refuse(make_reply(554, 5, 1, "You spoke before the greeting"), "early talker");
  }
  co_return session_.start();
}

asio::awaitable<void> Conversation::pause(std::chrono::milliseconds time) {
  asio::steady_timer timer(co_await asio::this_coro::executor);
  timer.expires_after(time);
  co_await timer.async_wait(asio::use_awaitable);
}

asio::awaitable<bool> Conversation::shake_hands() {
  const auto& options = *options_;
  const auto details = co_await visit_.start_tls(&connection_.stream, options.tls, options.timeouts.tls);
  if (!details) co_return false;
  tls_cipher_ = details->cipher;
  session_.tls_started(options.session.offer_auth ? work::login::channel_bindings(*details)
                                                  : std::vector<wire::sasl::ChannelBinding>{});
  co_return true;
}

/// What a line, or its absence, means.
Step Conversation::after(std::expected<std::string_view, IoError> line) {
  if (line) return session_.line(*line);
  if (const auto broken = work::doorstep::line_error(line.error())) return session_.bad_line(*broken);
  switch (line.error()) {
    case IoError::kTimeout:
      return session_.time_out();
    case IoError::kStopping:  // a message that has begun may be finished
      if (session_.in_transaction()) return ReadLine{wire::smtp::kMaxCommandOctets};
      return session_.stop();
    default:
      return Close{to_string(line.error())};
  }
}

asio::awaitable<Step> Conversation::perform(ReadLine read) {
  if (connection_.stream.draining() && !session_.in_transaction()) co_return session_.stop();
  auto line = co_await connection_.stream.read_line(read.max_octets, options_->timeouts.command);
  co_return after(line);
}

GateVerdict Conversation::gate(const AskGate& question) {
  const auto& services = door_->services_;
  if (connection_.stream.draining()) return GateVerdict::kStopping;
  if (!services.engine.health().writable) return GateVerdict::kStoreUnwritable;
  if (question.login && question.sender && !services.directory.may_send_as(*question.login, *question.sender))
    return GateVerdict::kSenderNotOwned;
  if (!services.rates.admit_message(connection_.stream.peer())) return GateVerdict::kTooFast;
  return GateVerdict::kOpen;
}

asio::awaitable<Step> Conversation::perform(AskGate question) {
  const auto verdict = gate(question);
  if (verdict != GateVerdict::kOpen) {
    const auto sender = question.sender ? to_string(*question.sender) : "";
    door_->services_.log.info(
        "smtp.sender_refused",
        {{"session", visit_.session()}, {"client", visit_.client()}, {"from", sender}, {"why", to_string(verdict)}});
  }
  co_return session_.gate_answered(verdict);
}

void Conversation::note_refusal(const wire::smtp::Address& recipient, work::delivery::Refusal refusal) {
  const auto& services = door_->services_;
  const auto& sender = session_.transaction()->mail.sender;
  auto from = sender ? to_string(*sender) : std::string();
  door_->figures_->recipients_refused.add();
  services.log.info("smtp.recipient_refused", {{"session", visit_.session()},
                                               {"client", visit_.client()},
                                               {"from", from},
                                               {"to", to_string(recipient)},
                                               {"why", to_string(refusal)}});
  services.journal.record(
      work::delivery::refused_event(services.clock.now(), std::move(from), recipient, to_string(refusal)));
}

asio::awaitable<Step> Conversation::perform(Route question) {
  auto recipient = question.query.recipient;
  auto verdict = co_await door_->services_.router.route(std::move(question.query));
  if (verdict) {
    door_->figures_->recipients.add();
  } else {
    note_refusal(recipient, verdict.error());
  }
  co_return session_.routed(std::move(verdict));
}

asio::awaitable<Step> Conversation::perform(StartTls) {
  if (!co_await shake_hands()) co_return Close{"TLS handshake failed"};
  co_return ReadLine{wire::smtp::kMaxAuthLineOctets};
}

asio::awaitable<Step> Conversation::perform(Close step) {
  auto& stream = connection_.stream;
  stream.queue_write(std::string_view(session_.replies()));
  session_.clear_replies();
  if (stream.is_open()) co_await stream.flush(options_->timeouts.refusal);
  stream.close();
  door_->services_.log.debug("smtp.closed",
                             {{"session", visit_.session()}, {"client", visit_.client()}, {"why", step.why}});
  co_return step;
}

}  // namespace veredus::doors::smtp
