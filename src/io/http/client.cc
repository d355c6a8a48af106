#include "io/http/client.h"

#include <poll.h>
#include <sys/socket.h>

#include <array>
#include <boost/asio/buffer.hpp>
#include <boost/beast/http/parser.hpp>
#include <boost/beast/http/string_body.hpp>
#include <cerrno>

#include "base/types/result.h"
#include "io/net/asio.h"
#include "io/net/socket_address.h"

namespace veredus::io::http {
namespace {

namespace beast = boost::beast;
using Parser = beast::http::response_parser<beast::http::string_body>;

std::expected<void, ClientError> wait_for(int fd, short events, std::chrono::milliseconds timeout) {
  pollfd waiting{.fd = fd, .events = events, .revents = 0};
  int ready = 0;
  do {
    ready = ::poll(&waiting, 1, static_cast<int>(timeout.count()));
  } while (ready < 0 && errno == EINTR);
  if (ready == 0) return std::unexpected(ClientError::kTimeout);
  if (ready < 0) return std::unexpected(ClientError::kBroken);
  return {};
}

ClientError connect_error(int error) {
  return error == EACCES || error == EPERM ? ClientError::kNotPermitted : ClientError::kConnect;
}

std::expected<net::UniqueFd, ClientError> connect_to(const net::Endpoint& server, std::chrono::milliseconds timeout) {
  const auto address = net::SocketAddress::of(server);
  auto socket = net::open_socket(server);
  if (!address || !socket) return std::unexpected(ClientError::kConnect);
  if (::connect(socket->get(), address->get(), address->length) == 0) return *std::move(socket);
  if (errno != EINPROGRESS) return std::unexpected(connect_error(errno));
  VEREDUS_TRY(wait_for(socket->get(), POLLOUT, timeout));
  int error = 0;
  socklen_t length = sizeof(error);
  ::getsockopt(socket->get(), SOL_SOCKET, SO_ERROR, &error, &length);
  if (error != 0) return std::unexpected(connect_error(error));
  return *std::move(socket);
}

std::expected<void, ClientError> send_all(int fd, std::string_view octets, std::chrono::milliseconds timeout) {
  while (!octets.empty()) {
    const auto sent = ::send(fd, octets.data(), octets.size(), MSG_NOSIGNAL);
    if (sent > 0) {
      octets.remove_prefix(static_cast<std::size_t>(sent));
    } else if (errno == EAGAIN) {
      VEREDUS_TRY(wait_for(fd, POLLOUT, timeout));
    } else if (errno != EINTR) {
      return std::unexpected(ClientError::kBroken);
    }
  }
  return {};
}

/// Octets received; 0: the end.
std::expected<std::size_t, ClientError> receive(int fd, std::span<char> space, std::chrono::milliseconds timeout) {
  while (true) {
    VEREDUS_TRY(wait_for(fd, POLLIN, timeout));
    const auto received = ::recv(fd, space.data(), space.size(), 0);
    if (received >= 0) return static_cast<std::size_t>(received);
    if (errno != EAGAIN && errno != EINTR) return std::unexpected(ClientError::kBroken);
  }
}

std::expected<void, ClientError> receive_response(int fd, Parser& parser, std::chrono::milliseconds timeout) {
  std::string pending;
  std::array<char, 16 * 1024> space;
  while (!parser.is_done()) {
    VEREDUS_TRY(const auto received, receive(fd, space, timeout));
    boost::system::error_code error;
    if (received == 0) {
      parser.put_eof(error);
      if (error || !parser.is_done()) return std::unexpected(ClientError::kBroken);
      return {};
    }
    pending.append(space.data(), received);
    while (!pending.empty() && !parser.is_done() && !error) {
      const auto used = parser.put(asio::buffer(pending), error);
      pending.erase(0, used);
      if (used == 0) break;
    }
    if (error == beast::http::error::body_limit) return std::unexpected(ClientError::kTooBig);
    if (error && error != beast::http::error::need_more) return std::unexpected(ClientError::kMalformed);
  }
  return {};
}

std::string request_text(const net::Endpoint& server, Method method, std::string_view target, std::string_view body) {
  std::string text(to_string(method));
  text += ' ' + std::string(target) + " HTTP/1.1\r\nHost: ";
  text += server.is_unix() ? "localhost" : server.to_string();
  text += "\r\nConnection: close\r\nAccept: application/json, application/problem+json\r\n";
  if (!body.empty()) text += "Content-Type: application/json\r\n";
  if (!body.empty() || method == Method::kPost || method == Method::kPut || method == Method::kPatch)
    text += "Content-Length: " + std::to_string(body.size()) + "\r\n";
  return text + "\r\n" + std::string(body);
}

}  // namespace

std::string_view to_string(ClientError error) {
  switch (error) {
    case ClientError::kConnect:
      return "nobody listens there";
    case ClientError::kNotPermitted:
      return "not permitted";
    case ClientError::kTimeout:
      return "no answer in time";
    case ClientError::kBroken:
      return "the connection broke";
    case ClientError::kMalformed:
      return "the answer is no HTTP";
    case ClientError::kTooBig:
      return "the answer is over the limit";
  }
  return "unknown error";
}

std::expected<Response, ClientError> fetch(const net::Endpoint& server, Method method, std::string_view target,
                                           std::string_view json_body, const ClientOptions& options) {
  VEREDUS_TRY(const auto socket, connect_to(server, options.timeout));
  VEREDUS_TRY(send_all(socket.get(), request_text(server, method, target, json_body), options.timeout));
  Parser parser;
  parser.eager(true);
  parser.body_limit(options.body_limit_octets);
  parser.skip(method == Method::kHead);
  VEREDUS_TRY(receive_response(socket.get(), parser, options.timeout));
  auto message = parser.release();
  Response response{.status = message.result_int(),
                    .content_type = std::string(message[beast::http::field::content_type]),
                    .body = std::move(message.body())};
  for (const auto& field : message) response.headers.emplace_back(field.name_string(), field.value());
  return response;
}

}  // namespace veredus::io::http
