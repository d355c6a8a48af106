#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "doors/pop3/figures.h"
#include "doors/pop3/read_ahead.h"
#include "doors/pop3/serve.h"
#include "doors/pop3/session.h"
#include "io/net/line_stream.h"
#include "io/net/listener.h"
#include "state/mailbox/mailbox_error.h"
#include "work/doorstep/lockstep.h"
#include "work/doorstep/visit.h"

namespace veredus::doors::pop3 {

/// One connection: a Session and the world it asks for things. Lives in serve()'s frame; one coroutine at a time.
class Conversation {
 public:
  /// `door` must outlive this.
  Conversation(Door* door, io::net::Connection connection);
  ~Conversation();
  Conversation(const Conversation&) = delete;
  Conversation& operator=(const Conversation&) = delete;

  /// To the end of the session. Call once.
  asio::awaitable<void> run();
  /// Something unforeseen happened: tells the peer, in a few seconds or not at all.
  asio::awaitable<void> give_up();
  [[nodiscard]] const work::doorstep::Visit& visit() const { return visit_; }

 private:
  /// nullopt: the connection is over, ended_ says why.
  using Next = std::optional<Step>;

  // conversation.cc
  asio::awaitable<Next> begin();
  asio::awaitable<Next> perform(Step step);
  /// The answer when `step` waits for a line and one has arrived already.
  std::optional<Next> take_buffered_line(const Step& step);
  asio::awaitable<Next> read_line(std::size_t max_octets);
  Next take_line(const std::expected<std::string_view, io::net::IoError>& line);
  asio::awaitable<Next> start_tls();
  asio::awaitable<void> close(std::string_view why);
  Next over(std::string_view why);
  void send_replies();

  // conversation_login.cc
  [[nodiscard]] work::login::Caller caller() const;
  asio::awaitable<Step> check_password(CheckPassword check);
  asio::awaitable<Step> fetch_scram_keys(FetchScramKeys question);
  asio::awaitable<Step> authorize_scram(AuthorizeScram question);
  Step note_auth_failure(std::string_view user);

  // conversation_maildrop.cc
  asio::awaitable<Step> open_maildrop(OpenMaildrop open);
  asio::awaitable<std::expected<Maildrop, OpenRefusal>> load_maildrop(OpenMaildrop open);
  asio::awaitable<std::expected<void, OpenRefusal>> add_rewritten(Maildrop* maildrop, state::mailbox::StoredBody body);
  asio::awaitable<std::expected<std::string, state::mailbox::MailboxError>> read_header(AccountId account,
                                                                                        state::mailbox::StoredBody body,
                                                                                        std::uint64_t most);
  asio::awaitable<Step> look_for_removals();
  asio::awaitable<std::optional<std::string>> read_ahead(std::uint32_t number);
  asio::awaitable<Next> send_message(SendMessage send);
  asio::awaitable<Step> remove_messages(state::mailbox::UidSet uids);

  [[nodiscard]] const Services& services() const;
  [[nodiscard]] const Timeouts& timeouts() const;

  Door* door_;
  std::shared_ptr<const Door::Options> options_;
  io::net::Connection connection_;
  io::net::LineStream& stream_;  // connection_'s
  work::doorstep::Visit visit_;
  Session session_;
  AccountGate::Place place_;
  ReadAhead ahead_;
  std::string_view ended_;
  work::doorstep::Lockstep lockstep_;
  std::uint32_t sent_ = 0;
  std::uint32_t removed_ = 0;
};

}  // namespace veredus::doors::pop3
