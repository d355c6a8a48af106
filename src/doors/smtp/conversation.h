#pragma once

#include <chrono>
#include <cstdint>
#include <expected>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "doors/smtp/incoming_message.h"
#include "doors/smtp/serve.h"
#include "doors/smtp/session.h"
#include "io/net/asio.h"
#include "io/net/listener.h"
#include "work/delivery/reception.h"
#include "work/doorstep/visit.h"
#include "work/mailauth/inspection.h"

namespace veredus::doors::smtp {

/// Runs one Session over one connection: reads its lines, sends its replies, performs its steps.
class Conversation {
 public:
  /// `door` must outlive this.
  Conversation(Door* door, io::net::Connection connection);
  ~Conversation();

  /// To the end of the session. Call once.
  asio::awaitable<void> run();
  /// Something unforeseen happened: tells the peer, in a few seconds or not at all.
  asio::awaitable<void> give_up();
  [[nodiscard]] const work::doorstep::Visit& visit() const { return visit_; }

 private:
  struct Incoming;
  template <class T>
  using Outcome = std::expected<T, wire::smtp::Reply>;

  // conversation.cc
  asio::awaitable<Step> open();
  asio::awaitable<Step> perform(ReadLine read);
  asio::awaitable<Step> perform(AskGate question);
  asio::awaitable<Step> perform(Route question);
  asio::awaitable<Step> perform(StartTls step);
  asio::awaitable<Step> perform(Close step);
  asio::awaitable<bool> shake_hands();
  asio::awaitable<void> pause(std::chrono::milliseconds time);
  [[nodiscard]] std::optional<Step> refusal_at_the_door();
  void note_refusal(const wire::smtp::Address& recipient, work::delivery::Refusal refusal);
  Step after(std::expected<std::string_view, io::net::IoError> line);
  [[nodiscard]] GateVerdict gate(const AskGate& question);

  // login.cc
  asio::awaitable<Step> perform(CheckPassword check);
  asio::awaitable<Step> perform(FetchScramKeys question);
  asio::awaitable<Step> perform(AuthorizeScram question);
  asio::awaitable<Step> perform(NoteAuthFailure failure);
  [[nodiscard]] work::login::Caller caller() const;

  // receive.cc
  asio::awaitable<Step> perform(BeginMessage begin);
  asio::awaitable<Step> perform(ReceiveData step);
  asio::awaitable<Step> perform(ReceiveChunk chunk);
  asio::awaitable<Step> perform(SkipChunk chunk);
  asio::awaitable<bool> read_data();
  asio::awaitable<bool> read_octets(std::uint64_t octets);
  asio::awaitable<void> store();
  asio::awaitable<Outcome<work::delivery::Accepted>> conclude();
  [[nodiscard]] Outcome<std::string> edit_header(std::string_view header) const;
  [[nodiscard]] std::string trace() const;
  [[nodiscard]] std::optional<wire::smtp::Reply> refusal() const;
  Step interrupted(io::net::IoError error);

  // inspect.cc
  struct Judgement {
    std::string fields;  // to stand before the message, each ended by CRLF
    work::delivery::Assessment assessment;
    std::optional<wire::smtp::Reply> refusal;
  };
  [[nodiscard]] std::optional<work::mailauth::Occasion> occasion_of(const work::delivery::Envelope& envelope) const;
  [[nodiscard]] std::optional<std::string> inspect_header(std::string_view header);
  void inspect_body(std::string_view octets);
  asio::awaitable<Judgement> judge();
  asio::awaitable<Outcome<work::delivery::Accepted>> commit(Judgement judgement);

  Door* door_;
  std::shared_ptr<const Door::Options> options_;
  io::net::Connection connection_;
  work::doorstep::Visit visit_;
  Session session_;
  std::string tls_cipher_;
  std::unique_ptr<Incoming> incoming_;
  std::optional<io::net::IoError> broken_;  // why reading a message stopped
  std::string_view ended_by_;
};

/// A message between its first octet and its end.
struct Conversation::Incoming {
  work::delivery::Reception reception;
  IncomingMessage message;
  std::unique_ptr<work::mailauth::Inspection> inspection;  // null: nobody looks at it
  std::size_t header_octets = 0;                           // of the header, as stored, that are not stored yet
  std::optional<work::delivery::DeliveryError> store_error;
};

}  // namespace veredus::doors::smtp
