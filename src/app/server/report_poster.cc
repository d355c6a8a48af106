#include "app/server/report_poster.h"

#include <boost/asio/co_spawn.hpp>
#include <utility>
#include <vector>

#include "io/dns/resolver.h"
#include "io/http/https_client.h"
#include "io/net/reactor.h"

namespace veredus::app::server {

asio::awaitable<std::expected<unsigned, std::string>> ReportPoster::post(std::string url, std::string content_type,
                                                                         std::string body) {
  auto request = io::http::https_request(url);
  if (!request) co_return std::unexpected("no https URL");
  const auto six = co_await resolver_->aaaa(request->host);
  const auto four = co_await resolver_->a(request->host);
  std::vector<io::net::Endpoint> addresses;
  for (const auto* answer : {&six, &four}) {
    if (!*answer) continue;
    for (const auto& address : (*answer)->records)
      if (guard_.permits(address)) addresses.push_back(io::net::Endpoint::ip(address, request->port));
  }
  if (addresses.empty()) co_return std::unexpected("the host has no public address");
  request->method = io::http::Method::kPost;
  request->headers.emplace_back("Content-Type", std::move(content_type));
  request->body = std::move(body);
  io::http::HttpsOptions how;
  how.tls = tls_;
  auto& reactor = reactors_->next();
  auto fetch = io::http::fetch_https(&reactor, std::move(addresses), *std::move(request), std::move(how));
  auto response = co_await asio::co_spawn(reactor.executor(), std::move(fetch), asio::use_awaitable);
  if (response) co_return response->status;
  co_return std::unexpected(to_string(response.error()));
}

}  // namespace veredus::app::server
