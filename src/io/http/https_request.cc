#include <boost/url.hpp>

#include "base/codec/ascii.h"
#include "io/http/https_client.h"

namespace veredus::io::http {

std::optional<HttpsRequest> https_request(const std::string& url) {
  const auto parsed = boost::urls::parse_uri(url);
  if (!parsed || parsed->scheme_id() != boost::urls::scheme::https || parsed->host_address().empty())
    return std::nullopt;
  HttpsRequest request;
  request.host = base::codec::to_lower_ascii(std::string(parsed->host_address()));
  if (parsed->has_port() && !parsed->port().empty()) request.port = parsed->port_number();
  if (request.port == 0) return std::nullopt;
  request.target = std::string(parsed->encoded_path());
  if (!request.target.starts_with('/')) request.target = "/" + request.target;
  if (parsed->has_query()) request.target += "?" + std::string(parsed->encoded_query());
  return request;
}

}  // namespace veredus::io::http
