#include "doors/pop3/conversation.h"

#include "base/codec/base32.h"
#include "base/crypto/random.h"
#include "base/observe/log.h"
#include "state/directory/auth_throttle.h"

namespace veredus::doors::pop3 {

namespace {

PeerFacts facts_of(const io::net::LineStream& stream) {
  return {.local_machine = stream.peer().is_local_machine(), .tls = false, .channel_bindings = {}};
}

std::vector<wire::sasl::ChannelBinding> bindings_of(const io::net::LineStream& stream) {
  const auto tls = stream.tls();
  return tls ? work::login::channel_bindings(*tls) : std::vector<wire::sasl::ChannelBinding>{};
}

/// A line that broke a rule was skipped, and reading may go on.
std::optional<LineError> line_error(io::net::IoError error) {
  switch (error) {
    case io::net::IoError::kLineTooLong:
      return LineError::kTooLong;
    case io::net::IoError::kBareLineFeed:
      return LineError::kBareLf;
    case io::net::IoError::kBareCarriageReturn:
      return LineError::kBareCr;
    default:
      return std::nullopt;
  }
}

}  // namespace

Conversation::Conversation(Door* door, io::net::LineStream stream)
    : door_(door),
      options_(door->options()),
      stream_(std::move(stream)),
      id_(base::codec::base32_encode(base::crypto::random_octets(5))),
      peer_(stream_.peer().to_string()),
      session_(&options_->session, facts_of(stream_)) {
  door_->figures_->sessions.add();
  door_->figures_->sessions_now.add(1);
  services().log.debug("pop3.connected", {{"session", id_}, {"peer", peer_}, {"listener", options_->name}});
}

Conversation::~Conversation() {
  door_->figures_->sessions_now.add(-1);
  services().log.info("pop3.closed", {{"session", id_},
                                      {"peer", peer_},
                                      {"why", ended_.empty() ? std::string_view("cancelled") : ended_},
                                      {"account", session_.login() ? session_.login()->account.value : 0},
                                      {"sent", sent_},
                                      {"removed", removed_},
                                      {"octets_out", stream_.octets_out()}});
}

const Services& Conversation::services() const { return door_->services_; }
const Timeouts& Conversation::timeouts() const { return options_->timeouts; }

asio::awaitable<void> Conversation::run(bool admitted) {
  Next next;
  const bool banned = services().throttle.banned(stream_.peer());
  if (!admitted || banned) {
    door_->figures_->sessions_refused.add();
    if (options_->implicit_tls) {
      ended_ = "refused";  // not worth a handshake
      co_return;
    }
    next = session_.refuse(
        banned ? "[SYS/TEMP] Too many failed logins, try again later" : "[SYS/TEMP] Too many sessions, try again later",
        banned ? "banned" : "too many sessions");
  } else {
    if (options_->implicit_tls && !co_await begin_tls()) co_return;
    next = session_.start();
  }
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
  if (const auto* open = std::get_if<OpenMaildrop>(&step)) co_return co_await open_maildrop(open->account);
  if (auto* remove = std::get_if<RemoveMessages>(&step)) co_return co_await remove_messages(std::move(remove->uids));
  if (std::holds_alternative<StartTls>(step)) co_return co_await start_tls();
  co_await close(std::get<Close>(step).why);
  co_return std::nullopt;
}

asio::awaitable<Conversation::Next> Conversation::read_line(std::size_t max_octets) {
  const auto wait = session_.logged_in() ? timeouts().idle : timeouts().login;
  const auto line = co_await stream_.read_line(max_octets, wait);
  co_return take_line(line);
}

Conversation::Next Conversation::take_line(const std::expected<std::string_view, io::net::IoError>& line) {
  if (line) return session_.line(*line);
  if (const auto broken = line_error(line.error())) return session_.bad_line(*broken);
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
  if (!co_await begin_tls()) co_return std::nullopt;
  co_return session_.tls_started(bindings_of(stream_));
}

/// For implicit TLS the session is told as well, before its greeting.
asio::awaitable<bool> Conversation::begin_tls() {
  const auto started = co_await stream_.start_tls(options_->tls, timeouts().tls);
  if (!started) {
    door_->figures_->tls_failed.add();
    ended_ = io::net::to_string(started.error());
    co_return false;
  }
  door_->figures_->tls_started.add();
  if (started->discarded_octets != 0)
    services().log.warning("pop3.plaintext_after_stls",
                           {{"session", id_}, {"peer", peer_}, {"octets", started->discarded_octets}});
  if (options_->implicit_tls) static_cast<void>(session_.tls_started(bindings_of(stream_)));
  co_return true;
}

}  // namespace veredus::doors::pop3
