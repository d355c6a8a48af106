#pragma once

#include <chrono>
#include <expected>
#include <memory>
#include <string>
#include <vector>

#include "io/net/line_stream.h"
#include "wire/smtp/reply.h"
#include "work/probe/options.h"
#include "work/probe/probe.h"
#include "work/probe/report.h"

namespace veredus::work::probe {

/// A client that writes down what it says and hears. One coroutine at a time.
class Talk {
 public:
  /// Errors are sentences for people.
  template <class T>
  using Result = asio::awaitable<std::expected<T, std::string>>;
  using Reply = wire::smtp::Reply;

  /// The session and the options must outlive it.
  Talk(Surroundings surroundings, Session* session, const Options* options);

  Result<void> connect();
  Result<Reply> hear();
  /// `shown`: what the dialogue has instead of the line; empty: the line itself.
  Result<Reply> ask(std::string line, std::string shown = {});
  /// All lines in one write; as many replies. Source: RFC 2920 s3.1.
  Result<std::vector<Reply>> ask_all(std::vector<std::string> lines);
  /// Octets as they are.
  Result<void> say(std::string octets, std::string shown);
  Result<void> start_tls(std::shared_ptr<io::net::TlsContext> context);
  [[nodiscard]] std::optional<io::net::TlsDetails> tls() const { return stream_->tls(); }
  void note(std::string text) { write_down(Side::kNote, std::move(text)); }
  void close();
  [[nodiscard]] Milliseconds elapsed() const;

 private:
  Result<Reply> read_reply();
  void write_down(Side side, std::string text);

  Surroundings surroundings_;
  Session* session_;
  const Options* options_;
  SteadyTime began_;
  std::optional<io::net::LineStream> stream_;
};

}  // namespace veredus::work::probe
