#pragma once

#include <cstdint>
#include <expected>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "io/net/asio.h"
#include "io/net/line_stream.h"
#include "wire/imap/response.h"
#include "work/transfer/source.h"
#include "work/transfer/transfer_error.h"

namespace veredus::io::dns {
class Resolver;
}
namespace veredus::wire::sasl {
class ClientExchange;
}

namespace veredus::work::transfer {

template <class T>
using Transferred = std::expected<T, TransferFailure>;
template <class T>
using AsyncTransferred = asio::awaitable<Transferred<T>>;

/// Who takes what a command brings. Calls come from the client's coroutine.
class ResponseSink {
 public:
  virtual ~ResponseSink() = default;
  /// An untagged response; also those nobody asked for.
  virtual asio::awaitable<void> take(wire::imap::Response response) = 0;
  /// Whether a literal of this item is to be given to literal(), piece by piece, instead of standing in the response.
  [[nodiscard]] virtual bool wants_literal(std::string_view /*item*/) const { return false; }
  virtual asio::awaitable<void> literal(std::string /*octets*/) { co_return; }
};

/// A connection to the source's host. All are owned by someone who joins the caller.
AsyncTransferred<io::net::LineStream> connect_to(io::net::Reactor* reactor, io::dns::Resolver* resolver,
                                                 const Source* source, const Options* options);

/// A session with another server, logged in. One coroutine at a time, on its stream's reactor.
class ImapClient {
 public:
  ~ImapClient();
  ImapClient(const ImapClient&) = delete;
  ImapClient& operator=(const ImapClient&) = delete;

  /// TLS and login. `source` and `options` are owned by someone who joins the caller.
  static AsyncTransferred<std::unique_ptr<ImapClient>> open(io::net::LineStream stream, const Source* source,
                                                            const Options* options);

  /// Says a command, without its tag and CRLF and with one synchronizing literal at most, and answers how it ended: OK.
  /// `sink` outlives the call. Errors: kRefused with the server's words.
  AsyncTransferred<wire::imap::Response> command(std::string text, ResponseSink* sink);
  [[nodiscard]] bool has(std::string_view capability) const;
  asio::awaitable<void> log_out();

 private:
  ImapClient(io::net::LineStream stream, const Source* source, const Options* options);

  AsyncTransferred<wire::imap::Response> read(ResponseSink* sink);
  AsyncTransferred<std::string> read_literal(std::uint64_t octets);
  AsyncTransferred<void> stream_literal(std::uint64_t octets, ResponseSink* sink);
  AsyncTransferred<wire::imap::Response> finish(std::string tag, std::string rest, ResponseSink* sink);
  AsyncTransferred<void> greet();
  AsyncTransferred<void> start_tls();
  AsyncTransferred<void> ask_capabilities();
  AsyncTransferred<void> log_in();
  Transferred<std::string> login_command();
  Transferred<std::string> answer_to(std::string_view challenge);
  [[nodiscard]] TransferFailure broken(io::net::IoError error) const;

  io::net::LineStream stream_;
  const Source* source_;
  const Options* options_;
  wire::imap::ResponseReader reader_;
  std::vector<std::string> capabilities_;
  std::unique_ptr<wire::sasl::ClientExchange> exchange_;  // while it is under way: answers what is asked by `+`
  std::uint32_t last_tag_ = 0;
};

}  // namespace veredus::work::transfer
