#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <expected>
#include <string>
#include <string_view>

#include "io/http/message.h"
#include "io/net/endpoint.h"

namespace veredus::io::http {

enum class ClientError : std::uint8_t {
  kConnect,       // nobody listens there
  kNotPermitted,  // the socket may not be opened by this user
  kTimeout,
  kBroken,     // the connection ended in the middle
  kMalformed,  // the answer is no HTTP
  kTooBig,     // the answer is over the limit
};
[[nodiscard]] std::string_view to_string(ClientError error);

struct ClientOptions {
  std::chrono::seconds timeout{30};  // for connecting, and for each wait
  std::size_t body_limit_octets = 64 * 1024 * 1024;
};

/// One request over a connection of its own, blocking: for command-line programs. `target` is path and query, encoded.
std::expected<Response, ClientError> fetch(const net::Endpoint& server, Method method, std::string_view target,
                                           std::string_view json_body = {}, const ClientOptions& options = {});

}  // namespace veredus::io::http
