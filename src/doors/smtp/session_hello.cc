#include <chrono>
#include <string>
#include <utility>

#include "base/codec/ascii.h"
#include "base/codec/date.h"
#include "base/types/clock.h"
#include "doors/smtp/replies.h"
#include "doors/smtp/session.h"

namespace veredus::doors::smtp {

using wire::smtp::HelloKind;
using wire::smtp::make_plain_reply;
using wire::smtp::make_reply;

namespace {

/// RFC 4865 s3: how long a message can be held at most, and until when.
std::string hold_limits(const SessionOptions& options) {
  const auto seconds = std::chrono::duration_cast<std::chrono::seconds>(options.max_hold);
  const auto latest = std::chrono::floor<std::chrono::seconds>(options.clock->now() + seconds);
  return "\nFUTURERELEASE " + std::to_string(seconds.count()) + " " + base::codec::format_rfc3339(latest);
}

}  // namespace

Step Session::on(const wire::smtp::Hello& hello) {
  // RFC 2033 s4.1: LHLO, and neither HELO nor EHLO; SMTP has no LHLO.
  if ((options_->role == Role::kLmtp) != (hello.kind == HelloKind::kLhlo))
    return object(make_reply(500, 5, 1, options_->role == Role::kLmtp ? "LMTP begins with LHLO" : "This is not LMTP"));
  const bool syntax = options_->helo_check != HeloCheck::kAnyWord;
  if (syntax && !hello.valid_domain) return object(reply_for(wire::smtp::CommandError::kHeloDomain, {}));
  if (options_->helo_check == HeloCheck::kNotOurName && base::codec::iequals_ascii(hello.domain, options_->hostname))
    return object(make_reply(550, 7, 1, "That is the name of this server"));

  transaction_.reset();  // RFC 5321 s4.1.4: as RSET
  greeted_ = hello.kind;
  helo_ = hello.domain;
  std::string text = options_->hostname + " greets " + helo_;
  if (hello.kind != HelloKind::kHelo) text += extensions();
  return idle_answer(make_plain_reply(250, std::move(text)));
}

/// RFC 5321 s4.1.1.1: one line for each extension.
std::string Session::extensions() const {
  // RFC 2920 s3.1: replies to a batch of commands go out together.
  std::string text = "\nPIPELINING\nSIZE " + std::to_string(options_->max_message_octets) +
                     "\n8BITMIME\nSMTPUTF8\nCHUNKING\nBINARYMIME\nENHANCEDSTATUSCODES\nDSN";
  text += "\nDELIVERBY\nMT-PRIORITY";              // RFC 2852 s4 without a least time, RFC 6710 s3
  if (tls_) text += "\nREQUIRETLS";                // RFC 8689 s2
  if (may_hold()) text += hold_limits(*options_);  // RFC 4865 s3
  if (options_->offer_tls && !tls_) text += "\nSTARTTLS";
  if (may_authenticate()) {
    text += "\nAUTH";
    for (const auto name : work::login::offered_mechanisms(channel_bindings_)) text.append(" ").append(name);
  }
  // RFC 9422 s4
  text += "\nLIMITS RCPTMAX=" + std::to_string(options_->max_recipients) +
          " MAILMAX=" + std::to_string(options_->max_messages) + "\nHELP";
  return text;
}

/// RFC 3207 s4
Step Session::on(const wire::smtp::StartTls&) {
  if (!options_->offer_tls) return object(make_reply(502, 5, 1, "TLS is not available"));
  if (tls_) return object(make_reply(503, 5, 1, "TLS is already in use"));
  if (auto refusal = out_of_order()) return object(*refusal);
  say(make_reply(220, 0, 0, "Ready to start TLS"));
  return StartTls{};
}

/// RFC 3207 s4.2: both sides forget what was said before.
Step Session::tls_started(std::vector<wire::sasl::ChannelBinding> channel_bindings) {
  tls_ = true;
  channel_bindings_ = std::move(channel_bindings);
  greeted_.reset();
  helo_.clear();
  login_.reset();
  transaction_.reset();
  return next();
}

}  // namespace veredus::doors::smtp
