#pragma once

#include <boost/json/value.hpp>
#include <optional>
#include <string>
#include <string_view>

#include "app/cli/exit_codes.h"
#include "io/http/message.h"

namespace veredus::app::cli {

/// How every command reaches the server: the admin API on its UNIX socket.
class AdminClient {
 public:
  explicit AdminClient(std::string socket) : socket_(std::move(socket)) {}

  /// The answer of a call that succeeded (null for an empty one). Otherwise says on standard error what went wrong,
  /// keeps the exit code that fits, and answers nullopt.
  std::optional<boost::json::value> call(io::http::Method method, std::string_view target,
                                         const boost::json::value& body = nullptr);
  /// The same, with a body that is no JSON.
  std::optional<boost::json::value> send(io::http::Method method, std::string_view target, std::string_view octets);
  /// The same, for answers that are no JSON.
  std::optional<std::string> fetch(std::string_view target);

  [[nodiscard]] ExitCode exit_code() const { return exit_code_; }

 private:
  std::optional<io::http::Response> request(io::http::Method method, std::string_view target, std::string_view body);

  std::string socket_;
  ExitCode exit_code_ = kOk;
};

}  // namespace veredus::app::cli
