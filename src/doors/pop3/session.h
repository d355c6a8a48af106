#pragma once

#include <cstdint>
#include <expected>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/crypto/scram.h"
#include "doors/pop3/command.h"
#include "doors/pop3/maildrop.h"
#include "doors/pop3/options.h"
#include "doors/pop3/step.h"
#include "work/login/attempt.h"

namespace veredus::doors::pop3 {

/// Who is at the other end, as far as a session's rules care.
struct PeerFacts {
  bool local_machine = false;  // a loopback address or a UNIX socket
  bool tls = false;            // TLS from the first octet
  std::vector<wire::sasl::ChannelBinding> channel_bindings;
};

/// One POP3 session as a state machine without I/O: lines in, replies and steps out. Whoever runs it sends
/// `replies()`, does what the step says and calls what the step names, which answers the next step.
/// Source: RFC 1939, 2449, 2595, 3206, 5034, 6856.
class Session {
 public:
  /// `options` must outlive the session.
  Session(const SessionOptions* options, PeerFacts peer);
  Session(Session&&) noexcept;
  ~Session();

  /// The greeting.
  Step start();
  /// Instead of start(): says why not, and ends.
  Step refuse(std::string_view text, std::string_view why);
  Step line(std::string_view line);
  Step bad_line(LineError error);
  /// The server drains, or the peer was silent for too long. Nothing is deleted (RFC 1939 s3).
  Step stop();
  Step time_out();

  Step password_checked(std::expected<state::directory::Login, AuthRefusal> answer);
  Step scram_keys(std::expected<std::vector<base::crypto::ScramKeys>, AuthRefusal> keys);
  Step auth_failure_noted();
  Step maildrop_opened(std::expected<Maildrop, OpenRefusal> maildrop);
  /// UIDs that are no longer there, and up to when that is known.
  Step removals_seen(const state::mailbox::UidSet& uids, ModSeq seen);
  /// nullopt: it has been sent.
  Step message_sent(std::optional<SendFailure> failure);
  Step tls_started(std::vector<wire::sasl::ChannelBinding> channel_bindings);
  Step messages_removed(bool all_removed);

  /// What is to be sent; clear_replies() once it is.
  [[nodiscard]] const std::string& replies() const { return replies_; }
  void clear_replies();

  [[nodiscard]] const std::optional<state::directory::Login>& login() const { return login_; }
  /// nullptr before the login.
  [[nodiscard]] const Maildrop* maildrop() const { return maildrop_ ? &*maildrop_ : nullptr; }
  [[nodiscard]] bool tls() const { return tls_; }
  [[nodiscard]] bool logged_in() const { return maildrop_.has_value(); }

 private:
  // session.cc: what all commands share, and those of both states
  Step next();
  void say(std::string_view status, std::string_view text);
  Step ok(std::string_view text);
  /// A refused command: it counts, and too many end the session.
  Step object(std::string_view text);
  Step end(std::string_view reply, std::string_view why);
  Step idle_answer(std::string_view text);
  Step obey(const Command& command);
  Step obey_in_authorization(const Command& command);
  Step obey_in_transaction(const Command& command);
  Step quit();
  Step language(std::string_view tag);
  [[nodiscard]] std::string capabilities() const;

  // session_auth.cc
  Step user(std::string_view name);
  Step pass(std::string_view password);
  Step auth(const Command& command);
  Step follow(work::login::Step step);
  Step login_failed(const work::login::Failure& why);
  Step authenticated();
  Step start_tls();
  [[nodiscard]] bool may_authenticate() const;
  [[nodiscard]] bool in_exchange() const { return attempt_ != nullptr; }

  // session_maildrop.cc
  Step stat();
  Step list(const Command& command);
  Step unique_ids(const Command& command);
  Step retrieve(const Command& command);
  Step send_wanted();
  Step remove(const Command& command);
  Step reset();
  Step no_such_message();

  const SessionOptions* options_;
  std::string replies_;
  std::string user_;  // of USER, until PASS
  std::vector<wire::sasl::ChannelBinding> channel_bindings_;
  std::unique_ptr<work::login::Attempt> attempt_;  // a login that is going on
  std::optional<state::directory::Login> login_;
  std::optional<Maildrop> maildrop_;
  std::optional<Command> wanted_;  // RETR or TOP on its way; holds no views
  bool local_machine_;
  bool tls_;
  bool utf8_ = false;
  std::uint32_t errors_ = 0;
  std::uint32_t auth_failures_ = 0;
  std::uint32_t idle_commands_ = 0;
};

}  // namespace veredus::doors::pop3
