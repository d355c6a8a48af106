#include <algorithm>
#include <utility>

#include "base/types/clock.h"
#include "doors/smtp/session.h"

namespace veredus::doors::smtp {

using wire::smtp::make_reply;
using wire::smtp::Reply;

namespace {

Reply gate_reply(GateVerdict verdict, const std::string& hostname) {
  switch (verdict) {
    case GateVerdict::kOpen:
      return make_reply(250, 1, 0, "Sender OK");
    case GateVerdict::kStoreUnwritable:
      return make_reply(452, 3, 1, "Mail cannot be stored now, try again later");
    case GateVerdict::kTooFast:
      return make_reply(421, 7, 0, "Too many messages, try again later");
    case GateVerdict::kStopping:
      return make_reply(421, 3, 2, hostname + " is shutting down");
    case GateVerdict::kSenderNotOwned:
      return make_reply(553, 7, 1, "Sender address is not yours");
  }
  return make_reply(451, 3, 0, "Try again later");
}

/// RFC 4865 s3: both forms as a moment; nullopt: at once, or there is no clock.
std::optional<SystemTime> held_until(const wire::smtp::MailFrom& mail, const Clock* clock) {
  if (clock == nullptr) return std::nullopt;
  if (mail.hold_for) return clock->now() + *mail.hold_for;
  return mail.hold_until;
}

}  // namespace

/// Whether messages may be submitted here for later.
bool Session::may_hold() const { return options_->role == Role::kSubmission && options_->clock != nullptr; }

/// The rules of MAIL that need to ask nobody.
std::optional<Reply> Session::objection(const wire::smtp::MailFrom& mail) const {
  if (auto refusal = out_of_order()) return refusal;
  if (transaction_) return make_reply(503, 5, 1, "Nested MAIL command");
  if (options_->role == Role::kSubmission && !login_) {  // RFC 6409 s4.3, RFC 4954 s6
    const bool tls_first = options_->offer_tls && !may_authenticate();
    return make_reply(530, 7, 0, tls_first ? "Use STARTTLS and AUTH first" : "Authentication required");
  }
  if (mail.extended && greeted_ == wire::smtp::HelloKind::kHelo)  // RFC 5321 s2.2.1
    return make_reply(555, 5, 4, "Parameters need EHLO");
  if (mail.sender && needs_smtputf8(*mail.sender) && !mail.smtputf8)  // RFC 6531 s3.5
    return make_reply(553, 6, 7, "This address needs SMTPUTF8");
  if (mail.size.value_or(0) > options_->max_message_octets)  // RFC 1870 s6.1
    return make_reply(552, 3, 4, "Message is larger than " + std::to_string(options_->max_message_octets) + " octets");
  return objection_to_demands(mail);
}

/// What is asked of the delivery, by the extensions' own rules.
std::optional<Reply> Session::objection_to_demands(const wire::smtp::MailFrom& mail) const {
  if (!mail.extended) return std::nullopt;
  if (mail.require_tls && !tls_)  // RFC 8689 s2: only where it was offered, within TLS
    return make_reply(530, 7, 10, "REQUIRETLS needs TLS");
  return objection_to_hold(mail);
}

/// RFC 4865 s4.2: for submissions alone.
std::optional<Reply> Session::objection_to_hold(const wire::smtp::MailFrom& mail) const {
  const auto until = held_until(mail, options_->clock);
  if (!mail.hold_for && !mail.hold_until) return std::nullopt;
  if (!may_hold() || !login_) return make_reply(555, 5, 4, "Messages cannot be held here");
  const auto now = options_->clock->now();
  if (*until > now + options_->max_hold) return make_reply(501, 5, 4, "That is too far in the future");
  // RFC 2852 s4: the time runs from now on.
  if (mail.deliver_by && now + std::chrono::seconds(mail.deliver_by->seconds) < *until)
    return make_reply(501, 5, 4, "The message would be held beyond the time to deliver it by");
  return std::nullopt;
}

/// RFC 6710 s4.1: nobody gets ahead of others without having authenticated.
std::int8_t Session::granted_priority(std::int8_t asked) const {
  return login_ ? asked : std::min(asked, std::int8_t{0});
}

Step Session::on(wire::smtp::MailFrom& mail) {
  if (auto refusal = objection(mail)) return object(*refusal);
  if (messages_ >= options_->max_messages)  // RFC 9422 s5.1
    return end(make_reply(421, 7, 0, "Too many messages in one session"), "too many messages");
  AskGate question{mail.sender, std::nullopt};
  if (login_) question.login = login_->account;
  transaction_ = std::make_unique<Transaction>();
  transaction_->hold_until = held_until(mail, options_->clock);
  transaction_->mail = std::move(mail);
  return question;
}

Step Session::gate_answered(GateVerdict verdict) {
  const auto reply = gate_reply(verdict, options_->hostname);
  if (verdict == GateVerdict::kOpen) {
    const auto asked = transaction_->mail.priority.value_or(0);
    const auto granted = granted_priority(asked);
    if (granted == asked) return answer(reply);
    transaction_->mail.priority = granted;  // RFC 6710 s4.1: the text begins with what it is now
    return answer(make_reply(250, 3, 6, std::to_string(granted) + " is the new priority assigned to the message"));
  }
  transaction_.reset();
  if (verdict == GateVerdict::kTooFast) return end(reply, "too many messages");
  if (verdict == GateVerdict::kStopping) return end(reply, "shutting down");
  if (verdict == GateVerdict::kSenderNotOwned) return object(reply);
  return answer(reply);
}

/// The rules of RCPT that need to ask nobody.
std::optional<Reply> Session::objection(const wire::smtp::RcptTo& rcpt) const {
  if (auto refusal = out_of_order()) return refusal;
  if (!transaction_ || transaction_->receiving != Transaction::Receiving::kNothing)
    return make_reply(503, 5, 1, "Say MAIL first");
  if (rcpt.extended && greeted_ == wire::smtp::HelloKind::kHelo) return make_reply(555, 5, 4, "Parameters need EHLO");
  if (needs_smtputf8(rcpt.recipient) && !transaction_->mail.smtputf8)  // RFC 6531 s3.5
    return make_reply(553, 6, 7, "This address needs SMTPUTF8");
  return std::nullopt;
}

Step Session::on(wire::smtp::RcptTo& rcpt) {
  if (auto refusal = objection(rcpt)) return object(*refusal);
  if (transaction_->recipients.size() >= options_->max_recipients)  // RFC 5321 s4.5.3.1.10, RFC 9422 s5.2
    return answer(make_reply(452, 5, 3, "Too many recipients"));
  work::delivery::RouteQuery query;
  query.recipient = rcpt.recipient;
  query.asker = login_ ? work::delivery::Asker::kAuthenticated : work::delivery::Asker::kStranger;
  query.declared_octets = transaction_->mail.size.value_or(0);
  if (transaction_->mail.sender) query.sender = &*transaction_->mail.sender;
  if (login_) query.submitter = login_->account;
  transaction_->asked = std::move(rcpt);
  return Route{std::move(query)};
}

Step Session::routed(work::delivery::Verdict verdict) {
  auto rcpt = *std::exchange(transaction_->asked, std::nullopt);
  if (!verdict) {
    ++transaction_->refused;
    const auto reply = work::delivery::reply_for(verdict.error(), rcpt.recipient);
    return reply.permanent() ? object(reply) : answer(reply);
  }
  work::delivery::Recipient recipient;
  recipient.address = std::move(rcpt.recipient);
  recipient.targets = std::move(verdict->local);
  recipient.remote = std::move(verdict->remote);
  recipient.returned = std::move(verdict->returned);
  recipient.own_mailbox = verdict->own_mailbox;
  recipient.notify = rcpt.notify;
  recipient.original = std::move(rcpt.original);
  transaction_->recipients.push_back(std::move(recipient));
  return answer(make_reply(250, 1, 5, "Recipient OK"));
}

}  // namespace veredus::doors::smtp
