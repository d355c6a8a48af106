#include "work/acme/https_transport.h"

#include <boost/url.hpp>
#include <utility>

#include "base/types/result.h"
#include "io/dns/endpoints.h"
#include "io/http/https_client.h"

namespace veredus::work::acme {
namespace {

constexpr std::size_t kBodyOctets = 1024 * 1024;
constexpr std::uint16_t kHttpsPort = 443;

Expected<io::http::HttpsRequest> request_for(const std::string& url) {
  const auto parsed = boost::urls::parse_uri(url);
  if (!parsed || parsed->scheme_id() != boost::urls::scheme::https || parsed->host_address().empty())
    return failed(AcmeError::kMalformed, "no https URL: " + url.substr(0, 200));
  io::http::HttpsRequest request;
  request.host = parsed->host_address();
  request.port = parsed->has_port() ? parsed->port_number() : kHttpsPort;
  request.target = std::string(parsed->encoded_path());
  if (request.target.empty()) request.target = "/";
  if (parsed->has_query()) request.target += "?" + std::string(parsed->encoded_query());
  return request;
}

}  // namespace

asio::awaitable<Expected<io::http::Response>> HttpsTransport::call(io::http::Method method, std::string url,
                                                                   std::string body) {
  VEREDUS_CO_TRY(auto request, request_for(url));
  request.method = method;
  request.headers.emplace_back("Accept", "*/*");
  if (!body.empty()) request.headers.emplace_back("Content-Type", "application/jose+json");  // RFC 8555 s6.2
  request.body = std::move(body);
  auto addresses = co_await io::dns::endpoints_of(resolver_, request.host, request.port);
  if (!addresses)
    co_return failed(AcmeError::kConnection, request.host + ": " + std::string(to_string(addresses.error())));
  io::http::HttpsOptions options;
  options.tls = tls_;
  options.body_limit_octets = kBodyOctets;
  auto response =
      co_await io::http::fetch_https(reactor_, *std::move(addresses), std::move(request), std::move(options));
  if (response) co_return *std::move(response);
  std::string why(to_string(response.error().error));
  if (!response.error().detail.empty()) why += " (" + response.error().detail + ")";
  co_return failed(AcmeError::kConnection, url + ": " + why);
}

}  // namespace veredus::work::acme
