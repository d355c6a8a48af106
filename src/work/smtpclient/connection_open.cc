#include <algorithm>
#include <utility>

#include "base/types/result.h"
#include "io/net/reactor.h"
#include "work/smtpclient/connection_core.h"

namespace veredus::work::smtpclient {
namespace {

using io::net::IoError;
using wire::smtp::ReplyError;

// RFC 5321 s4.5.3.1.5 says 512; people write long refusals.
constexpr std::size_t kMaxReplyLineOctets = 4096;

ConnectionError error_of(IoError error) {
  switch (error) {
    case IoError::kTimeout:
      return ConnectionError::kTimeout;
    case IoError::kLineTooLong:
      return ConnectionError::kReplyTooLong;
    case IoError::kBareLineFeed:
    case IoError::kBareCarriageReturn:
      return ConnectionError::kProtocol;
    case IoError::kStopping:
    case IoError::kCancelled:
      return ConnectionError::kStopped;
    default:
      return ConnectionError::kLost;
  }
}

ConnectionError error_of(ReplyError error) {
  const bool too_long = error == ReplyError::kTooLong || error == ReplyError::kTooManyLines;
  return too_long ? ConnectionError::kReplyTooLong : ConnectionError::kProtocol;
}

/// Of a handshake.
ConnectionError tls_error_of(IoError error) {
  switch (error) {
    case IoError::kTimeout:
    case IoError::kCancelled:
      return error_of(error);
    case IoError::kTlsCertificate:
      return ConnectionError::kTlsCertificate;
    default:  // many servers just close
      return ConnectionError::kTlsHandshake;
  }
}

}  // namespace

Connection::Core::Core(io::net::LineStream stream, Peer peer, const Options* options)
    : stream_(std::move(stream)), peer_(std::move(peer)), options_(options) {
  details_.host_name = peer_.host_name;
  details_.address = stream_.peer();
  details_.local = stream_.local();
  details_.tls_policy = peer_.tls_policy;
  details_.name_proven = peer_.published.name_proven;
}

// ---- replies

std::optional<Connection::Core::Replied> Connection::Core::feed(std::expected<std::string_view, IoError> line) {
  if (!line) return std::unexpected(error_of(line.error()));
  auto reply = reader_.feed(*line);
  if (!reply) return std::unexpected(error_of(reply.error()));
  if (!*reply) return std::nullopt;
  return **std::move(reply);
}

std::optional<Connection::Core::Replied> Connection::Core::buffered_reply() {
  while (auto line = stream_.buffered_line(kMaxReplyLineOctets)) {
    if (auto replied = feed(*line)) return replied;
  }
  return std::nullopt;
}

/// `wait` is for the whole reply: who sends a line of it now and then does not hold us longer.
asio::awaitable<Connection::Core::Replied> Connection::Core::read_reply(std::chrono::milliseconds wait) {
  const auto& deadlines = stream_.reactor().deadlines();
  const auto due = deadlines.coarse_now() + wait.count();
  while (true) {
    const std::chrono::milliseconds left(due - deadlines.coarse_now());
    if (left.count() <= 0) co_return std::unexpected(ConnectionError::kTimeout);
    auto line = co_await stream_.read_line(kMaxReplyLineOctets, left);
    // A server that drains lets what is under way end.
    if (!line && line.error() == IoError::kStopping) continue;
    if (auto replied = feed(line)) co_return *std::move(replied);
    if (auto replied = buffered_reply()) co_return *std::move(replied);
  }
}

std::chrono::milliseconds Connection::Core::patience(Stage stage) const {
  const auto& timeouts = options_->timeouts;
  switch (stage) {
    case Stage::kConnect:
      return timeouts.connect;
    case Stage::kGreeting:
      return timeouts.greeting;
    case Stage::kHello:
      return timeouts.hello;
    case Stage::kStartTls:
      return timeouts.tls;
    case Stage::kAuth:
      return timeouts.auth;
    case Stage::kMail:
      return timeouts.mail;
    case Stage::kRecipient:
      return timeouts.recipient;
    case Stage::kData:
      return timeouts.data;
    case Stage::kBody:
      return timeouts.block;
    case Stage::kFinal:
      return timeouts.final_dot;
  }
  return timeouts.mail;
}

// ---- the opening

ConnectFailure Connection::Core::failure(ConnectionError error, Stage stage) const {
  ConnectFailure result;
  result.error = error;
  result.stage = stage;
  return result;
}

std::shared_ptr<io::net::TlsContext> Connection::Core::tls_context() const {
  if (peer_.tls_context) return peer_.tls_context;
  return peer_.tls == TlsRule::kVerify ? options_->verifying : options_->recording;
}

Connection::Core::Opened Connection::Core::start_tls() {
  auto context = tls_context();
  if (!context) co_return std::unexpected(failure(ConnectionError::kTlsUnavailable, Stage::kStartTls));
  const auto started = co_await stream_.start_tls_client(std::move(context), peer_.host_name, options_->timeouts.tls);
  if (!started) {
    auto failed = failure(tls_error_of(started.error()), Stage::kStartTls);
    failed.detail = stream_.tls_failure();
    if (failed.detail.empty()) failed.detail = to_string(started.error());
    co_return std::unexpected(std::move(failed));
  }
  // RFC 3207 s4.2: who says something between its 220 and the handshake is not who we think.
  if (started->discarded_octets != 0) co_return std::unexpected(failure(ConnectionError::kProtocol, Stage::kStartTls));
  details_.tls = stream_.tls();
  co_return std::expected<void, ConnectFailure>();
}

Connection::Core::Opened Connection::Core::open(TlsUse tls_use) {
  if (peer_.implicit_tls) VEREDUS_CO_TRY(co_await start_tls());
  const bool impossible = tls_use == TlsUse::kImpossible || !tls_context();
  Opening opening(peer_, impossible ? TlsUse::kImpossible : TlsUse::kPossible);
  auto need = opening.begin(details_.tls ? &*details_.tls : nullptr);
  while (need != Opening::Need::kDone) {
    if (need == Opening::Need::kFailed) co_return std::unexpected(std::move(opening.failure()));
    if (need == Opening::Need::kStartTls) {
      VEREDUS_CO_TRY(co_await start_tls());
      need = opening.tls_started(*details_.tls);
      continue;
    }
    stream_.queue_write(opening.take_output());
    auto replied = co_await read_reply(patience(opening.stage()));
    if (!replied) co_return std::unexpected(failure(replied.error(), opening.stage()));
    need = opening.take(*std::move(replied));
  }
  details_.greeting = opening.greeting();
  details_.authenticated = opening.mechanism();
  details_.capabilities = std::move(opening.capabilities());
  co_return std::expected<void, ConnectFailure>();
}

asio::awaitable<void> Connection::Core::quit() {
  if (stream_.is_open() && usable_ && ahead_ == nullptr && !std::exchange(quit_said_, true)) {
    usable_ = false;
    stream_.queue_write("QUIT\r\n");
    const auto goodbye = co_await read_reply(options_->timeouts.quit);  // RFC 5321 s4.1.1.10
    static_cast<void>(goodbye);
  }
  usable_ = false;
  stream_.close();
}

}  // namespace veredus::work::smtpclient
