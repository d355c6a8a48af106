#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "base/codec/ascii.h"
#include "dialogs/script.h"
#include "doors/pop3/message_stream.h"
#include "doors/pop3/session.h"

namespace veredus::doors::pop3 {
namespace {

using base::codec::iequals_ascii;
using state::directory::Login;

const std::string kAlicePassword = "correct horse battery";
constexpr AccountId kAlice{1};

/// A server with one account in memory: performs a session's steps without any I/O.
class MemoryServer {
 public:
  SessionOptions options;
  bool tls_at_once = false;
  bool local_machine = false;
  std::optional<AuthRefusal> refuse_login;
  std::optional<OpenRefusal> refuse_maildrop;
  bool removal_fails = false;
  std::optional<SendFailure> send_failure;

  struct Stored {
    std::uint32_t uid;
    std::string octets;
  };
  std::vector<Stored> inbox;

  void deliver(std::string octets) { inbox.push_back({next_uid_++, std::move(octets)}); }
  void removed_elsewhere(std::uint32_t uid) {
    std::erase_if(inbox, [&](const Stored& message) { return message.uid == uid; });
    removed_.add(Uid(uid));
    ++modseq_;
  }

  void connect() {
    session_.emplace(&options, PeerFacts{.local_machine = local_machine, .tls = tls_at_once, .channel_bindings = {}});
    input_.clear();
    closed_ = false;
    proceed(session_->start());
  }
  void send(std::string_view octets) {
    input_ += octets;
    proceed(std::move(step_));
  }
  void shake_hands() { proceed(session_->tls_started({})); }
  void stop() { proceed(session_->stop()); }
  void time_out() { proceed(session_->time_out()); }

  std::string output;
  [[nodiscard]] bool closed() const { return closed_; }
  [[nodiscard]] bool wants_tls() const { return std::holds_alternative<StartTls>(step_); }

 private:
  /// Performs steps until one needs input that has not come.
  void proceed(Step step) {
    step_ = std::move(step);
    while (true) {
      output += session_->replies();
      session_->clear_replies();
      auto next = std::visit([this](auto& todo) { return perform(todo); }, step_);
      if (!next) return;
      step_ = *std::move(next);
    }
  }

  std::optional<Step> perform(ReadLine& read) {
    const auto end = input_.find('\n');
    if (end == std::string::npos) return std::nullopt;
    const auto line = input_.substr(0, end + 1);
    input_.erase(0, end + 1);
    if (line.size() > read.max_octets) return session_->bad_line(LineError::kTooLong);
    if (!line.ends_with("\r\n")) return session_->bad_line(LineError::kBareLf);
    if (line.find('\r') != line.size() - 2) return session_->bad_line(LineError::kBareCr);
    return session_->line(std::string_view(line).substr(0, line.size() - 2));
  }
  std::optional<Step> perform(CheckPassword& check) {
    if (refuse_login) return session_->password_checked(std::unexpected(*refuse_login));
    if (!iequals_ascii(check.login.user, "alice@demo.test") || check.login.password.reveal() != kAlicePassword)
      return session_->password_checked(std::unexpected(AuthRefusal::kWrongCredentials));
    return session_->password_checked(Login{.account = kAlice, .address = "alice@demo.test"});
  }
  std::optional<Step> perform(FetchScramKeys&) { return session_->scram_keys(std::vector<base::crypto::ScramKeys>{}); }
  std::optional<Step> perform(AuthorizeScram&) {
    return session_->password_checked(std::unexpected(AuthRefusal::kWrongCredentials));
  }
  std::optional<Step> perform(NoteAuthFailure&) { return session_->auth_failure_noted(); }
  std::optional<Step> perform(OpenMaildrop& open) {
    if (refuse_maildrop) return session_->maildrop_opened(std::unexpected(*refuse_maildrop));
    Maildrop drop(open.account, UidValidity(0x65), ModSeq(modseq_));
    for (const auto& message : inbox)
      drop.add({.uid = Uid(message.uid), .body = {.email = EmailId(message.uid), .octets = message.octets.size()}});
    removed_ = {};
    return session_->maildrop_opened(std::move(drop));
  }
  std::optional<Step> perform(LookForRemovals&) { return session_->removals_seen(removed_, ModSeq(modseq_)); }
  std::optional<Step> perform(SendMessage& send) {
    if (send_failure) return session_->message_sent(*send_failure);
    const auto at = std::ranges::find(inbox, send.body.email.value, [](const Stored& m) { return m.uid; });
    MessageStream stream = send.body_lines ? MessageStream(*send.body_lines) : MessageStream();
    output += send.first_line + stream.feed(at->octets) + stream.finish();
    return session_->message_sent(std::nullopt);
  }
  std::optional<Step> perform(StartTls&) {
    input_.clear();  // RFC 2595 s4, as io::net::LineStream does
    return std::nullopt;
  }
  std::optional<Step> perform(RemoveMessages& remove) {
    if (removal_fails) return session_->messages_removed(false);
    std::erase_if(inbox, [&](const Stored& message) { return remove.uids.contains(Uid(message.uid)); });
    return session_->messages_removed(true);
  }
  std::optional<Step> perform(Close&) {
    closed_ = true;
    return std::nullopt;
  }

  std::optional<Session> session_;
  Step step_ = Close{};
  std::string input_;
  state::mailbox::UidSet removed_;
  std::uint64_t modseq_ = 1;
  std::uint32_t next_uid_ = 1;
  bool closed_ = true;
};

/// Plays one script against a MemoryServer.
class Player {
 public:
  explicit Player(std::vector<test::DialogAction> actions) : actions_(std::move(actions)) {
    server_.options.hostname = "mail.demo.test";
    server_.options.offer_tls = true;
  }

  void play() {
    for (const auto& action : actions_) {
      SCOPED_TRACE("line " + std::to_string(action.line));
      perform(action);
      if (::testing::Test::HasFailure()) return;
    }
    EXPECT_EQ(server_.output, "") << "nobody asked for it";
  }

 private:
  using Kind = test::DialogAction::Kind;

  void perform(const test::DialogAction& action) {
    if (action.kind == Kind::kDirective) return direct(action.name, action.text);
    if (!connected_) connect();
    if (action.kind == Kind::kSend) {
      ASSERT_FALSE(server_.closed()) << "the server has closed";
      server_.send(action.text);
    } else if (action.kind == Kind::kReply) {
      take_line();
      EXPECT_TRUE(reply_.starts_with(action.text)) << "wanted: " << action.text << "\ngot: " << reply_;
    } else if (action.kind == Kind::kManyLines) {
      take_lines();
      EXPECT_TRUE(reply_.starts_with(action.text)) << "wanted: " << action.text << "\ngot: " << reply_;
    } else {
      const bool has = ("\n" + reply_).contains("\n" + action.text);
      EXPECT_EQ(has, action.kind == Kind::kHasLine) << action.text << "\nin: " << reply_;
    }
  }

  void take_line() {
    const auto end = server_.output.find("\r\n");
    ASSERT_NE(end, std::string::npos) << "no reply";
    reply_ = server_.output.substr(0, end);
    server_.output.erase(0, end + 2);
  }

  void take_lines() {
    const auto end = server_.output.find("\r\n.\r\n");
    ASSERT_NE(end, std::string::npos) << "no reply of many lines: " << server_.output;
    reply_ = server_.output.substr(0, end + 2);
    server_.output.erase(0, end + 5);
  }

  void direct(const std::string& name, const std::string& text) {
    if (name == "memory") return;
    if (name == "role") {
      server_.tls_at_once = text == "pop3s";
      return;
    }
    if (name == "set") return set(text.substr(0, text.find('=')), text.substr(text.find('=') + 1));
    if (name == "deliver") return server_.deliver(test::unescape(text));
    if (name == "removed") return server_.removed_elsewhere(static_cast<std::uint32_t>(std::stoul(text)));
    if (name == "inbox") {
      EXPECT_EQ(std::to_string(server_.inbox.size()), text);
      return;
    }
    if (name == "reconnect") return connect();
    if (!connected_) connect();
    if (name == "silence") return server_.time_out();
    if (name == "stop") return server_.stop();
    if (name == "close") {
      EXPECT_TRUE(server_.closed());
      return;
    }
    ASSERT_EQ(name, "tls") << "no such directive";
    ASSERT_TRUE(server_.wants_tls());
    server_.shake_hands();
  }

  void set(const std::string& name, const std::string& value) {
    auto& options = server_.options;
    if (name == "plain_auth") {
      options.plain_auth = value == "local" ? PlainAuth::kLocalMachine : PlainAuth::kNever;
    } else if (name == "peer") {
      server_.local_machine = value == "local";
    } else if (name == "tls") {
      options.offer_tls = value == "on";
    } else if (name == "login") {
      server_.refuse_login = refusal_named<AuthRefusal>(value, 5);
    } else if (name == "maildrop") {
      server_.refuse_maildrop = refusal_named<OpenRefusal>(value, 4);
    } else if (name == "removal") {
      server_.removal_fails = value == "fails";
    } else if (name == "send") {
      server_.send_failure = value == "gone"        ? std::optional(SendFailure::kGone)
                             : value == "temporary" ? std::optional(SendFailure::kTemporary)
                             : value == "permanent" ? std::optional(SendFailure::kPermanent)
                                                    : std::nullopt;
    } else {
      set_number(name, static_cast<std::uint32_t>(std::stoul(value)));
    }
  }

  void set_number(const std::string& name, std::uint32_t number) {
    auto& options = server_.options;
    if (name == "max_errors") options.max_errors = number;
    if (name == "max_auth_failures") options.max_auth_failures = number;
    if (name == "max_idle_commands") options.max_idle_commands = number;
    if (name == "login_delay") options.login_delay = std::chrono::seconds(number);
  }

  /// The refusal that calls itself so, or none.
  template <class Refusal>
  static std::optional<Refusal> refusal_named(const std::string& name, int count) {
    for (int i = 0; i < count; ++i)
      if (to_string(static_cast<Refusal>(i)) == name) return static_cast<Refusal>(i);
    return std::nullopt;
  }

  void connect() {
    EXPECT_EQ(server_.output, "") << "nobody asked for it";
    connected_ = true;
    server_.connect();
  }

  std::vector<test::DialogAction> actions_;
  MemoryServer server_;
  bool connected_ = false;
  std::string reply_;
};

std::vector<std::filesystem::path> dialogs() {
  std::vector<std::filesystem::path> paths;
  for (const auto& entry : std::filesystem::directory_iterator(VEREDUS_SOURCE_DIR "/test/dialogs/pop3")) {
    if (entry.path().extension() == ".dlg") paths.push_back(entry.path());
  }
  std::ranges::sort(paths);
  return paths;
}

class Dialog : public ::testing::TestWithParam<std::filesystem::path> {};

TEST_P(Dialog, GoesAsWritten) {
  const std::string nul(1, '\0');
  const test::DialogVariables variables = {
      {"alice_password", kAlicePassword},
      {"alice_password_b64", base::codec::base64_encode(kAlicePassword)},
      {"alice_plain", base::codec::base64_encode(nul + "alice@demo.test" + nul + kAlicePassword)},
  };
  Player player(test::read_dialog(GetParam().string(), variables));
  player.play();
}

INSTANTIATE_TEST_SUITE_P(Pop3, Dialog, ::testing::ValuesIn(dialogs()),
                         [](const auto& info) { return info.param.stem().string(); });

}  // namespace
}  // namespace veredus::doors::pop3
