#include "app/cli/admin_client.h"

#include <boost/json.hpp>
#include <chrono>
#include <iostream>

#include "io/http/client.h"

namespace veredus::app::cli {
namespace {

/// The sentence of a problem+json, or of whatever came.
std::string detail_of(const io::http::Response& response) {
  boost::system::error_code error;
  const auto value = boost::json::parse(response.body, error);
  if (!error && value.is_object())
    if (const auto* detail = value.as_object().if_contains("detail"); detail != nullptr && detail->is_string())
      return std::string(detail->as_string());
  return "status " + std::to_string(response.status);
}

}  // namespace

std::optional<io::http::Response> AdminClient::request(io::http::Method method, std::string_view target,
                                                       std::string_view body) {
  io::http::ClientOptions options;
  options.timeout = std::chrono::seconds(120);                 // a large import is one call
  options.body_limit_octets = std::size_t{512} * 1024 * 1024;  // an export's largest message
  const auto response = io::http::fetch(io::net::Endpoint::unix_socket(socket_), method, target, body, options);
  if (!response) {
    std::cerr << "veredus: " << socket_ << ": " << to_string(response.error()) << "; is the server running?\n";
    exit_code_ = kNotReachable;
    return std::nullopt;
  }
  if (response->status >= 300) {
    std::cerr << "veredus: " << detail_of(*response) << "\n";
    exit_code_ = response->status == 404 ? kNotFound : response->status == 400 ? kUsage : kFailed;
    return std::nullopt;
  }
  return *response;
}

std::optional<boost::json::value> AdminClient::call(io::http::Method method, std::string_view target,
                                                    const boost::json::value& body) {
  return send(method, target, body.is_null() ? std::string() : boost::json::serialize(body));
}

std::optional<boost::json::value> AdminClient::send(io::http::Method method, std::string_view target,
                                                    std::string_view octets) {
  const auto response = request(method, target, octets);
  if (!response) return std::nullopt;
  if (response->body.empty()) return boost::json::value(nullptr);
  boost::system::error_code error;
  auto value = boost::json::parse(response->body, error);
  if (!error) return value;
  std::cerr << "veredus: the server's answer is no JSON\n";
  exit_code_ = kFailed;
  return std::nullopt;
}

std::optional<std::string> AdminClient::fetch(std::string_view target) {
  auto response = request(io::http::Method::kGet, target, {});
  if (!response) return std::nullopt;
  return std::move(response->body);
}

}  // namespace veredus::app::cli
