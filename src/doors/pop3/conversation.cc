#include "doors/pop3/conversation.h"

#include "base/observe/log.h"
#include "state/directory/directory.h"
#include "state/directory/snapshot.h"

namespace veredus::doors::pop3 {

using work::doorstep::TurnedAway;

namespace {

PeerFacts facts_of(const io::net::LineStream& stream) {
  return {.local_machine = stream.peer().is_local_machine(), .tls = false, .channel_bindings = {}};
}

}  // namespace

Conversation::Conversation(Door* door, io::net::Connection connection)
    : door_(door),
      options_(door->options_.now()),
      connection_(std::move(connection)),
      stream_(connection_.stream),
      visit_({"pop3", options_->name, door->figures_->sessions, door->services_.log}, stream_.peer()),
      session_(&options_->session, facts_of(stream_)) {}

Conversation::~Conversation() {
  services().log.info("pop3.closed", {{"session", visit_.session()},
                                      {"client", visit_.client()},
                                      {"why", ended_.empty() ? std::string_view("cancelled") : ended_},
                                      {"account", session_.login() ? session_.login()->account.value : 0},
                                      {"sent", sent_},
                                      {"removed", removed_},
                                      {"octets_out", stream_.octets_out()}});
}

const Services& Conversation::services() const { return door_->services_; }
const Timeouts& Conversation::timeouts() const { return options_->timeouts; }

/// Who need not even be greeted, TLS where it comes first, the greeting.
asio::awaitable<Conversation::Next> Conversation::begin() {
  const auto turned_away = visit_.turned_away(connection_, &services().throttle);
  if (!turned_away) {
    if (options_->implicit_tls) {
      const auto secure = co_await start_tls();
      if (!secure) co_return std::nullopt;
    }
    co_return session_.start();
  }
  const auto why = to_string(*turned_away);
  visit_.note_refusal(why);
  // Whom nobody listens to is not worth a handshake.
  if (options_->implicit_tls || *turned_away == TurnedAway::kUnheard) co_return over(why);
  switch (*turned_away) {
    case TurnedAway::kStopping:
      co_return session_.stop();
    case TurnedAway::kBanned:
      co_return session_.refuse("[SYS/TEMP] Too many failed logins, try again later", why);
    default:
      co_return session_.refuse("[SYS/TEMP] Too many sessions, try again later", why);
  }
}

asio::awaitable<void> Conversation::run() {
  auto next = co_await begin();
  while (next) {
    send_replies();
    if (auto answer = take_buffered_line(*next)) {  // a pipelined batch runs through here without suspending
      next = *std::move(answer);
    } else {
      next = co_await perform(*std::move(next));
    }
  }
  stream_.close();
}

asio::awaitable<void> Conversation::give_up() {
  const auto told = session_.refuse("[SYS/TEMP] Internal error, try again later", "internal error");
  send_replies();
  co_await close(std::get<Close>(told).why);
  stream_.close();
}

void Conversation::send_replies() {
  if (session_.replies().empty()) return;
  stream_.queue_write(session_.replies());
  session_.clear_replies();
}

std::optional<Conversation::Next> Conversation::take_buffered_line(const Step& step) {
  const auto* read = std::get_if<ReadLine>(&step);
  if (read == nullptr) return std::nullopt;
  const auto line = stream_.buffered_line(read->max_octets);
  if (!line) return std::nullopt;
  return take_line(*line);
}

asio::awaitable<Conversation::Next> Conversation::perform(Step step) {
  if (const auto* read = std::get_if<ReadLine>(&step)) co_return co_await read_line(read->max_octets);
  if (std::holds_alternative<LookForRemovals>(step)) co_return co_await look_for_removals();
  if (auto* send = std::get_if<SendMessage>(&step)) co_return co_await send_message(std::move(*send));
  if (auto* check = std::get_if<CheckPassword>(&step)) co_return co_await check_password(std::move(*check));
  if (auto* fetch = std::get_if<FetchScramKeys>(&step)) co_return co_await fetch_scram_keys(std::move(*fetch));
  if (auto* prove = std::get_if<AuthorizeScram>(&step)) co_return co_await authorize_scram(std::move(*prove));
  if (const auto* failure = std::get_if<NoteAuthFailure>(&step)) co_return note_auth_failure(failure->user);
  if (const auto* open = std::get_if<OpenMaildrop>(&step)) co_return co_await open_maildrop(*open);
  if (auto* remove = std::get_if<RemoveMessages>(&step)) co_return co_await remove_messages(std::move(remove->uids));
  if (std::holds_alternative<StartTls>(step)) co_return co_await start_tls();
  co_await close(std::get<Close>(step).why);
  co_return std::nullopt;
}

asio::awaitable<Conversation::Next> Conversation::read_line(std::size_t max_octets) {
  const auto wait = session_.logged_in() ? timeouts().idle : timeouts().login;
  co_await lockstep_.expect(&stream_);
  const auto line = co_await stream_.read_line(max_octets, wait);
  lockstep_.arrived();
  co_return take_line(line);
}

Conversation::Next Conversation::take_line(const std::expected<std::string_view, io::net::IoError>& line) {
  if (session_.logged_in()) {
    const auto now = services().directory.snapshot();
    const auto* account = now->account(session_.login()->account);
    if (account == nullptr) return session_.refuse("[SYS/PERM] The account is gone", "account is gone");
    if (account->disabled) return session_.refuse("[SYS/PERM] The account is disabled", "account is disabled");
  }
  if (line) return session_.line(*line);
  if (const auto broken = work::doorstep::line_error(line.error())) return session_.bad_line(*broken);
  switch (line.error()) {
    case io::net::IoError::kTimeout:
      return session_.time_out();
    case io::net::IoError::kStopping:
      return session_.stop();
    default:
      return over(io::net::to_string(line.error()));
  }
}

Conversation::Next Conversation::over(std::string_view why) {
  ended_ = why;
  return std::nullopt;
}

asio::awaitable<void> Conversation::close(std::string_view why) {
  ended_ = why;
  const auto wait = session_.logged_in() ? timeouts().write : timeouts().refusal;
  static_cast<void>(co_await stream_.flush(wait));
}

asio::awaitable<Conversation::Next> Conversation::start_tls() {
  const auto details = co_await visit_.start_tls(&stream_, options_->tls, timeouts().tls);
  if (!details) co_return over("TLS handshake failed");
  co_return session_.tls_started(work::login::channel_bindings(*details));
}

}  // namespace veredus::doors::pop3
