#include "io/http/message.h"

#include <algorithm>
#include <boost/json/object.hpp>
#include <boost/json/serialize.hpp>

namespace veredus::io::http {
namespace {

template <class Pairs>
std::string_view first_of(const Pairs& pairs, std::string_view name) {
  const auto found = std::ranges::find(pairs, name, [](const auto& pair) { return std::string_view(pair.first); });
  return found == pairs.end() ? std::string_view() : std::string_view(found->second);
}

struct Reason {
  unsigned status;
  std::string_view text;
};
constexpr Reason kReasons[] = {
    {200, "OK"},
    {201, "Created"},
    {202, "Accepted"},
    {204, "No Content"},
    {304, "Not Modified"},
    {400, "Bad Request"},
    {401, "Unauthorized"},
    {403, "Forbidden"},
    {404, "Not Found"},
    {405, "Method Not Allowed"},
    {406, "Not Acceptable"},
    {408, "Request Timeout"},
    {409, "Conflict"},
    {410, "Gone"},
    {411, "Length Required"},
    {412, "Precondition Failed"},
    {413, "Content Too Large"},
    {415, "Unsupported Media Type"},
    {422, "Unprocessable Content"},
    {429, "Too Many Requests"},
    {431, "Request Header Fields Too Large"},
    {500, "Internal Server Error"},
    {501, "Not Implemented"},
    {503, "Service Unavailable"},
    {505, "HTTP Version Not Supported"},
    {507, "Insufficient Storage"},
};

}  // namespace

std::string_view to_string(Method method) {
  switch (method) {
    case Method::kGet:
      return "GET";
    case Method::kHead:
      return "HEAD";
    case Method::kPost:
      return "POST";
    case Method::kPut:
      return "PUT";
    case Method::kPatch:
      return "PATCH";
    case Method::kDelete:
      return "DELETE";
  }
  return "GET";
}

std::string_view Request::parameter(std::string_view name) const { return first_of(parameters, name); }
std::string_view Request::query_value(std::string_view name) const { return first_of(query, name); }
std::string_view Request::header(std::string_view lower_name) const { return first_of(headers, lower_name); }

std::string_view reason_of(unsigned status) {
  const auto* found = std::ranges::find(kReasons, status, &Reason::status);
  return found == std::end(kReasons) ? "Unknown" : found->text;
}

Response problem(unsigned status, std::string_view detail) { return problem(status, "about:blank", detail); }

Response problem(unsigned status, std::string_view type, std::string_view detail) {  // RFC 9457 s3.1
  boost::json::object body;
  body["type"] = type;
  body["title"] = reason_of(status);
  body["status"] = status;
  if (!detail.empty()) body["detail"] = detail;
  return {.status = status, .content_type = "application/problem+json", .body = boost::json::serialize(body)};
}

}  // namespace veredus::io::http
