#include "work/smtpclient/transaction.h"

#include <algorithm>
#include <string_view>
#include <utility>

#include "base/codec/ascii.h"
#include "wire/smtp/client_command.h"

namespace veredus::work::smtpclient {

using Kind = RecipientOutcome::Kind;
using Step = Transaction::Step;
using wire::smtp::Reply;

namespace {

// RFC 2920 s3.1: what is sent before a reply is read must fit the windows of TCP, and so must the replies.
constexpr std::size_t kGroupRecipients = 100;

/// Whether `text` holds `word`, in any case.
bool mentions(std::string_view text, std::string_view word) {
  const auto same = [](char a, char b) { return base::codec::to_lower_ascii(a) == b; };
  return std::search(text.begin(), text.end(), word.begin(), word.end(), same) != text.end();
}

Kind kind_of(const Reply& reply) {
  if (reply.permanent()) return Kind::kRefused;
  return reply.positive() ? Kind::kDelivered : Kind::kDeferred;
}

}  // namespace

Transaction::Transaction(const Outgoing& message, const Plan& plan, const PeerDetails& peer, Protocol protocol,
                         Before before, std::uint64_t octets)
    : message_(&message), plan_(&plan), peer_(&peer), protocol_(protocol), before_(before), octets_(octets) {
  const auto count = message.recipients.size();
  result_.recipients.resize(count);
  wanted_.reserve(count);
  for (std::uint32_t i = 0; i < count; ++i) {
    result_.recipients[i].peer_speaks_dsn = plan.dsn;
    const bool unsendable =
        !plan.rewritten.empty() && !plan.rewritten[i] && needs_smtputf8(message.recipients[i].address);
    if (unsendable) {
      result_.recipients[i].kind = Kind::kRefused;
      result_.recipients[i].reply = address_refusal();
      result_.lack = Lack::kSmtpUtf8;
    } else if (wanted_.size() < plan.max_recipients) {
      wanted_.push_back(i);
    }
  }
  awaited_.reserve(wanted_.size() + 4);
  accepted_.reserve(wanted_.size());
  done_ = wanted_.empty();
}

Step Transaction::step() const {
  if (done_) return Step::kDone;
  if (answered_ < awaited_.size()) return Step::kReplies;
  if (!mail_said_) return Step::kCommands;
  if (!mail_refused_ && asked_ < wanted_.size()) return Step::kCommands;
  if (!data_said_) return accepted_.empty() ? Step::kDone : Step::kCommands;
  if (!data_open_) return Step::kDone;
  // RFC 2920 s3.1: DATA may be taken although nobody is there to get the message.
  return accepted_.empty() ? Step::kEmptyBody : Step::kBody;
}

// ---- what is said

void Transaction::commands(std::string& out) {
  const bool all_at_once = plan_->pipelined;
  if (before_ == Before::kReset) {
    out.append("RSET\r\n");
    awaited_.push_back({Verb::kReset});
    before_ = Before::kNothing;
    if (!all_at_once) return;
  }
  if (!mail_said_) {
    const auto& sender = plan_->sender ? plan_->sender : message_->sender;
    append_mail_from(out, sender ? &*sender : nullptr, plan_->parameters);
    awaited_.push_back({Verb::kMail});
    mail_said_ = true;
    if (!all_at_once) return;
  }
  const auto end = std::min(wanted_.size(), asked_ + (all_at_once ? kGroupRecipients : 1));
  const bool asks = asked_ < end;
  while (asked_ < end) say_recipient(out, wanted_[asked_++]);
  if (asks && (!all_at_once || asked_ < wanted_.size())) return;
  // A BDAT that is not part of the envelope's write waits for its replies.
  if (asks && plan_->transfer == Transfer::kChunk) return;
  say_message(out);
}

void Transaction::say_recipient(std::string& out, std::uint32_t index) {
  const auto& recipient = message_->recipients[index];
  const bool rewritten = !plan_->rewritten.empty() && plan_->rewritten[index];
  const auto& address = rewritten ? *plan_->rewritten[index] : recipient.address;
  append_rcpt_to(out, address, plan_->dsn && recipient.notify ? &*recipient.notify : nullptr,
                 plan_->dsn && recipient.original ? &*recipient.original : nullptr);
  awaited_.push_back({Verb::kRecipient, index});
}

void Transaction::say_message(std::string& out) {
  data_said_ = true;
  if (plan_->transfer == Transfer::kData) {
    out.append("DATA\r\n");
    awaited_.push_back({Verb::kData});
    return;
  }
  out.append("BDAT ").append(std::to_string(octets_)).append(" LAST\r\n");  // RFC 3030 s2
  data_open_ = true;
}

void Transaction::body_sent() {
  sent_ = true;
  awaited_.push_back({Verb::kEnd});
}

// ---- what is answered

Stage Transaction::stage() const {
  if (answered_ == awaited_.size()) return data_open_ ? Stage::kBody : mail_said_ ? Stage::kRecipient : Stage::kMail;
  switch (awaited_[answered_].verb) {
    case Verb::kReset:
    case Verb::kMail:
      return Stage::kMail;
    case Verb::kRecipient:
      return Stage::kRecipient;
    case Verb::kData:
      return Stage::kData;
    case Verb::kEnd:
      return Stage::kFinal;
  }
  return Stage::kMail;
}

void Transaction::take(Reply reply) {
  const auto awaited = awaited_[answered_];
  if (reply.code == 421) return peer_closes(awaited.verb, reply);
  const bool go_on = reply.code / 100 == 3;
  if (go_on != (awaited.verb == Verb::kData && reply.positive())) return broke(ConnectionError::kProtocol);
  if (awaited.verb != Verb::kEnd) ++answered_;  // the end may have several
  switch (awaited.verb) {
    case Verb::kReset:
      if (!reply.positive()) broke(ConnectionError::kProtocol);  // RFC 5321 s4.1.1.5: it cannot fail
      return;
    case Verb::kMail:
      return mail_answered(reply);
    case Verb::kRecipient:
      return recipient_answered(awaited.recipient, reply);
    case Verb::kData:
      return data_answered(reply);
    case Verb::kEnd:
      return end_answered(reply);
  }
}

void Transaction::settle(std::uint32_t recipient, const Reply& reply) {
  auto& outcome = result_.recipients[recipient];
  outcome.kind = kind_of(reply);
  outcome.reply = reply;
  outcome.said_by = peer_->host_name;
}

void Transaction::settle_accepted(const Reply& reply) {
  for (auto i = ended_; i < accepted_.size(); ++i) settle(accepted_[i], reply);
  ended_ = accepted_.size();
}

void Transaction::mail_answered(const Reply& reply) {
  mail_accepted_ = reply.positive();
  mail_refused_ = !mail_accepted_;
  if (mail_refused_)
    for (const auto recipient : wanted_) settle(recipient, reply);
}

/// RFC 5321 s4.5.3.1.10: 452, and 552 of old servers, says that the others belong into another transaction; but both
/// have other meanings too.
bool Transaction::over_recipient_limit(const Reply& reply) const {
  if (accepted_.empty() || (reply.code != 452 && reply.code != 552)) return false;
  if (reply.status.klass != 0) return reply.status.subject == 5 && reply.status.detail == 3;
  return mentions(reply.text, "too many") || mentions(reply.text, "recipients");
}

void Transaction::recipient_answered(std::uint32_t index, const Reply& reply) {
  if (mail_refused_) return;  // pipelined behind it: "need MAIL first"
  if (reply.positive()) {
    accepted_.push_back(index);
    return;
  }
  settle(index, reply);
  if (over_recipient_limit(reply)) result_.recipients[index].kind = Kind::kNotTried;
}

void Transaction::data_answered(const Reply& reply) {
  data_open_ = reply.positive();
  if (!data_open_) settle_accepted(reply);
}

void Transaction::end_answered(const Reply& reply) {
  // RFC 2033 s4.2: LMTP has one reply for each recipient it took.
  if (protocol_ == Protocol::kLmtp && !accepted_.empty())
    settle(accepted_[ended_++], reply);
  else
    settle_accepted(reply);
  if (ended_ < accepted_.size()) return;
  ++answered_;
  done_ = true;
  // RFC 3030 s2: after a chunk that failed, what the server holds is unclear until RSET.
  mail_accepted_ = plan_->transfer != Transfer::kData && protocol_ == Protocol::kSmtp && !reply.positive();
}

/// RFC 5321 s3.8: it ends the session, and takes nothing that it has not taken.
void Transaction::peer_closes(Verb verb, const Reply& reply) {
  if (verb == Verb::kEnd) {
    settle_accepted(reply);
  } else {
    for (const auto recipient : wanted_) {
      auto& outcome = result_.recipients[recipient];
      if (outcome.kind != Kind::kNotTried) continue;
      outcome.reply = reply;
      outcome.said_by = peer_->host_name;
    }
  }
  result_.stage = stage();
  result_.broken = ConnectionError::kClosing;
  done_ = true;
}

void Transaction::broke(ConnectionError error) {
  if (done_) return;
  result_.stage = stage();
  result_.broken = error;
  done_ = true;
  if (!sent_ || mail_refused_) return;
  // All of the message is on its way; whoever was not refused may get it.
  const auto undecided = [&](std::uint32_t index) {
    const auto& outcome = result_.recipients[index];
    return outcome.kind == Kind::kNotTried && outcome.reply.code == 0;
  };
  const bool all_answered = answered_ < awaited_.size() && awaited_[answered_].verb == Verb::kEnd;
  result_.uncertain = all_answered ? ended_ < accepted_.size() : std::ranges::any_of(wanted_, undecided);
}

}  // namespace veredus::work::smtpclient
