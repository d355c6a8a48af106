#include <string>
#include <utility>

#include "base/codec/ascii.h"
#include "doors/smtp/authentication.h"
#include "doors/smtp/replies.h"
#include "doors/smtp/session.h"

namespace veredus::doors::smtp {

using wire::smtp::HelloKind;
using wire::smtp::make_plain_reply;
using wire::smtp::make_reply;

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
  if (options_->offer_tls && !tls_) text += "\nSTARTTLS";
  if (may_authenticate()) {
    text += "\nAUTH";
    const auto protection =
        channel_bindings_.empty() ? wire::sasl::Protection::kEncrypted : wire::sasl::Protection::kEncryptedWithBinding;
    for (const auto mechanism : wire::sasl::mechanisms(protection)) text.append(" ").append(mechanism);
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
