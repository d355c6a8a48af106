#include "io/http/server.h"

#include <algorithm>
#include <boost/asio/buffer.hpp>
#include <boost/asio/error.hpp>
#include <boost/beast/http/parser.hpp>
#include <boost/beast/http/string_body.hpp>
#include <boost/system/system_error.hpp>
#include <chrono>
#include <expected>
#include <optional>
#include <utility>

#include "base/types/result.h"
#include "io/http/percent.h"

namespace veredus::io::http {
namespace {

namespace beast = boost::beast;
using Parser = beast::http::request_parser<beast::http::string_body>;

constexpr auto kChunkOctets = std::size_t{64} * 1024;
constexpr std::chrono::seconds kRefusalWait{5};         // for a peer over the session limits to take its answer
constexpr std::chrono::milliseconds kRefusedWait{200};  // and then for its request to come
constexpr auto kRefusedOctets = std::size_t{8} * 1024;

enum class Keep : bool { kClose, kAlive };

/// Why there is no request to answer: nothing more will come, or the peer gets this and the connection ends.
struct Ended {};
using NoRequest = std::variant<Ended, Response>;

Response refusal_of(const boost::system::error_code& error) {
  if (error == beast::http::error::header_limit || error == beast::http::error::buffer_overflow)
    return problem(431, "the request's header is over the limit");
  if (error == beast::http::error::body_limit) return problem(413, "the request's body is over the limit");
  if (error == beast::http::error::bad_version) return problem(505, "only HTTP/1.0 and HTTP/1.1 are spoken here");
  return problem(400, error.message());
}

std::optional<Method> method_of(beast::http::verb verb) {
  switch (verb) {
    case beast::http::verb::get:
      return Method::kGet;
    case beast::http::verb::head:
      return Method::kHead;
    case beast::http::verb::post:
      return Method::kPost;
    case beast::http::verb::put:
      return Method::kPut;
    case beast::http::verb::patch:
      return Method::kPatch;
    case beast::http::verb::delete_:
      return Method::kDelete;
    default:
      return std::nullopt;
  }
}

std::string lower(std::string_view text) {
  std::string result(text);
  std::ranges::transform(result, result.begin(),
                         [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; });
  return result;
}

/// The octets of a response head and, but for HEAD, its body. RFC 9112 s4, s6
std::string serialize(Response response, Method asked, Keep keep) {
  std::string text =
      "HTTP/1.1 " + std::to_string(response.status) + ' ' + std::string(reason_of(response.status)) + "\r\n";
  const bool has_content = response.status != 204 && response.status != 304;
  if (has_content) {
    text += "Content-Type: " + response.content_type + "\r\n";
    text += "Content-Length: " + std::to_string(response.body.size()) + "\r\n";
  }
  for (const auto& [name, value] : response.headers) text += name + ": " + value + "\r\n";
  if (keep == Keep::kClose) text += "Connection: close\r\n";
  text += "X-Content-Type-Options: nosniff\r\nCache-Control: no-store\r\n\r\n";
  if (has_content && asked != Method::kHead) text += response.body;
  return text;
}

std::string allow_list(const std::vector<Method>& allowed) {
  std::string list;
  for (const auto method : allowed) list += (list.empty() ? "" : ", ") + std::string(to_string(method));
  return list;
}

/// One connection: requests in, responses out, one after the other (pipelined requests wait their turn).
class Session {
 public:
  Session(net::Connection connection, const Router& router, const ServerOptions& options,
          const Server::OnFailure& on_failure)
      : connection_(std::move(connection)), router_(&router), options_(&options), on_failure_(&on_failure) {}

  asio::awaitable<void> run();

 private:
  asio::awaitable<std::expected<void, NoRequest>> receive(Parser* parser);
  asio::awaitable<std::expected<void, NoRequest>> confirm_expectation(Parser* parser);
  std::expected<std::pair<Request, std::string>, Response> translate(Parser& parser) const;
  asio::awaitable<Response> answer(Parser* parser);
  asio::awaitable<Response> act(const Router::Action* action, Request request);
  asio::awaitable<bool> send(Response response, Method asked, Keep keep);
  net::LineStream& stream() { return connection_.stream; }

  net::Connection connection_;
  const Router* router_;
  const ServerOptions* options_;
  const Server::OnFailure* on_failure_;
};

/// A client that asks first is told to go on, unless its header has been refused. RFC 9110 s10.1.1
asio::awaitable<std::expected<void, NoRequest>> Session::confirm_expectation(Parser* parser) {
  if (lower(parser->get()[beast::http::field::expect]) != "100-continue") co_return std::expected<void, NoRequest>();
  const auto sent = co_await stream().write("HTTP/1.1 100 Continue\r\n\r\n", options_->body_wait);
  if (!sent) co_return std::unexpected(NoRequest(Ended()));
  co_return std::expected<void, NoRequest>();
}

asio::awaitable<std::expected<void, NoRequest>> Session::receive(Parser* parser) {
  bool begun = false;
  bool asked = false;
  std::string pending;  // Beast wants a header in one piece
  while (!parser->is_done()) {
    const auto wait = parser->is_header_done() ? options_->body_wait : options_->header_wait;
    const auto chunk = begun ? co_await stream().read_chunk(kChunkOctets, wait)
                             : co_await stream().read_first_chunk(kChunkOctets, options_->keep_alive_wait);
    if (!chunk) co_return std::unexpected(NoRequest(Ended()));
    begun = true;
    pending.append(*chunk);
    boost::system::error_code error;
    while (!pending.empty() && !parser->is_done()) {
      const auto used = parser->put(asio::buffer(pending), error);
      pending.erase(0, used);
      if (error || used == 0) break;
    }
    if (error && error != beast::http::error::need_more) co_return std::unexpected(NoRequest(refusal_of(error)));
    if (!parser->is_header_done() && pending.size() > options_->header_limit_octets)
      co_return std::unexpected(NoRequest(problem(431, "the request's header is over the limit")));
    if (parser->is_header_done() && !parser->is_done() && !std::exchange(asked, true))
      VEREDUS_CO_TRY(co_await confirm_expectation(parser));
  }
  if (!pending.empty()) stream().unread(pending.size());
  co_return std::expected<void, NoRequest>();
}

/// The request and its path, still encoded.
std::expected<std::pair<Request, std::string>, Response> Session::translate(Parser& parser) const {
  auto message = parser.release();
  const auto method = method_of(message.method());
  if (!method) return std::unexpected(problem(501, "this method is not implemented"));
  const std::string target(message.target());
  const auto question = target.find('?');
  auto path = target.substr(0, question);
  auto decoded = percent_decode(path);
  auto query = parse_query(question == std::string::npos ? "" : std::string_view(target).substr(question + 1));
  if (!path.starts_with('/') || !decoded || !query)
    return std::unexpected(problem(400, "the request target is malformed"));
  Request request{.method = *method, .path = *std::move(decoded), .query = *std::move(query)};
  for (const auto& field : message) request.headers.emplace_back(lower(field.name_string()), field.value());
  request.body = std::move(message.body());
  request.local_peer = connection_.stream.peer().is_unix();
  request.peer = connection_.stream.peer().to_string();
  return std::pair(std::move(request), std::move(path));
}

asio::awaitable<Response> Session::act(const Router::Action* action, Request request) {
  std::string what;
  try {
    co_return co_await (*action)(request);
  } catch (const boost::system::system_error& error) {
    if (error.code() == asio::error::operation_aborted) throw;  // the task group stops
    what = error.what();
  } catch (const std::exception& error) {
    what = error.what();
  }
  if (*on_failure_) (*on_failure_)(request, what);
  co_return problem(500, "something went wrong here; it has been noted in the log");
}

asio::awaitable<Response> Session::answer(Parser* parser) {
  auto translated = translate(*parser);
  if (!translated) co_return std::move(translated).error();
  auto& [request, path] = *translated;
  auto found = router_->find(request.method, path);
  if (!found && found.error().allowed.empty()) co_return problem(404, "there is nothing at " + request.path);
  if (!found) {  // RFC 9110 s15.5.6
    auto refused = problem(405, "this cannot be done to " + request.path);
    refused.headers.emplace_back("Allow", allow_list(found.error().allowed));
    co_return refused;
  }
  request.parameters = std::move(found->parameters);
  co_return co_await act(found->action, std::move(request));
}

asio::awaitable<bool> Session::send(Response response, Method asked, Keep keep) {
  stream().queue_write(serialize(std::move(response), asked, keep));
  const auto sent = co_await stream().flush(options_->body_wait);
  co_return sent.has_value();
}

asio::awaitable<void> Session::run() {
  if (!connection_.admission.admitted()) {
    stream().queue_write(serialize(problem(503, "too many connections"), Method::kGet, Keep::kClose));
    co_await stream().flush(kRefusalWait);
    // A request that comes when nobody reads any more would take the answer back: a reset discards what was received.
    (void)co_await stream().read_chunk(kRefusedOctets, kRefusedWait);
    co_return;
  }
  if (options_->tls && !co_await stream().start_tls(options_->tls, options_->header_wait)) co_return;
  for (std::size_t served = 1; served <= options_->requests_per_connection; ++served) {
    Parser parser;
    parser.header_limit(static_cast<std::uint32_t>(options_->header_limit_octets));
    parser.body_limit(options_->body_limit_octets);
    parser.eager(true);
    auto received = co_await receive(&parser);
    if (!received) {
      if (auto* refused = std::get_if<Response>(&received.error()))
        co_await send(std::move(*refused), Method::kGet, Keep::kClose);
      co_return;
    }
    const auto asked = parser.get().method() == beast::http::verb::head ? Method::kHead : Method::kGet;
    const bool more = parser.keep_alive() && served < options_->requests_per_connection && !stream().draining();
    auto response = co_await answer(&parser);
    const auto keep = more ? Keep::kAlive : Keep::kClose;
    if (!co_await send(std::move(response), asked, keep) || !more) co_return;
  }
}

}  // namespace

Server::Server(Router router, ServerOptions options, OnFailure on_failure)
    : router_(std::move(router)), options_(std::move(options)), on_failure_(std::move(on_failure)) {}

asio::awaitable<void> Server::serve(net::Connection connection) {
  Session session(std::move(connection), router_, options_, on_failure_);
  co_await session.run();
}

}  // namespace veredus::io::http
