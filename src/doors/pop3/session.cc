#include "doors/pop3/session.h"

#include <fmt/format.h>

#include "base/codec/ascii.h"
#include "wire/sasl/response_line.h"

namespace veredus::doors::pop3 {

namespace {

// RFC 2449 s4 allows 255 octets. More is taken, so that long passwords and first responses fit.
constexpr std::size_t kMaxCommandOctets = 2048;
constexpr std::size_t kMaxResponseOctets = wire::sasl::kMaxResponseLineOctets + 2;

}  // namespace

Session::Session(const SessionOptions* options, PeerFacts peer)
    : options_(options),
      channel_bindings_(std::move(peer.channel_bindings)),
      local_machine_(peer.local_machine),
      tls_(peer.tls) {}
Session::Session(Session&&) noexcept = default;
Session::~Session() = default;

void Session::clear_replies() {
  replies_.clear();
  if (replies_.capacity() > 4096) replies_.shrink_to_fit();
}

void Session::say(std::string_view status, std::string_view text) {
  replies_.append(status).append(text).append("\r\n");
}

Step Session::next() { return ReadLine{in_exchange() ? kMaxResponseOctets : kMaxCommandOctets}; }

Step Session::ok(std::string_view text) {
  idle_commands_ = 0;
  say("+OK ", text);
  return next();
}

Step Session::object(std::string_view text) {
  if (++errors_ >= options_->max_errors) return end("-ERR Too many errors", "too many errors");
  say("-ERR ", text);
  return next();
}

Step Session::idle_answer(std::string_view text) {
  if (++idle_commands_ > options_->max_idle_commands)
    return end("-ERR Too many idle commands", "too many idle commands");
  say("+OK ", text);
  return next();
}

Step Session::end(std::string_view reply, std::string_view why) {
  say(reply, {});
  return Close{why};
}

Step Session::start() {
  say("+OK ", fmt::format("{} POP3 server ready", options_->hostname));
  return next();
}

Step Session::refuse(std::string_view text, std::string_view why) {
  say("-ERR ", text);
  return Close{why};
}

Step Session::stop() { return end("-ERR [SYS/TEMP] Server is stopping", "stopping"); }

Step Session::time_out() { return end("-ERR Silent for too long", "timeout"); }  // RFC 1939 s3: nothing is deleted

Step Session::bad_line(LineError error) {
  attempt_.reset();
  switch (error) {
    case LineError::kTooLong:
      return object("Line is too long");
    case LineError::kBareLf:
      return object("Bare LF in line");
    case LineError::kBareCr:
      return object("Bare CR in line");
  }
  return object("Bad line");
}

Step Session::line(std::string_view line) {
  if (in_exchange()) return follow(attempt_->response(line));
  const auto command = parse_command(line);
  if (!command) return object(to_string(command.error()));
  return obey(*command);
}

Step Session::obey(const Command& command) {
  switch (command.verb) {
    case Verb::kQuit:
      return quit();
    case Verb::kCapa: {
      auto step = idle_answer("Capabilities follow");
      if (std::holds_alternative<ReadLine>(step)) replies_.append(capabilities()).append(".\r\n");
      return step;
    }
    case Verb::kLang:
      return language(command.text);
    default:
      return logged_in() ? obey_in_transaction(command) : obey_in_authorization(command);
  }
}

Step Session::obey_in_authorization(const Command& command) {
  switch (command.verb) {
    case Verb::kUser:
      return user(command.text);
    case Verb::kPass:
      return pass(command.text);
    case Verb::kAuth:
      return auth(command);
    case Verb::kStls:
      return start_tls();
    case Verb::kUtf8:  // RFC 6856 s3.1
      utf8_ = true;
      return idle_answer("UTF-8 enabled");
    case Verb::kNoop:
      return idle_answer("");  // harmless, although RFC 1939 s5 has it after the login only
    default:
      return object("Log in first");
  }
}

Step Session::obey_in_transaction(const Command& command) {
  switch (command.verb) {
    case Verb::kStat:
      return stat();
    case Verb::kList:
      return list(command);
    case Verb::kUidl:
      return unique_ids(command);
    case Verb::kRetr:
    case Verb::kTop:
      return retrieve(command);
    case Verb::kDele:
      return remove(command);
    case Verb::kRset:
      return reset();
    case Verb::kNoop:
      return idle_answer("");
    default:
      return object("Already logged in");
  }
}

Step Session::quit() {
  if (!logged_in()) return end("+OK Bye", "quit");
  auto uids = maildrop_->deleted();
  if (uids.empty()) return end("+OK Bye", "quit");
  return RemoveMessages{std::move(uids)};  // RFC 1939 s6: the UPDATE state
}

Step Session::messages_removed(bool all_removed) {
  if (!all_removed) return end("-ERR [SYS/TEMP] Some deleted messages were not removed", "quit, removal failed");
  return end("+OK Bye, deleted messages are removed", "quit");
}

/// RFC 6856 s3.2: replies come in English alone.
Step Session::language(std::string_view tag) {
  if (tag.empty()) {
    auto step = idle_answer("Languages follow");
    if (std::holds_alternative<ReadLine>(step)) replies_.append("en English\r\n.\r\n");
    return step;
  }
  using base::codec::iequals_ascii;
  if (tag == "*" || iequals_ascii(tag, "en") || iequals_ascii(tag, "i-default") ||
      base::codec::istarts_with_ascii(tag, "en-"))
    return idle_answer("en Replies are in English");
  return object("Only English is spoken here");
}

/// RFC 2449 s6, RFC 2595 s4, RFC 3206 s4, RFC 5034 s3, RFC 6856 s2 and s3.
std::string Session::capabilities() const {
  std::string out =
      "TOP\r\nUIDL\r\nRESP-CODES\r\nAUTH-RESP-CODE\r\nPIPELINING\r\nUTF8 USER\r\nLANG\r\nEXPIRE NEVER\r\n";
  if (!logged_in() && options_->offer_tls && !tls_) out.append("STLS\r\n");
  if (may_authenticate()) {
    out.append("USER\r\nSASL");
    for (const auto name : work::login::offered_mechanisms(channel_bindings_)) out.append(" ").append(name);
    out.append("\r\n");
  }
  if (options_->login_delay.count() > 0) out.append(fmt::format("LOGIN-DELAY {}\r\n", options_->login_delay.count()));
  if (logged_in()) out.append("IMPLEMENTATION ").append(options_->implementation).append("\r\n");
  return out;
}

std::string_view to_string(OpenRefusal refusal) {
  switch (refusal) {
    case OpenRefusal::kInUse:
      return "in use";
    case OpenRefusal::kLoginDelay:
      return "login delay";
    case OpenRefusal::kTemporary:
      return "temporary failure";
    case OpenRefusal::kPermanent:
      return "permanent failure";
  }
  return "unknown";
}

}  // namespace veredus::doors::pop3
