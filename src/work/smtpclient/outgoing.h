#pragma once

#include <cstdint>
#include <expected>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "io/net/asio.h"
#include "wire/smtp/address.h"
#include "wire/smtp/deliver_by.h"
#include "wire/smtp/mail_from.h"
#include "wire/smtp/rcpt_to.h"
#include "work/smtpclient/connection_error.h"

namespace veredus::work::smtpclient {

enum class BodyError : std::uint8_t { kMissing, kUnavailable };
[[nodiscard]] std::string_view to_string(BodyError error);

/// A message's octets after Outgoing::head, in chunks that may be read again: another host may get them next.
class BodySource {
 public:
  virtual ~BodySource() = default;
  [[nodiscard]] virtual std::uint64_t octets() const = 0;
  [[nodiscard]] virtual std::uint32_t chunks() const = 0;
  virtual asio::awaitable<std::expected<std::string, BodyError>> chunk(std::uint32_t index) = 0;
};

/// A body that is all in memory.
class MemoryBody final : public BodySource {
 public:
  explicit MemoryBody(std::string octets) : MemoryBody(std::make_shared<const std::string>(std::move(octets))) {}
  /// Shared with whoever else needs it; not null.
  explicit MemoryBody(std::shared_ptr<const std::string> octets) : octets_(std::move(octets)) {}
  [[nodiscard]] std::uint64_t octets() const override { return octets_->size(); }
  [[nodiscard]] std::uint32_t chunks() const override { return 1; }
  asio::awaitable<std::expected<std::string, BodyError>> chunk(std::uint32_t index) override;

 private:
  std::shared_ptr<const std::string> octets_;
};

/// Asked once for each transaction, before the octets that make the peer take the message are sent.
class FinalDotGate {
 public:
  virtual ~FinalDotGate() = default;
  /// The attempt is marked now. False: it could not be, and nothing may be sent.
  virtual asio::awaitable<bool> before_final_dot() = 0;
};

struct OutgoingRecipient {
  wire::smtp::Address address;
  std::optional<wire::smtp::Notify> notify;
  std::optional<wire::smtp::OriginalRecipient> original;
};

/// Whether the connection is wanted after this message.
enum class After : std::uint8_t { kKeep, kQuit };

/// One transaction to be made: a message and its recipients at one site. Never changed by the client.
struct Outgoing {
  std::optional<wire::smtp::Address> sender;  // nullopt: the null reverse-path
  std::vector<OutgoingRecipient> recipients;  // 1..
  std::optional<wire::smtp::Body> body_kind;  // as the sender declared it
  bool smtputf8 = false;
  std::optional<wire::smtp::DsnReturn> dsn_return;
  std::string envelope_id;  // decoded; empty: none
  bool require_tls = false;
  /// RFC 4954 s5: who submitted it, said only where we have authenticated; empty: nobody who can be named. nullopt:
  /// this peer is told nothing.
  std::optional<std::string> submitter;
  std::optional<std::int8_t> mt_priority;
  std::optional<wire::smtp::DeliverBy> deliver_by;  // the time that is left
  std::string head;                                 // header fields to stand before the body: trace
  std::shared_ptr<BodySource> body;
  FinalDotGate* gate = nullptr;  // owned by the caller of send(); null: none is asked
  After after = After::kKeep;
};

/// What became of one recipient.
struct RecipientOutcome {
  enum class Kind : std::uint8_t {
    kDelivered,  // the peer has the message for this recipient
    kRefused,    // for good
    kDeferred,   // for now
    kNotTried,   // nothing was decided: over the peer's limit of recipients, or the connection broke before the end
  };
  Kind kind = Kind::kNotTried;
  wire::smtp::Reply reply;  // code 0: the peer said nothing of this recipient
  std::string said_by;      // the host's name; empty: it was decided here
  bool peer_speaks_dsn = false;
};
[[nodiscard]] std::string_view to_string(RecipientOutcome::Kind kind);

/// Something the message needs and this host cannot; another host of the site may.
enum class Lack : std::uint8_t { kSmtpUtf8, kRequireTls, kEightBit, kSize, kDeliverBy };
[[nodiscard]] std::string_view to_string(Lack lack);

struct TransactionResult {
  std::vector<RecipientOutcome> recipients;  // in the order of Outgoing::recipients
  /// The message was all sent and the connection broke before the reply: the recipients that stand as kNotTried may
  /// have it.
  bool uncertain = false;
  std::optional<ConnectionError> broken;  // the connection is of no more use, and why
  Stage stage = Stage::kMail;             // how far it came
  std::optional<Lack> lack;               // why recipients were refused without asking the peer
};

}  // namespace veredus::work::smtpclient
