#include "doors/imap/conversation.h"

#include <concepts>
#include <exception>
#include <utility>
#include <variant>

#include "base/observe/log.h"
#include "doors/imap/capabilities.h"
#include "doors/imap/dispatch.h"
#include "doors/imap/notify_command.h"
#include "doors/imap/own_account.h"
#include "doors/imap/select_commands.h"
#include "doors/imap/updates.h"
#include "doors/imap/waiting.h"
#include "wire/imap/reply.h"

namespace veredus::doors::imap {

using io::net::IoError;
using wire::imap::Condition;
using work::doorstep::TurnedAway;

namespace {

namespace grammar = wire::imap;
using SteadyClock = std::chrono::steady_clock;

constexpr int kLoginWaits = 3;  // who says something now and then has so many times as long for the login

Condition condition_of(Status status) {
  switch (status) {
    case Status::kOk:
      return Condition::kOk;
    case Status::kNo:
      return Condition::kNo;
    case Status::kBad:
      break;
  }
  return Condition::kBad;
}

/// Whether it is asked or answered by message numbers, which must not change meanwhile (RFC 9051 s7.5.1,
/// RFC 7162 s3.2.10.2).
bool keeps_numbers(const grammar::CommandBody& what) {
  const auto answers_numbers = []<class Command>(const Command& /*command*/) {
    return std::same_as<Command, grammar::Fetch> || std::same_as<Command, grammar::Store> ||
           std::same_as<Command, grammar::Search> || std::same_as<Command, grammar::Sort> ||
           std::same_as<Command, grammar::Thread>;
  };
  return std::visit(answers_numbers, what) && grammar::uses_message_numbers(what);
}

work::login::Caller caller(const io::net::LineStream& stream, const work::doorstep::Visit& visit) {
  return {stream.peer(), visit.session(), visit.client()};
}

}  // namespace

Conversation::Conversation(Door* door, io::net::Connection connection)
    : door_(door),
      options_(door->options_.now()),
      connection_(std::move(connection)),
      stream_(connection_.stream),
      visit_({"imap", options_->name, door->figures_->sessions, door->services_.log}, stream_.peer()),
      out_(&stream_, options_->timeouts.write),
      in_(&stream_, &out_, this),
      talk_{.services = door->services_,
            .options = options_->session,
            .timeouts = options_->timeouts,
            .session = session_,
            .out = out_,
            .authenticator = door->authenticator_,
            .caller = caller(stream_, visit_),
            .counts = {},
            .tag = {},
            .in = in_},
      appends_(&talk_) {
  session_.id = visit_.session();
  session_.local_machine = stream_.peer().is_local_machine();
}

Conversation::~Conversation() {
  services().log.info("imap.closed", {{"session", visit_.session()},
                                      {"client", visit_.client()},
                                      {"why", ended_.empty() ? "cancelled" : ended_},
                                      {"account", session_.login ? session_.login->account.value : 0},
                                      {"commands", commands_},
                                      {"octets_in", stream_.octets_in()},
                                      {"octets_out", stream_.octets_out()}});
}

const Services& Conversation::services() const { return door_->services_; }
const Timeouts& Conversation::timeouts() const { return options_->timeouts; }

bool Conversation::over(std::string_view why) {
  if (ended_.empty()) ended_ = why;
  return false;
}

bool Conversation::bye(std::string_view code, std::string_view text, std::string_view why) {
  if (ended_.empty()) wire::imap::append_untagged(out_.buffer(), Condition::kBye, code, text);
  return over(why);
}

asio::awaitable<void> Conversation::run() {
  std::exception_ptr failure;
  try {
    co_await converse();
  } catch (...) {
    failure = std::current_exception();
  }
  co_await appends_.join();  // they use what is here
  if (failure) std::rethrow_exception(failure);
}

asio::awaitable<void> Conversation::converse() {
  bool going_on = co_await begin();
  while (going_on) {
    going_on = co_await serve_command();
    if (stint_.is_long()) co_await stint_.pause();  // of commands that have come together there may be millions
  }
  if (incoming_) co_await incoming_->discard();
  if (stream_.is_open()) static_cast<void>(co_await out_.flush());
  stream_.close();
  co_await leave_mailbox(&talk_);
}

asio::awaitable<void> Conversation::give_up() {
  bye("SERVERBUG", "Internal error, try again later", "internal error");
  static_cast<void>(co_await out_.flush());
  stream_.close();
}

/// Who need not even be greeted, TLS where it comes first, the greeting.
asio::awaitable<bool> Conversation::begin() {
  if (const auto why = visit_.turned_away(connection_, &services().throttle)) co_return co_await turn_away(*why);
  if (options_->implicit_tls) {
    const bool secure = co_await start_tls();
    if (!secure) co_return false;
  }
  set_reader_options();
  greet();
  co_return true;
}

void Conversation::greet() {
  wire::imap::append_untagged(out_.buffer(), Condition::kOk, "CAPABILITY " + capabilities(session_, options_->session),
                              options_->session.hostname + " ready");
}

asio::awaitable<bool> Conversation::turn_away(TurnedAway why) {
  const auto reason = to_string(why);
  visit_.note_refusal(reason);
  // Whom nobody listens to is not worth a handshake.
  if (options_->implicit_tls || why == TurnedAway::kUnheard) co_return over(reason);
  if (why == TurnedAway::kStopping)
    bye("UNAVAILABLE", "The server is stopping", reason);
  else if (why == TurnedAway::kBanned)
    bye("UNAVAILABLE", "Too many failed logins, try again later", reason);
  else
    bye("LIMIT", "Too many sessions, try again later", reason);
  out_.hand_over();
  static_cast<void>(co_await stream_.flush(timeouts().refusal));
  co_return false;
}

asio::awaitable<bool> Conversation::start_tls() {
  in_.discard();  // RFC 9051 s6.2.1: what came before TLS counts no more
  out_.hand_over();
  const auto details = co_await visit_.start_tls(&stream_, options_->tls, timeouts().tls);
  if (!details) co_return over("TLS handshake failed");
  session_.tls = true;
  session_.channel_bindings = work::login::channel_bindings(*details);
  co_return true;
}

/// Names and limits change with the login and ENABLE.
void Conversation::set_reader_options() {
  const auto state = static_cast<std::uint8_t>(1 | (session_.login ? 2 : 0) | (session_.utf8() ? 4 : 0) |
                                               (session_.has(Extension::kUtf8) ? 8 : 0));
  if (state == std::exchange(reader_state_, state)) return;
  const auto& limits = options_->session;
  auto options = session_.login ? wire::imap::ReaderOptions() : wire::imap::ReaderOptions::before_login();
  if (session_.login) {
    options.line_octets = limits.line_octets;
    options.literal_octets = limits.literal_octets;
    options.command_octets = limits.command_octets;
    options.message_octets = limits.max_message_octets;
    options.discard_octets = limits.max_message_octets;
  }
  options.utf8_names = session_.utf8();
  options.utf8_accept = session_.has(Extension::kUtf8);
  reader_.set_options(options);
}

std::chrono::milliseconds Conversation::patience(std::chrono::seconds usual) {
  bound_login();
  return session_.login ? usual : std::min<std::chrono::milliseconds>(usual, timeouts().login);
}

void Conversation::bound_login() {
  if (session_.login)
    in_.end_waits_at(std::nullopt);
  else if (!in_.waits_end())
    in_.end_waits_at(SteadyClock::now() + kLoginWaits * timeouts().login);
}

bool Conversation::login_is_overdue() const { return in_.waits_end() && SteadyClock::now() > *in_.waits_end(); }

bool Conversation::input_ended(IoError error) {
  switch (error) {
    case IoError::kTimeout:
      return bye("", session_.login ? "Idle for too long" : "Too long without a login", "timeout");
    case IoError::kStopping:
      return bye("UNAVAILABLE", "The server is stopping", "server stops");
    default:
      return over(io::net::to_string(error));
  }
}

/// RFC 5465 s3.1: what happened, though no command is being done.
asio::awaitable<bool> Conversation::tell_unasked() {
  using Mode = Notification::SelectedMode;
  if (const auto why = why_account_went(talk_); !why.empty()) co_return co_await end_because(std::string(why));
  const auto mode = session_.notification->selected_mode();
  const bool notified = co_await tell_notifications(&talk_);
  if (!notified || mode == Mode::kUnasked) co_return notified;
  const auto told = co_await tell_updates(&talk_, mode == Mode::kAtOnce ? Updates::kAll : Updates::kWithoutExpunges);
  if (told == Telling::kMailboxWent) co_return co_await end_because(std::string(why_mailbox_went(*session_.selected)));
  co_return told == Telling::kWell;
}

/// kCancelled: what had to be told could not be.
asio::awaitable<Input::Octets> Conversation::next_line(std::size_t max_octets) {
  const auto wait = patience(timeouts().idle);
  if (session_.notification) {  // a wait that a change breaks off is no place for answers
    const bool given = co_await give();
    if (!given) co_return std::unexpected(IoError::kCancelled);
  }
  while (session_.notification) {
    const bool told = co_await tell_unasked();
    if (!told) co_return std::unexpected(IoError::kCancelled);
    auto* watch = session_.notification ? session_.notification->watch() : nullptr;
    if (watch == nullptr) break;
    const auto line = co_await line_or_change(&talk_, watch, max_octets, wait);
    if (line) co_return *line;
  }
  co_return co_await in_.line(max_octets, Input::Wait::kCommand, wait);
}

asio::awaitable<bool> Conversation::serve_command() {
  if (login_is_overdue()) co_return input_ended(IoError::kTimeout);
  const auto max_octets = reader_.options().line_octets;
  auto line = in_.buffered_line(max_octets);  // a pipelined batch runs through here without suspending
  if (!line) line = co_await next_line(max_octets);
  if (!*line && line->error() != IoError::kLineTooLong) co_return input_ended(line->error());
  auto step = *line ? reader_.feed_line(**line) : reader_.line_was_too_long(in_.skipped_begin(), in_.skipped_end());
  co_return co_await follow(std::move(step));
}

/// Until the command is whole, or refused.
asio::awaitable<bool> Conversation::follow(Step step) {
  while (true) {
    std::optional<Step> next;
    if (auto* complete = std::get_if<wire::imap::Complete>(&step)) {
      auto command = std::move(complete->command);
      co_return co_await perform(std::move(command));
    }
    if (auto* refused = std::get_if<wire::imap::Refused>(&step)) {
      if (incoming_) co_await incoming_->discard();
      incoming_.reset();
      auto why = std::move(*refused);
      co_return co_await refuse(std::move(why));
    }
    if (const auto* more = std::get_if<wire::imap::NeedLine>(&step))
      next = co_await read_more(*more);
    else if (const auto* literal = std::get_if<wire::imap::NeedLiteral>(&step))
      next = co_await read_literal(*literal);
    else if (const auto* message = std::get_if<wire::imap::NeedMessage>(&step))
      next = co_await read_message(*message);
    else
      next = co_await discard(std::get<wire::imap::Discard>(step));
    if (!next) co_return false;
    step = *std::move(next);
  }
}

asio::awaitable<bool> Conversation::refuse(wire::imap::Refused refused) {
  const bool going_on = co_await give();
  if (!going_on) co_return false;
  ++commands_;
  const auto bad = refused.condition == Condition::kBad;
  count(bad ? Status::kBad : Status::kNo);
  if (refused.error == wire::imap::CommandError::kCharsetOfSaved && session_.selected)
    session_.selected->saved_result = {};
  tell_known_modseq(&talk_);
  if (refused.tag == "*")
    wire::imap::append_untagged(out_.buffer(), refused.condition, refused.code, refused.text);
  else
    wire::imap::append_tagged(out_.buffer(), refused.tag, refused.condition, refused.code, refused.text);
  if (refused.close) co_return bye("LIMIT", "Too much at a time", "too much input");
  if (bad && ++session_.errors >= options_->session.max_errors) co_return bye("", "Too many errors", "too many errors");
  co_return true;
}

/// Answers all APPENDs under way.
asio::awaitable<bool> Conversation::give() {
  while (!appends_.empty()) {
    auto answer = co_await appends_.next();
    const bool going_on = co_await conclude(std::move(answer.tag), std::move(answer.outcome));
    if (!going_on) co_return false;
  }
  co_return true;
}

/// Its messages have come: the next command is read while they are stored.
asio::awaitable<bool> Conversation::begin_append(std::string tag, wire::imap::Append append) {
  if (!incoming_) incoming_ = std::make_unique<Incoming>(&talk_);  // all of it by URLs
  auto taken = co_await take_append(&talk_, std::move(append), incoming_.get());
  incoming_.reset();
  if (!taken || appends_.full()) {
    const bool going_on = co_await give();
    if (!going_on) co_return false;
  }
  if (!taken) co_return co_await conclude(std::move(tag), std::move(taken).error());
  co_await appends_.begin(std::move(tag), *std::move(taken));
  co_return true;
}

asio::awaitable<bool> Conversation::perform(wire::imap::Command command) {
  ++commands_;
  talk_.tag = command.tag;
  if (const auto why = why_account_went(talk_); !why.empty()) co_return co_await end_because(std::string(why));
  if (auto* append = std::get_if<wire::imap::Append>(&command.what); append != nullptr && session_.login)
    co_return co_await begin_append(std::move(command.tag), std::move(*append));
  const bool going_on = co_await give();
  if (!going_on) co_return false;
  const bool brings = std::holds_alternative<wire::imap::Replace>(command.what);
  if (brings && !incoming_) incoming_ = std::make_unique<Incoming>(&talk_);  // all of it by URLs
  const bool numbered = keeps_numbers(command.what);
  auto outcome = co_await dispatch(&talk_, std::move(command.what), incoming_.get());
  if (numbered) outcome = std::move(outcome).without_expunges();
  if (incoming_) co_await incoming_->discard();
  incoming_.reset();
  co_return co_await conclude(std::move(command.tag), std::move(outcome));
}

void Conversation::answer(std::string_view tag, const Outcome& outcome) {
  wire::imap::append_tagged(out_.buffer(), tag, condition_of(outcome.status), outcome.code, outcome.text);
  count(outcome.status);
}

/// What was done is answered before BYE: else it would be done again.
asio::awaitable<void> Conversation::answer_appends() {
  while (!appends_.empty()) {
    const auto done = co_await appends_.next();
    answer(done.tag, done.outcome);
  }
}

/// What it was about is there no more.
asio::awaitable<bool> Conversation::end_because(std::string why) {
  co_await answer_appends();
  co_return bye("", why, why);
}

asio::awaitable<bool> Conversation::conclude(std::string tag, Outcome outcome) {
  using Next = Outcome::Next;
  if (outcome.next == Next::kEnded) co_return input_ended(outcome.read_error);
  if (outcome.next == Next::kBye) co_return co_await end_because(std::move(outcome.text));
  const bool is_silent = outcome.next == Next::kClose && outcome.text.empty();
  if (is_silent) co_return over(out_.failure().empty() ? "client is gone" : out_.failure());
  if (const auto why = why_account_went(talk_); !why.empty() && outcome.next != Next::kClose) {
    answer(tag, outcome);  // nothing more is asked of it
    co_return co_await end_because(std::string(why));
  }
  bound_login();
  auto told = Telling::kWell;
  if (outcome.next != Next::kClose) told = co_await tell_updates(&talk_, outcome.updates);
  if (told == Telling::kClientGone) co_return over("client is gone");
  if (told == Telling::kWell && outcome.next != Next::kClose) outcome = with_known_modseq(talk_, std::move(outcome));
  answer(tag, outcome);
  if (told == Telling::kMailboxWent) co_return co_await end_because(std::string(why_mailbox_went(*session_.selected)));
  set_reader_options();
  if (outcome.status == Status::kBad && ++session_.errors >= options_->session.max_errors)
    co_return bye("", "Too many errors", "too many errors");
  if (outcome.status == Status::kOk && session_.login) session_.errors = 0;  // what counts is how many in a row
  co_return co_await go_on(outcome.next);
}

/// As the reply said.
asio::awaitable<bool> Conversation::go_on(Outcome::Next next) {
  using Next = Outcome::Next;
  switch (next) {
    case Next::kClose:
    case Next::kBye:
    case Next::kEnded:
      co_return over("logout");
    case Next::kStartTls:
      co_return co_await start_tls();
    case Next::kDeflate:
      out_.compress();
      in_.decompress();
      session_.compressed = true;
      break;
    case Next::kInflate:
      out_.stop_compressing();
      in_.stop_decompressing();
      break;
    case Next::kCommand:
      break;
  }
  if (!out_.is_full()) co_return true;
  const bool sent = co_await out_.make_room();
  co_return sent || over(out_.failure());
}

void Conversation::count(Status status) {
  auto& figures = *door_->figures_;
  (status == Status::kOk   ? figures.commands_ok
   : status == Status::kNo ? figures.commands_no
                           : figures.commands_bad)
      .add();
  const auto counts = std::exchange(talk_.counts, {});
  if (counts.messages_fetched != 0) figures.messages_fetched.add(counts.messages_fetched);
  if (counts.messages_appended != 0) figures.messages_appended.add(counts.messages_appended);
  if (counts.body_octets != 0) figures.body_octets.add(counts.body_octets);
}

}  // namespace veredus::doors::imap
