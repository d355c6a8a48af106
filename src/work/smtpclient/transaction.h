#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "wire/smtp/reply.h"
#include "work/smtpclient/outgoing.h"
#include "work/smtpclient/plan.h"

namespace veredus::work::smtpclient {

/// Whether the session still holds a transaction that must be forgotten first.
enum class Before : std::uint8_t { kNothing, kReset };

/// One message's commands and replies, from MAIL to the last reply. Without I/O: do what step() says until it says
/// kDone. Source: RFC 5321 s3.3, RFC 2033 s4.2, RFC 2920 s3.1, RFC 3030.
class Transaction {
 public:
  enum class Step : std::uint8_t {
    kCommands,   // send what commands() appends and, where message_follows(), the message; then body_sent()
    kReplies,    // feed the next reply to take()
    kBody,       // send the message, with the final dot after DATA; then body_sent()
    kEmptyBody,  // send a lone dot, then body_sent()
    kDone,
  };

  /// All are to outlive it. `octets`: of head and body, for BDAT.
  Transaction(const Outgoing& message, const Plan& plan, const PeerDetails& peer, Protocol protocol, Before before,
              std::uint64_t octets);

  [[nodiscard]] Step step() const;
  /// Appends the next group of commands: all there are up to the message where the peer pipelines, else one.
  void commands(std::string& out);
  /// The group just appended ends with BDAT: the message's octets belong right behind it.
  [[nodiscard]] bool message_follows() const { return data_open_ && !sent_ && plan_->transfer != Transfer::kData; }
  /// DATA has been said, so what comes next is the message: the time to ask the gate.
  [[nodiscard]] bool data_said() const { return data_said_; }
  void take(wire::smtp::Reply reply);
  void body_sent();
  /// The connection is of no more use.
  void broke(ConnectionError error);

  /// What the next reply answers, which says how long it may take.
  [[nodiscard]] Stage stage() const;
  /// The peer still holds a transaction.
  [[nodiscard]] bool needs_reset() const { return mail_accepted_; }
  [[nodiscard]] TransactionResult take_result() { return std::move(result_); }

 private:
  enum class Verb : std::uint8_t { kReset, kMail, kRecipient, kData, kEnd };
  struct Awaited {
    Verb verb;
    std::uint32_t recipient = 0;
  };

  void say_recipient(std::string& out, std::uint32_t index);
  void say_message(std::string& out);
  void settle(std::uint32_t recipient, const wire::smtp::Reply& reply);
  void settle_accepted(const wire::smtp::Reply& reply);
  void mail_answered(const wire::smtp::Reply& reply);
  void recipient_answered(std::uint32_t index, const wire::smtp::Reply& reply);
  void data_answered(const wire::smtp::Reply& reply);
  void end_answered(const wire::smtp::Reply& reply);
  void peer_closes(Verb verb, const wire::smtp::Reply& reply);
  [[nodiscard]] bool over_recipient_limit(const wire::smtp::Reply& reply) const;

  const Outgoing* message_;
  const Plan* plan_;
  const PeerDetails* peer_;
  Protocol protocol_;
  Before before_;
  std::uint64_t octets_;  // of head and body, as they are sent

  TransactionResult result_;
  std::vector<Awaited> awaited_;       // in the order of their replies
  std::size_t answered_ = 0;           // of them
  std::vector<std::uint32_t> wanted_;  // recipients to ask for
  std::size_t asked_ = 0;              // of them
  std::vector<std::uint32_t> accepted_;
  std::size_t ended_ = 0;  // of them, with LMTP: have had their last reply
  bool mail_said_ = false;
  bool mail_accepted_ = false;
  bool mail_refused_ = false;
  bool data_said_ = false;
  bool data_open_ = false;  // 354, or a chunk that is to be sent
  bool sent_ = false;       // the message, or the lone dot, has gone
  bool done_ = false;
};

}  // namespace veredus::work::smtpclient
