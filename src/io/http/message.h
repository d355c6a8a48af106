#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace veredus::io::http {

enum class Method : std::uint8_t { kGet, kHead, kPost, kPut, kPatch, kDelete };
[[nodiscard]] std::string_view to_string(Method method);

/// One request, as a route's function gets it. The path is decoded; so are parameters.
struct Request {
  Method method = Method::kGet;
  std::string path;
  std::vector<std::pair<std::string, std::string>> parameters;  // of the route's {names}, in order
  std::vector<std::pair<std::string, std::string>> query;       // in order; a name may come twice
  std::vector<std::pair<std::string, std::string>> headers;     // names in lower case
  std::string body;
  bool local_peer = false;  // came over a UNIX socket
  std::string peer;         // for logs

  /// The first of that name; empty when there is none.
  [[nodiscard]] std::string_view parameter(std::string_view name) const;
  [[nodiscard]] std::string_view query_value(std::string_view name) const;
  [[nodiscard]] std::string_view header(std::string_view lower_name) const;
};

struct Response {
  unsigned status = 200;
  std::string content_type = "application/json";
  std::string body = {};
  std::vector<std::pair<std::string, std::string>> headers = {};  // beyond what is always sent
};

/// `{"type":"about:blank","title":…,"status":…,"detail":…}`, RFC 9457. `detail` is for people and may be empty.
[[nodiscard]] Response problem(unsigned status, std::string_view detail);
/// The same with a `type` of our own that programs can tell apart, as "unknown-account".
[[nodiscard]] Response problem(unsigned status, std::string_view type, std::string_view detail);
/// The reason phrase of RFC 9110 s15; "Unknown" for others.
[[nodiscard]] std::string_view reason_of(unsigned status);

}  // namespace veredus::io::http
