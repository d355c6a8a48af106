#include <gtest/gtest.h>

#include <algorithm>
#include <deque>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "base/codec/ascii.h"
#include "base/types/clock.h"
#include "dialogs/script.h"
#include "doors/smtp/incoming_message.h"
#include "doors/smtp/session.h"
#include "doors/smtp/submission_header.h"
#include "wire/smtp/reply.h"

namespace veredus::doors::smtp {
namespace {

using base::codec::iequals_ascii;
using state::directory::Login;
using work::delivery::Refusal;

const std::string kAlicePassword = "correct horse battery";
const std::string kBobPassword = "staple of the stable";

/// A server of three accounts in memory: performs a session's steps without any I/O.
class MemoryServer {
 public:
  SessionOptions options;
  GateVerdict gate_verdict = GateVerdict::kOpen;
  std::vector<std::string> stored;

  MemoryServer() { options.clock = &clock_; }

  void connect(bool tls) {
    PeerFacts peer;
    peer.tls = tls;
    session_.emplace(&options, std::move(peer));
    input_.clear();
    closed_ = false;
    proceed(session_->start());
  }

  void send(std::string_view octets) {
    input_ += octets;
    proceed(step_);
  }
  void shake_hands() { proceed(session_->tls_started({})); }
  void stop() { proceed(session_->stop()); }
  void time_out() { proceed(session_->time_out()); }

  std::string take_output() { return std::exchange(output_, {}); }
  [[nodiscard]] bool closed() const { return closed_; }
  [[nodiscard]] bool wants_tls() const { return std::holds_alternative<StartTls>(step_); }

 private:
  /// Performs steps until one needs input that has not come.
  void proceed(Step step) {
    step_ = std::move(step);
    while (true) {
      output_ += session_->replies();
      session_->clear_replies();
      auto next = std::visit([this](auto& todo) { return perform(todo); }, step_);
      if (!session_->in_transaction()) message_.reset();
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
    if (!line.ends_with("\r\n"))
      return session_->bad_line(line.contains('\r') ? LineError::kBareCr : LineError::kBareLf);
    if (line.find('\r') != line.size() - 2) return session_->bad_line(LineError::kBareCr);
    return session_->line(std::string_view(line).substr(0, line.size() - 2));
  }

  std::optional<Step> perform(AskGate& question) {
    const bool foreign = question.login && question.sender && !owns(*question.login, *question.sender);
    return session_->gate_answered(foreign ? GateVerdict::kSenderNotOwned : gate_verdict);
  }

  std::optional<Step> perform(Route& route) {
    const auto& recipient = route.query.recipient;
    const bool ours = recipient.domain.empty() || iequals_ascii(recipient.domain, "demo.test");
    if (!ours) {
      if (route.query.asker != work::delivery::Asker::kAuthenticated)
        return session_->routed(std::unexpected(Refusal::kRelayingDenied));
      return session_->routed(work::delivery::Targets{.local = {}, .remote = {{.address = recipient, .route = {}}}});
    }
    if (iequals_ascii(recipient.local_part, "full")) return session_->routed(std::unexpected(Refusal::kOverQuota));
    work::delivery::Targets targets;
    const bool team = iequals_ascii(recipient.local_part, "team");
    if (team || is_postmaster(recipient) || iequals_ascii(recipient.local_part, "alice"))
      targets.local.push_back(target(1));
    if (team || iequals_ascii(recipient.local_part, "bob")) targets.local.push_back(target(2));
    if (targets.local.empty()) return session_->routed(std::unexpected(Refusal::kUnknownMailbox));
    return session_->routed(std::move(targets));
  }

  std::optional<Step> perform(CheckPassword& check) {
    const auto login = login_of(check.login.user);
    const auto& password = login && login->account == AccountId(1) ? kAlicePassword : kBobPassword;
    if (!login || check.login.password.reveal() != password)
      return session_->password_checked(std::unexpected(AuthRefusal::kWrongCredentials));
    return session_->password_checked(*login);
  }
  std::optional<Step> perform(FetchScramKeys&) { return session_->scram_keys(std::vector<base::crypto::ScramKeys>{}); }
  std::optional<Step> perform(AuthorizeScram& question) {
    const auto login = login_of(question.user);
    if (!login) return session_->password_checked(std::unexpected(AuthRefusal::kWrongCredentials));
    return session_->password_checked(*login);
  }
  std::optional<Step> perform(NoteAuthFailure&) { return session_->auth_failure_noted(); }

  std::optional<Step> perform(StartTls&) {
    input_.clear();  // RFC 3207 s4.2, as io::net::LineStream does
    return std::nullopt;
  }

  std::optional<Step> perform(BeginMessage& begin) {
    recipients_ = begin.envelope.recipients.size();
    const auto& transaction = *session_->transaction();
    IncomingMessage::Rules rules;
    rules.max_octets = options.max_message_octets;
    if (transaction.receiving == Transaction::Receiving::kChunks)
      rules.framing =
          transaction.mail.body == wire::smtp::Body::kBinaryMime ? Framing::kBinaryChunks : Framing::kChunks;
    if (session_->login()) rules.edit_header = [this](std::string_view header) { return edit_header(header); };
    message_.emplace(std::move(rules));
    octets_.clear();
    return session_->message_begun(std::nullopt);
  }

  std::optional<Step> perform(ReceiveData&) {
    const auto progress = message_->feed_data(input_);
    input_.erase(0, progress.used);
    octets_ += message_->take();
    if (!progress.ended) return std::nullopt;
    return conclude();
  }

  std::optional<Step> perform(ReceiveChunk& chunk) {
    const auto octets = std::min<std::uint64_t>(chunk.octets, input_.size());
    message_->feed_chunk(std::string_view(input_).substr(0, octets));
    input_.erase(0, octets);
    octets_ += message_->take();
    chunk.octets -= octets;
    if (chunk.octets != 0) return std::nullopt;
    if (chunk.last) return conclude();
    return session_->chunk_received(message_->refusal());
  }

  std::optional<Step> perform(SkipChunk& chunk) {
    const auto octets = std::min<std::uint64_t>(chunk.octets, input_.size());
    input_.erase(0, octets);
    chunk.octets -= octets;
    if (chunk.octets != 0) return std::nullopt;
    return session_->chunk_skipped();
  }

  std::optional<Step> perform(Close&) {
    closed_ = true;
    return std::nullopt;
  }

  Step conclude() {
    message_->finish();
    octets_ += message_->take();
    if (message_->refusal()) return session_->message_ended(std::unexpected(*message_->refusal()));
    stored.push_back(octets_);
    work::delivery::Accepted accepted;
    accepted.recipients.resize(recipients_);
    return session_->message_ended(std::move(accepted));
  }

  std::expected<std::string, wire::smtp::Reply> edit_header(std::string_view header) {
    const SubmissionFacts facts{SystemTime(), "id@mail.demo.test", to_string(*session_->transaction()->mail.sender)};
    auto completed = complete_header(header, facts);
    if (!completed)
      return std::unexpected(wire::smtp::make_reply(554, 6, 0, std::string(to_string(completed.error()))));
    for (const auto& from : completed->from) {
      if (!owns(session_->login()->account, from))
        return std::unexpected(wire::smtp::make_reply(550, 7, 1, "Not yours"));
    }
    return completed->octets;
  }

  static work::delivery::Target target(std::uint64_t account) {
    work::delivery::Target target;
    target.account = AccountId(account);
    return target;
  }
  static std::optional<Login> login_of(std::string_view user) {
    if (iequals_ascii(user, "alice@demo.test")) return Login{AccountId(1), "alice@demo.test", 0};
    if (iequals_ascii(user, "bob@demo.test")) return Login{AccountId(2), "bob@demo.test", 0};
    return std::nullopt;
  }
  static bool owns(AccountId account, const wire::smtp::Address& address) {
    const auto login = login_of(to_string(address));
    return login && login->account == account;
  }

  FixedClock clock_{SystemTime(std::chrono::hours(500'000))};
  std::optional<Session> session_;
  Step step_ = Close{};
  std::optional<IncomingMessage> message_;
  std::string octets_;
  std::size_t recipients_ = 0;
  std::string input_;
  std::string output_;
  bool closed_ = true;
};

/// Plays one script against a MemoryServer.
class Player {
 public:
  explicit Player(std::vector<test::DialogAction> actions) : actions_(std::move(actions)) {
    server_.options.hostname = "mail.demo.test";
  }

  void play() {
    for (const auto& action : actions_) {
      SCOPED_TRACE("line " + std::to_string(action.line));
      perform(action);
      if (::testing::Test::HasFailure()) return;
    }
    take_replies();
    EXPECT_TRUE(replies_.empty()) << "nobody asked for: " << to_string(replies_.front());
  }

 private:
  using Kind = test::DialogAction::Kind;

  void perform(const test::DialogAction& action) {
    if (action.kind == Kind::kDirective) return direct(action.name, action.text);
    if (!connected_) connect();
    if (action.kind == Kind::kSend) {
      ASSERT_FALSE(server_.closed()) << "the server has closed";
      ASSERT_FALSE(server_.wants_tls()) << "the server waits for TLS";
      server_.send(action.text);
    } else if (action.kind == Kind::kReply) {
      ASSERT_TRUE(next_reply()) << "no reply";
      expect_one_line(action.text);
    } else if (action.kind == Kind::kManyLines) {
      ASSERT_TRUE(next_reply()) << "no reply";
      ASSERT_EQ(std::to_string(last_.code), action.text) << to_string(last_);
    } else {
      EXPECT_EQ(has_line(action.text), action.kind == Kind::kHasLine) << to_string(last_);
    }
  }

  void expect_one_line(const std::string& text) {
    const auto written = to_string(last_);
    EXPECT_TRUE(written.starts_with(text)) << "wanted: " << text << "\ngot: " << written;
    EXPECT_EQ(std::ranges::count(written, '\n'), 1) << written;
  }

  void direct(const std::string& name, const std::string& text) {
    if (name == "role") return set_role(text);
    if (name == "memory") return;
    if (name == "set") return set(text.substr(0, text.find('=')), text.substr(text.find('=') + 1));
    if (name == "gate") return set_gate(text);
    if (name == "reconnect") return connect();
    if (!connected_) connect();
    if (name == "silence") return server_.time_out();
    if (name == "stop") return server_.stop();
    if (name == "tls") {
      ASSERT_TRUE(server_.wants_tls());
      server_.shake_hands();
    } else if (name == "auth") {
      authenticate(text);
    } else if (name == "close") {
      EXPECT_TRUE(server_.closed());
    } else if (name == "stored") {
      EXPECT_EQ(std::to_string(server_.stored.size()), text);
    } else {
      ASSERT_TRUE(name == "contains" || name == "lacks") << "no directive: " << name;
      ASSERT_FALSE(server_.stored.empty());
      const auto& message = server_.stored.back();
      EXPECT_EQ(message.contains(test::unescape(text)), name == "contains") << message;
    }
  }

  void authenticate(const std::string& who) {
    const auto& password = who == "alice" ? kAlicePassword : kBobPassword;
    const auto response = std::string(1, '\0') + who + "@demo.test" + std::string(1, '\0') + password;
    server_.send("AUTH PLAIN " + base::codec::base64_encode(response) + "\r\n");
    ASSERT_TRUE(next_reply());
    ASSERT_EQ(last_.code, 235);
  }

  void set_role(const std::string& text) {
    auto& options = server_.options;
    options.role = text == "mx" ? Role::kMx : text == "lmtp" ? Role::kLmtp : Role::kSubmission;
    options.offer_auth = options.role == Role::kSubmission;
    options.offer_tls = options.role != Role::kLmtp;
    tls_ = text == "submissions";
  }

  void set(const std::string& name, const std::string& value) {
    auto& options = server_.options;
    if (name == "helo_check") {
      options.helo_check = value == "any"      ? HeloCheck::kAnyWord
                           : value == "syntax" ? HeloCheck::kSyntax
                                               : HeloCheck::kNotOurName;
      return;
    }
    if (name == "auth" || name == "tls") {
      (name == "auth" ? options.offer_auth : options.offer_tls) = value == "on";
      return;
    }
    const auto number = static_cast<std::uint32_t>(std::stoul(value));
    if (name == "max_errors") options.max_errors = number;
    if (name == "max_recipients") options.max_recipients = number;
    if (name == "max_messages") options.max_messages = number;
    if (name == "max_message_octets") options.max_message_octets = number;
    if (name == "max_idle_commands") options.max_idle_commands = number;
    if (name == "max_auth_failures") options.max_auth_failures = number;
  }

  void set_gate(const std::string& text) {
    server_.gate_verdict = text == "unwritable" ? GateVerdict::kStoreUnwritable
                           : text == "too_fast" ? GateVerdict::kTooFast
                           : text == "stopping" ? GateVerdict::kStopping
                                                : GateVerdict::kOpen;
  }

  void connect() {
    take_replies();
    EXPECT_TRUE(replies_.empty()) << "nobody asked for: " << to_string(replies_.front());
    connected_ = true;
    server_.connect(tls_);
  }

  void take_replies() {
    const auto output = server_.take_output();
    std::string_view rest = output;
    while (!rest.empty()) {
      const auto end = rest.find("\r\n");
      ASSERT_NE(end, std::string_view::npos);
      const auto reply = reader_.feed(rest.substr(0, end));
      ASSERT_TRUE(reply) << rest;
      if (*reply) replies_.push_back(**reply);
      rest.remove_prefix(end + 2);
    }
  }

  bool next_reply() {
    take_replies();
    if (replies_.empty()) return false;
    last_ = std::move(replies_.front());
    replies_.pop_front();
    return true;
  }

  [[nodiscard]] bool has_line(std::string_view text) const {
    return ("\n" + last_.text).contains("\n" + std::string(text));
  }

  std::vector<test::DialogAction> actions_;
  MemoryServer server_;
  bool connected_ = false;
  bool tls_ = false;
  wire::smtp::ReplyReader reader_;
  std::deque<wire::smtp::Reply> replies_;
  wire::smtp::Reply last_;
};

std::string plain(std::string_view user, std::string_view password) {
  return base::codec::base64_encode('\0' + std::string(user) + '\0' + std::string(password));
}

std::vector<std::filesystem::path> dialogs() {
  std::vector<std::filesystem::path> paths;
  for (const auto& entry : std::filesystem::directory_iterator(VEREDUS_SOURCE_DIR "/test/dialogs/smtp")) {
    if (entry.path().extension() == ".dlg") paths.push_back(entry.path());
  }
  std::ranges::sort(paths);
  return paths;
}

class Dialog : public ::testing::TestWithParam<std::filesystem::path> {};

TEST_P(Dialog, GoesAsWritten) {
  const test::DialogVariables variables = {
      {"alice_password", kAlicePassword},
      {"bob_password", kBobPassword},
      {"alice_password_b64", base::codec::base64_encode(kAlicePassword)},
      {"bob_password_b64", base::codec::base64_encode(kBobPassword)},
      {"alice_plain", plain("alice@demo.test", kAlicePassword)},
      {"bob_plain", plain("bob@demo.test", kBobPassword)},
      {"size", std::to_string(SessionOptions{}.max_message_octets)},
  };
  Player player(test::read_dialog(GetParam().string(), variables));
  player.play();
}

INSTANTIATE_TEST_SUITE_P(Smtp, Dialog, ::testing::ValuesIn(dialogs()),
                         [](const auto& info) { return info.param.stem().string(); });

}  // namespace
}  // namespace veredus::doors::smtp
