#include "io/http/https_client.h"

#include <algorithm>
#include <boost/asio/buffer.hpp>
#include <boost/beast/http/parser.hpp>
#include <boost/beast/http/string_body.hpp>
#include <optional>

#include "base/codec/ascii.h"
#include "base/types/result.h"
#include "io/net/connect.h"
#include "io/net/deadline.h"
#include "io/net/line_stream.h"
#include "io/net/reactor.h"

namespace veredus::io::http {
namespace {

namespace beast = boost::beast;
using Parser = beast::http::response_parser<beast::http::string_body>;
using Failed = std::unexpected<HttpsFailure>;

constexpr std::size_t kReadOctets = 16 * 1024;

/// What is left of the time for the whole request.
class TimeLeft {
 public:
  TimeLeft(net::Reactor& reactor, std::chrono::milliseconds all)
      : clock_(&reactor.deadlines()), due_(clock_->coarse_now() + all.count()) {}
  [[nodiscard]] std::chrono::milliseconds left() const {
    return std::chrono::milliseconds(std::max<std::int64_t>(due_ - clock_->coarse_now(), 1));
  }
  [[nodiscard]] bool over() const { return clock_->coarse_now() >= due_; }

 private:
  const net::DeadlineSweep* clock_;
  std::int64_t due_;
};

Failed failed(HttpsError error, std::string_view detail = {}) {
  return Failed(HttpsFailure{.error = error, .detail = std::string(detail)});
}

Failed failed(net::IoError error, HttpsError otherwise) {
  switch (error) {
    case net::IoError::kTimeout:
      return failed(HttpsError::kTimeout);
    case net::IoError::kCancelled:
    case net::IoError::kStopping:
      return failed(HttpsError::kStopped);
    default:
      return failed(otherwise, to_string(error));
  }
}

std::string request_text(const HttpsRequest& request, bool tls) {
  std::string text(to_string(request.method));
  text += " " + request.target + " HTTP/1.1\r\nHost: " + request.host;
  if (request.port != (tls ? 443 : 80)) text += ":" + std::to_string(request.port);
  text += "\r\nConnection: close\r\nUser-Agent: Veredus\r\n";
  for (const auto& [name, value] : request.headers) text.append(name).append(": ").append(value).append("\r\n");
  if (!request.body.empty() || request.method == Method::kPost)
    text += "Content-Length: " + std::to_string(request.body.size()) + "\r\n";
  return text + "\r\n" + request.body;
}

using Connected = std::expected<net::LineStream, HttpsFailure>;

asio::awaitable<Connected> connect_to_one(net::Reactor* reactor, std::vector<net::Endpoint> addresses, TimeLeft time,
                                          std::chrono::milliseconds most) {
  auto last = failed(HttpsError::kConnect, "no address");
  for (auto& address : addresses) {
    auto stream = co_await net::connect(reactor, std::move(address), std::min(most, time.left()));
    if (stream) co_return *std::move(stream);
    if (stream.error() == net::IoError::kCancelled) co_return failed(HttpsError::kStopped);
    last = failed(HttpsError::kConnect, to_string(stream.error()));
  }
  co_return last;
}

/// `stream` belongs to the caller, who waits.
asio::awaitable<std::expected<void, HttpsFailure>> begin_tls(net::LineStream* stream,
                                                             std::shared_ptr<net::TlsContext> context, std::string host,
                                                             TimeLeft time) {
  const auto started = co_await stream->start_tls_client(std::move(context), std::move(host), time.left());
  if (started) co_return std::expected<void, HttpsFailure>();
  const auto detail = stream->tls_failure();
  if (started.error() == net::IoError::kTlsCertificate) co_return failed(HttpsError::kCertificate, detail);
  if (started.error() == net::IoError::kTlsHandshake) co_return failed(HttpsError::kTls, detail);
  co_return failed(started.error(), HttpsError::kTls);
}

/// Feeds what has come. False: it is no answer.
std::expected<void, HttpsFailure> feed(Parser& parser, std::string& pending) {
  boost::system::error_code error;
  while (!pending.empty() && !parser.is_done()) {
    const auto used = parser.put(asio::buffer(pending), error);
    pending.erase(0, used);
    if (error == beast::http::error::need_more || (!error && used == 0)) return {};
    if (error == beast::http::error::body_limit || error == beast::http::error::header_limit)
      return failed(HttpsError::kTooBig);
    if (error) return failed(HttpsError::kMalformed, error.message());
  }
  return {};
}

asio::awaitable<std::expected<void, HttpsFailure>> receive(net::LineStream* stream, Parser* parser, TimeLeft time) {
  std::string pending;
  while (!parser->is_done()) {
    if (time.over()) co_return failed(HttpsError::kTimeout);  // also of who sends a little now and then
    const auto chunk = co_await stream->read_chunk(kReadOctets, time.left());
    if (!chunk && chunk.error() == net::IoError::kStopping) continue;  // told once; this goes on to its end
    if (!chunk && chunk.error() == net::IoError::kEndOfStream) {
      boost::system::error_code error;
      if (!parser->got_some()) co_return failed(HttpsError::kBroken);  // put_eof() would take nothing for an answer
      parser->put_eof(error);
      if (error || !parser->is_done()) co_return failed(HttpsError::kBroken);
      break;
    }
    if (!chunk) co_return failed(chunk.error(), HttpsError::kBroken);
    pending.append(*chunk);
    VEREDUS_CO_TRY(feed(*parser, pending));
  }
  co_return std::expected<void, HttpsFailure>();
}

Response response_of(Parser& parser) {
  auto message = parser.release();
  Response response{.status = message.result_int(),
                    .content_type = std::string(message[beast::http::field::content_type]),
                    .body = std::move(message.body())};
  for (const auto& field : message)
    response.headers.emplace_back(base::codec::to_lower_ascii(std::string(field.name_string())), field.value());
  return response;
}

}  // namespace

std::string to_string(const HttpsFailure& failure) {
  const std::string error(to_string(failure.error));
  return failure.detail.empty() ? error : error + " (" + failure.detail + ")";
}

std::string_view to_string(HttpsError error) {
  switch (error) {
    case HttpsError::kConnect:
      return "nobody answers there";
    case HttpsError::kTimeout:
      return "no answer in time";
    case HttpsError::kCertificate:
      return "the certificate is not trusted, or not this host's";
    case HttpsError::kTls:
      return "TLS handshake failed";
    case HttpsError::kBroken:
      return "the connection broke";
    case HttpsError::kMalformed:
      return "the answer is no HTTP";
    case HttpsError::kTooBig:
      return "the answer is over the limit";
    case HttpsError::kStopped:
      return "stopped";
  }
  return "unknown error";
}

asio::awaitable<std::expected<Response, HttpsFailure>> fetch_https(net::Reactor* reactor,
                                                                   std::vector<net::Endpoint> addresses,
                                                                   HttpsRequest request, HttpsOptions options) {
  const TimeLeft time(*reactor, options.deadline);
  VEREDUS_CO_TRY(auto stream, co_await connect_to_one(reactor, std::move(addresses), time, options.connect));
  if (options.tls) VEREDUS_CO_TRY(co_await begin_tls(&stream, options.tls, request.host, time));
  stream.queue_write(request_text(request, options.tls != nullptr));
  const auto sent = co_await stream.flush(time.left());
  if (!sent) co_return failed(sent.error(), HttpsError::kBroken);
  Parser parser;
  parser.eager(true);
  parser.header_limit(static_cast<std::uint32_t>(options.header_limit_octets));
  parser.body_limit(options.body_limit_octets);
  parser.skip(request.method == Method::kHead);
  VEREDUS_CO_TRY(co_await receive(&stream, &parser, time));
  co_return response_of(parser);
}

}  // namespace veredus::io::http
