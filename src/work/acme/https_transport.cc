#include "work/acme/https_transport.h"

#include <utility>

#include "io/dns/endpoints.h"
#include "io/http/https_client.h"

namespace veredus::work::acme {
namespace {

constexpr std::size_t kBodyOctets = 1024 * 1024;

}  // namespace

asio::awaitable<Expected<io::http::Response>> HttpsTransport::call(io::http::Method method, std::string url,
                                                                   std::string body) {
  auto request = io::http::https_request(url);
  if (!request) co_return failed(AcmeError::kMalformed, "no https URL: " + url.substr(0, 200));
  request->method = method;
  request->headers.emplace_back("Accept", "*/*");
  if (!body.empty()) request->headers.emplace_back("Content-Type", "application/jose+json");  // RFC 8555 s6.2
  request->body = std::move(body);
  auto addresses = co_await io::dns::endpoints_of(resolver_, request->host, request->port);
  if (!addresses)
    co_return failed(AcmeError::kConnection, request->host + ": " + std::string(to_string(addresses.error())));
  io::http::HttpsOptions options;
  options.tls = tls_;
  options.body_limit_octets = kBodyOctets;
  auto response =
      co_await io::http::fetch_https(reactor_, *std::move(addresses), *std::move(request), std::move(options));
  if (response) co_return *std::move(response);
  co_return failed(AcmeError::kConnection, url + ": " + to_string(response.error()));
}

}  // namespace veredus::work::acme
