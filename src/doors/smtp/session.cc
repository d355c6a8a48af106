#include "doors/smtp/session.h"

#include <utility>

#include "doors/smtp/replies.h"

namespace veredus::doors::smtp {

using wire::smtp::make_plain_reply;
using wire::smtp::make_reply;
using wire::smtp::Reply;

std::string_view to_string(Role role) {
  switch (role) {
    case Role::kMx:
      return "mx";
    case Role::kSubmission:
      return "submission";
    case Role::kLmtp:
      return "lmtp";
  }
  return "unknown";
}

std::string_view to_string(GateVerdict verdict) {
  switch (verdict) {
    case GateVerdict::kOpen:
      return "open";
    case GateVerdict::kStoreUnwritable:
      return "store takes no writes";
    case GateVerdict::kTooFast:
      return "too many messages";
    case GateVerdict::kStopping:
      return "shutting down";
    case GateVerdict::kSenderNotOwned:
      return "sender is not the account's";
  }
  return "unknown";
}

Session::Session(const SessionOptions* options, PeerFacts peer)
    : options_(options),
      channel_bindings_(std::move(peer.channel_bindings)),
      local_machine_(peer.local_machine),
      tls_(peer.tls) {}
Session::Session(Session&&) noexcept = default;
Session::~Session() = default;

void Session::clear_replies() {
  constexpr std::size_t kKept = 128;  // what an idle session may hold on to
  if (replies_.capacity() > kKept) {
    replies_ = {};
  } else {
    replies_.clear();
  }
}

Step Session::next() {
  // RFC 4954 s4: an initial response can be longer than any other command.
  const bool auth_may_come = options_->offer_auth && !login_;
  return ReadLine{auth_may_come ? wire::smtp::kMaxAuthLineOctets : wire::smtp::kMaxCommandOctets};
}

Step Session::answer(const Reply& reply) {
  say(reply);
  return next();
}

Step Session::end(const Reply& reply, std::string_view why) {
  say(reply);
  return Close{why};
}

Step Session::object(const Reply& reply) {
  if (++errors_ >= options_->max_errors) return end(make_reply(421, 7, 0, "Too many errors"), "too many errors");
  return answer(reply);
}

Step Session::idle_answer(const Reply& reply) {
  if (++idle_commands_ > options_->max_idle_commands) return object(reply);
  return answer(reply);
}

Step Session::start() {
  const std::string_view protocol = options_->role == Role::kLmtp ? " LMTP Veredus" : " ESMTP Veredus";
  return answer(make_plain_reply(220, options_->hostname + std::string(protocol)));
}

Step Session::refuse(const Reply& reply, std::string_view why) { return end(reply, why); }

Step Session::stop() { return end(make_reply(421, 3, 2, options_->hostname + " is shutting down"), "shutting down"); }

Step Session::time_out() { return end(make_reply(421, 4, 2, options_->hostname + " has waited too long"), "timeout"); }

Step Session::bad_line(LineError error) {
  if (in_exchange()) {
    attempt_.reset();
    // RFC 4954 s4: a response that is too long
    if (error == LineError::kTooLong) return object(make_reply(500, 5, 6, "Authentication exchange line is too long"));
  }
  return object(reply_for(error));
}

Step Session::line(std::string_view line) {
  if (in_exchange()) return follow(attempt_->response(line));
  return command_line(line);
}

Step Session::command_line(std::string_view line) {
  if (wire::smtp::is_foreign_protocol(line))
    return end(make_reply(502, 7, 0, "This is a mail server"), "another protocol");
  auto command = wire::smtp::parse_command(line);
  const bool long_line = line.size() + 2 > wire::smtp::kMaxCommandOctets;
  if (long_line && !(command && std::holds_alternative<wire::smtp::Auth>(*command)))
    return bad_line(LineError::kTooLong);
  if (!command) {
    // RFC 3030 s2: nobody knows how many octets follow, so nothing after it can be taken for a command.
    if (command.error() == wire::smtp::CommandError::kChunkSize)
      return end(reply_for(command.error(), line), "malformed BDAT");
    return object(reply_for(command.error(), line));
  }
  return std::visit([this](auto& known) { return on(known); }, *command);
}

/// RFC 5321 s4.1.4: mail begins after a greeting.
std::optional<Reply> Session::out_of_order() const {
  if (greeted_) return std::nullopt;
  return make_reply(503, 5, 1, options_->role == Role::kLmtp ? "Say LHLO first" : "Say EHLO or HELO first");
}

std::string Session::protocol() const {
  const bool utf8 = transaction_ && transaction_->mail.smtputf8;  // RFC 6531 s4.3
  std::string name;
  if (options_->role == Role::kLmtp) {
    name = utf8 ? "UTF8LMTP" : "LMTP";
  } else if (greeted_ == wire::smtp::HelloKind::kHelo) {
    return "SMTP";
  } else {
    name = utf8 ? "UTF8SMTP" : "ESMTP";
  }
  if (tls_) name.push_back('S');
  if (login_) name.push_back('A');
  return name;
}

}  // namespace veredus::doors::smtp
