#pragma once

#include <cstdint>
#include <expected>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/crypto/scram.h"
#include "doors/smtp/options.h"
#include "doors/smtp/step.h"
#include "doors/smtp/transaction.h"
#include "wire/smtp/command.h"
#include "wire/smtp/reply.h"
#include "work/delivery/reception.h"
#include "work/login/attempt.h"

namespace veredus::doors::smtp {

/// Who is at the other end, as far as a session's rules care.
struct PeerFacts {
  bool local_machine = false;  // a loopback address or a UNIX socket
  bool tls = false;            // TLS from the first octet
  std::vector<wire::sasl::ChannelBinding> channel_bindings;
};

/// One SMTP, submission or LMTP session as a state machine without I/O: lines in, replies and steps out. Whoever runs
/// it sends `replies()`, does what the step says and calls what the step names, which answers the next step.
/// Small while nothing is going on: a transaction or a login has its own memory.
/// Source: RFC 5321, RFC 6409, RFC 2033 and the extensions that `EHLO` names.
class Session {
 public:
  /// `options` must outlive the session.
  Session(const SessionOptions* options, PeerFacts peer);
  Session(Session&&) noexcept;
  ~Session();

  /// The banner.
  Step start();
  /// Instead of start(): says `reply` and ends.
  Step refuse(const wire::smtp::Reply& reply, std::string_view why);
  Step line(std::string_view line);
  Step bad_line(LineError error);
  /// The server drains and no message is being received, or the peer was silent for too long.
  Step stop();
  Step time_out();

  Step gate_answered(GateVerdict verdict);
  Step routed(work::delivery::Verdict verdict);
  Step password_checked(std::expected<state::directory::Login, AuthRefusal> answer);
  Step scram_keys(std::expected<std::vector<base::crypto::ScramKeys>, AuthRefusal> keys);
  Step auth_failure_noted();
  Step tls_started(std::vector<wire::sasl::ChannelBinding> channel_bindings);
  /// nullopt: it has begun.
  Step message_begun(std::optional<work::delivery::DeliveryError> error);
  Step chunk_received(std::optional<wire::smtp::Reply> refusal);
  Step message_ended(std::expected<work::delivery::Accepted, wire::smtp::Reply> outcome);
  Step chunk_skipped();

  /// What is to be sent, whole replies; clear_replies() once it is.
  [[nodiscard]] const std::string& replies() const { return replies_; }
  void clear_replies();

  /// A transaction is open; false also means that a message which has begun is to be discarded.
  [[nodiscard]] bool in_transaction() const { return transaction_ != nullptr; }
  [[nodiscard]] const Transaction* transaction() const { return transaction_.get(); }
  [[nodiscard]] const std::optional<state::directory::Login>& login() const { return login_; }
  [[nodiscard]] const std::string& helo() const { return helo_; }
  /// As Received names it: RFC 5321 s4.4, RFC 3848, RFC 6531 s4.3.
  [[nodiscard]] std::string protocol() const;
  [[nodiscard]] bool tls() const { return tls_; }

 private:
  // session.cc: what all commands share
  Step next();
  void say(const wire::smtp::Reply& reply) { wire::smtp::append_reply(replies_, reply); }
  Step answer(const wire::smtp::Reply& reply);
  /// A refused command: it counts, and too many end the session.
  Step object(const wire::smtp::Reply& reply);
  Step end(const wire::smtp::Reply& reply, std::string_view why);
  Step idle_answer(const wire::smtp::Reply& reply);
  Step command_line(std::string_view line);
  [[nodiscard]] std::optional<wire::smtp::Reply> out_of_order() const;

  [[nodiscard]] bool may_hold() const;

  // session_hello.cc
  Step on(const wire::smtp::Hello& hello);
  Step on(const wire::smtp::StartTls& command);
  [[nodiscard]] std::string extensions() const;

  // session_auth.cc
  Step on(const wire::smtp::Auth& auth);
  Step follow(work::login::Step step);
  Step login_failed(const work::login::Failure& why);
  Step logged_in();
  [[nodiscard]] bool may_authenticate() const;
  [[nodiscard]] bool in_exchange() const { return attempt_ != nullptr; }

  // session_mail.cc
  Step on(wire::smtp::MailFrom& mail);
  Step on(wire::smtp::RcptTo& rcpt);
  [[nodiscard]] std::optional<wire::smtp::Reply> objection(const wire::smtp::MailFrom& mail) const;
  [[nodiscard]] std::optional<wire::smtp::Reply> objection_to_demands(const wire::smtp::MailFrom& mail) const;
  [[nodiscard]] std::optional<wire::smtp::Reply> objection_to_hold(const wire::smtp::MailFrom& mail) const;
  [[nodiscard]] std::int8_t granted_priority(std::int8_t asked) const;
  [[nodiscard]] std::optional<wire::smtp::Reply> objection(const wire::smtp::RcptTo& rcpt) const;

  // session_data.cc
  Step on(const wire::smtp::Data& command);
  Step on(const wire::smtp::Bdat& chunk);
  Step begin_message();
  [[nodiscard]] std::optional<wire::smtp::Reply> no_recipients() const;
  void say_outcomes(const work::delivery::Accepted& accepted);

  // session_other.cc
  Step on(const wire::smtp::Rset& command);
  Step on(const wire::smtp::Vrfy& command);
  Step on(const wire::smtp::Expn& command);
  Step on(const wire::smtp::Help& command);
  Step on(const wire::smtp::Noop& command);
  Step on(const wire::smtp::Quit& command);

  const SessionOptions* options_;
  std::string replies_;
  std::string helo_;
  std::vector<wire::sasl::ChannelBinding> channel_bindings_;
  std::unique_ptr<Transaction> transaction_;
  std::unique_ptr<work::login::Attempt> attempt_;  // a login that is going on
  std::optional<state::directory::Login> login_;
  std::optional<wire::smtp::HelloKind> greeted_;  // not yet, or not again after STARTTLS: nullopt
  bool local_machine_;
  bool tls_;
  std::uint32_t errors_ = 0;
  std::uint32_t auth_failures_ = 0;
  std::uint32_t idle_commands_ = 0;
  std::uint32_t messages_ = 0;
};

}  // namespace veredus::doors::smtp
