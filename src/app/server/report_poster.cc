#include "app/server/report_poster.h"

#include <boost/asio/co_spawn.hpp>
#include <charconv>
#include <optional>
#include <utility>
#include <vector>

#include "io/dns/resolver.h"
#include "io/http/https_client.h"
#include "io/net/reactor.h"
#include "rules/dmarc/report_destination.h"

namespace veredus::app::server {
namespace {

constexpr std::uint16_t kHttpsPort = 443;

struct Place {
  std::string host;
  std::uint16_t port = kHttpsPort;
  std::string target = "/";
};

/// nullopt: no https URL.
std::optional<Place> place_of(const std::string& url) {
  constexpr std::size_t kScheme = 8;  // https://
  const auto host = rules::dmarc::host_of(url);
  if (!host || url.size() < kScheme) return std::nullopt;
  Place out{.host = *host};
  const auto path = url.find_first_of("/?#", kScheme);
  const auto authority = url.substr(kScheme, path == std::string::npos ? path : path - kScheme);
  if (path != std::string::npos) {
    out.target = url.substr(path, url.find('#') == std::string::npos ? std::string::npos : url.find('#') - path);
    if (!out.target.starts_with('/')) out.target = '/' + out.target;
  }
  const auto colon = authority.rfind(':');
  if (colon == std::string::npos) return out;
  const auto [end, error] =
      std::from_chars(authority.data() + colon + 1, authority.data() + authority.size(), out.port);
  if (error != std::errc{} || end != authority.data() + authority.size() || out.port == 0) return std::nullopt;
  return out;
}

}  // namespace

asio::awaitable<std::expected<unsigned, std::string>> ReportPoster::post(std::string url, std::string content_type,
                                                                         std::string body) {
  const auto place = place_of(url);
  if (!place) co_return std::unexpected("no https URL");
  const auto six = co_await resolver_->aaaa(place->host);
  const auto four = co_await resolver_->a(place->host);
  std::vector<io::net::Endpoint> addresses;
  for (const auto* answer : {&six, &four}) {
    if (!*answer) continue;
    for (const auto& address : (*answer)->records)
      if (guard_.permits(address)) addresses.push_back(io::net::Endpoint::ip(address, place->port));
  }
  if (addresses.empty()) co_return std::unexpected("the host has no public address");
  io::http::HttpsRequest request;
  request.method = io::http::Method::kPost;
  request.host = place->host;
  request.port = place->port;
  request.target = place->target;
  request.headers.emplace_back("Content-Type", std::move(content_type));
  request.body = std::move(body);
  io::http::HttpsOptions how;
  how.tls = tls_;
  auto& reactor = reactors_->next();
  auto fetch = io::http::fetch_https(&reactor, std::move(addresses), std::move(request), std::move(how));
  auto response = co_await asio::co_spawn(reactor.executor(), std::move(fetch), asio::use_awaitable);
  if (response) co_return response->status;
  std::string why(to_string(response.error().error));
  if (!response.error().detail.empty()) why += " (" + response.error().detail + ")";
  co_return std::unexpected(std::move(why));
}

}  // namespace veredus::app::server
