#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <string_view>

#include "doors/imap/appends_under_way.h"
#include "doors/imap/figures.h"
#include "doors/imap/incoming.h"
#include "doors/imap/input.h"
#include "doors/imap/serve.h"
#include "doors/imap/talk.h"
#include "io/net/line_stream.h"
#include "io/net/listener.h"
#include "io/net/stint.h"
#include "wire/imap/command_reader.h"
#include "work/doorstep/visit.h"

namespace veredus::doors::imap {

/// One connection: reads commands, has them done, and answers. Lives in serve()'s frame; one coroutine at a time.
class Conversation : private OwedAnswers {
 public:
  /// `door` must outlive this.
  Conversation(Door* door, io::net::Connection connection);
  ~Conversation() override;
  Conversation(const Conversation&) = delete;
  Conversation& operator=(const Conversation&) = delete;

  /// To the end.
  asio::awaitable<void> run();
  /// After an error nobody foresaw: says goodbye.
  asio::awaitable<void> give_up();
  [[nodiscard]] const work::doorstep::Visit& visit() const { return visit_; }

 private:
  using Step = wire::imap::ReadStep;

  [[nodiscard]] bool any() const override { return !appends_.empty(); }
  asio::awaitable<bool> give() override;

  asio::awaitable<void> converse();
  // Each answers false when the connection is over; ended_ says why.
  asio::awaitable<bool> begin();
  asio::awaitable<bool> turn_away(work::doorstep::TurnedAway why);
  asio::awaitable<bool> serve_command();
  asio::awaitable<Input::Octets> next_line(std::size_t max_octets);
  asio::awaitable<bool> tell_unasked();
  asio::awaitable<bool> follow(Step step);
  asio::awaitable<bool> perform(wire::imap::Command command);
  asio::awaitable<bool> begin_append(std::string tag, wire::imap::Append append);
  asio::awaitable<bool> conclude(std::string tag, Outcome outcome);
  asio::awaitable<bool> go_on(Outcome::Next next);
  asio::awaitable<void> answer_appends();
  asio::awaitable<bool> end_because(std::string why);
  void answer(std::string_view tag, const Outcome& outcome);
  asio::awaitable<bool> start_tls();
  asio::awaitable<bool> refuse(wire::imap::Refused refused);
  bool input_ended(io::net::IoError error);
  // What is said first counts.
  bool over(std::string_view why);
  bool bye(std::string_view code, std::string_view text, std::string_view why);

  // What a command needs that is more than a line; nullopt: the connection is over.
  asio::awaitable<std::optional<Step>> read_more(wire::imap::NeedLine need);
  asio::awaitable<std::optional<Step>> read_literal(wire::imap::NeedLiteral need);
  asio::awaitable<std::optional<Step>> read_message(wire::imap::NeedMessage need);
  asio::awaitable<std::optional<Step>> discard(wire::imap::Discard need);

  void greet();
  void set_reader_options();
  void count(Status status);
  [[nodiscard]] const Services& services() const;
  [[nodiscard]] const Timeouts& timeouts() const;
  /// How long the next line, or piece of a command, may be waited for: `usual`, or less before the login.
  std::chrono::milliseconds patience(std::chrono::seconds usual);
  /// Until there is a login, all waits together have an end.
  void bound_login();
  [[nodiscard]] bool login_is_overdue() const;

  Door* door_;
  std::shared_ptr<const Door::Options> options_;
  io::net::Connection connection_;
  io::net::LineStream& stream_;
  work::doorstep::Visit visit_;
  Session session_;
  Output out_;
  Input in_;
  Talk talk_;
  AppendsUnderWay appends_;
  wire::imap::CommandReader reader_;
  std::unique_ptr<Incoming> incoming_;  // while a command brings messages
  io::net::Stint stint_;
  std::uint8_t reader_state_ = 0;  // what the reader's options were made for
  std::uint64_t commands_ = 0;
  std::string ended_;  // why; empty: it goes on
};

}  // namespace veredus::doors::imap
