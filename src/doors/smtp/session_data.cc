#include <utility>

#include "doors/smtp/session.h"

namespace veredus::doors::smtp {

using wire::smtp::make_plain_reply;
using wire::smtp::make_reply;
using wire::smtp::Reply;
using Receiving = Transaction::Receiving;

namespace {

/// RFC 4954 s5: AUTH= may say that somebody else than the sender, or nobody, vouches for the message. Others' words are
/// not passed on: what is not certain is AUTH=<>.
bool names_another(const wire::smtp::MailFrom& mail) {
  return mail.submitter && (!mail.sender || *mail.submitter != to_string(*mail.sender));
}

}  // namespace

/// RFC 5321 s3.3: a message needs a recipient that was taken.
std::optional<Reply> Session::no_recipients() const {
  if (auto refusal = out_of_order()) return refusal;
  if (!transaction_) return make_reply(503, 5, 1, "Say MAIL first");
  if (transaction_->taken != 0 || !transaction_->recipients.empty()) return std::nullopt;
  if (transaction_->refused != 0) return make_reply(554, 5, 1, "No valid recipients");
  return make_reply(503, 5, 1, "Say RCPT first");
}

Step Session::on(const wire::smtp::Data&) {
  if (auto refusal = no_recipients()) return object(*refusal);
  if (transaction_->receiving == Receiving::kChunks)  // RFC 3030 s2
    return object(make_reply(503, 5, 1, "DATA and BDAT cannot be mixed"));
  if (transaction_->mail.body == wire::smtp::Body::kBinaryMime)  // RFC 3030 s3
    return object(make_reply(503, 5, 1, "BINARYMIME needs BDAT"));
  transaction_->receiving = Receiving::kData;
  return begin_message();
}

/// RFC 3030 s2. The octets of a refused chunk follow all the same.
Step Session::on(const wire::smtp::Bdat& chunk) {
  if (auto refusal = no_recipients()) {
    auto step = object(*refusal);
    if (std::holds_alternative<Close>(step)) return step;
    return SkipChunk{chunk.octets};
  }
  const auto limit = options_->max_message_octets;
  if (chunk.octets > limit || transaction_->chunks_octets > limit - chunk.octets) {
    transaction_.reset();
    say(make_reply(552, 3, 4, "Message is larger than " + std::to_string(limit) + " octets"));
    return SkipChunk{chunk.octets};
  }
  transaction_->chunk_octets = chunk.octets;
  transaction_->last_chunk = chunk.last;
  transaction_->chunks_octets += chunk.octets;
  if (transaction_->receiving == Receiving::kChunks) return ReceiveChunk{chunk.octets, chunk.last};
  transaction_->receiving = Receiving::kChunks;
  return begin_message();
}

Step Session::begin_message() {
  auto& transaction = *transaction_;
  work::delivery::Envelope envelope;
  transaction.taken = transaction.recipients.size();
  if (transaction.taken == 1) transaction.only_recipient = to_string(transaction.recipients.front().address);
  envelope.sender = transaction.mail.sender;
  envelope.recipients = std::move(transaction.recipients);
  envelope.declared_octets = transaction.mail.size.value_or(0);
  envelope.envelope_id = transaction.mail.envelope_id;
  envelope.dsn_return = transaction.mail.dsn_return;
  envelope.body = transaction.mail.body;
  envelope.smtputf8 = transaction.mail.smtputf8;
  envelope.require_tls = transaction.mail.require_tls;
  envelope.unvouched = names_another(transaction.mail);
  envelope.priority = transaction.mail.priority.value_or(0);
  envelope.hold_until = transaction.hold_until;
  envelope.deliver_by = transaction.mail.deliver_by;
  if (options_->role == Role::kLmtp) envelope.answers = work::delivery::Answers::kOneForEach;
  if (login_) envelope.submitter = login_->account;
  envelope.circumstances.emplace_back("helo", helo_);
  envelope.circumstances.emplace_back("protocol", protocol());
  if (login_) envelope.circumstances.emplace_back("auth", login_->address);
  return BeginMessage{std::move(envelope)};
}

Step Session::message_begun(std::optional<work::delivery::DeliveryError> error) {
  const bool chunks = transaction_->receiving == Receiving::kChunks;
  const auto octets = transaction_->chunk_octets;
  if (error) {
    transaction_.reset();
    say(work::delivery::reply_for(*error));
    if (chunks) return SkipChunk{octets};
    return next();
  }
  if (chunks) return ReceiveChunk{octets, transaction_->last_chunk};
  say(make_plain_reply(354, "Send the message, end it with <CRLF>.<CRLF>"));
  return ReceiveData{};
}

Step Session::chunk_received(std::optional<Reply> refusal) {
  if (refusal) {
    transaction_.reset();
    return answer(*refusal);
  }
  return answer(make_reply(250, 0, 0, std::to_string(transaction_->chunk_octets) + " octets received"));
}

Step Session::chunk_skipped() { return next(); }

/// RFC 2033 s4.2: LMTP has one reply for each recipient that was taken, in their order.
void Session::say_outcomes(const work::delivery::Accepted& accepted) {
  const auto text = "Accepted as " + to_string(accepted.id);
  for (const auto& recipient : accepted.recipients) {
    say(recipient ? make_reply(250, 0, 0, text) : work::delivery::reply_for(recipient.error()));
  }
}

Step Session::message_ended(std::expected<work::delivery::Accepted, Reply> outcome) {
  const auto transaction = std::exchange(transaction_, nullptr);
  ++messages_;
  idle_commands_ = 0;
  const bool each = options_->role == Role::kLmtp;
  if (!outcome) {
    for (std::size_t i = 0; i < (each ? transaction->taken : 1); ++i) say(outcome.error());
  } else if (each) {
    say_outcomes(*outcome);
  } else {
    say(make_reply(250, 0, 0, "Accepted as " + to_string(outcome->id)));
  }
  return next();
}

}  // namespace veredus::doors::smtp
