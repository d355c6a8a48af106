#include <array>
#include <boost/asio/co_spawn.hpp>
#include <fstream>
#include <sstream>
#include <string_view>
#include <utility>

#include "app/server/parts.h"
#include "work/mtasts/fetch.h"

namespace veredus::app::server {

using config::Protocol;

namespace {

constexpr std::chrono::seconds kPolicyPatience{15};  // somebody waits for the report

/// What mail programs look for, the best first (RFC 8314 s3: TLS from the start).
constexpr std::array<std::pair<Protocol, std::string_view>, 6> kServices{{
    {Protocol::kSubmissions, "_submissions"},
    {Protocol::kSubmission, "_submission"},
    {Protocol::kImaps, "_imaps"},
    {Protocol::kImap, "_imap"},
    {Protocol::kPop3s, "_pop3s"},
    {Protocol::kPop3, "_pop3"},
}};

std::string content_of(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  std::ostringstream text;
  text << file.rdbuf();
  return std::move(text).str();
}

/// On a reactor of this program, wherever the caller is.
asio::awaitable<std::expected<rules::mtasts::Policy, std::string>> fetch_on(io::net::Reactor* reactor,
                                                                            io::dns::Resolver* resolver,
                                                                            std::string domain,
                                                                            work::mtasts::FetchOptions options) {
  options.deadline = kPolicyPatience;
  auto fetch = work::mtasts::fetch_policy(reactor, resolver, std::move(domain), std::move(options));
  auto fetched = co_await asio::co_spawn(reactor->executor(), std::move(fetch), asio::use_awaitable);
  if (!fetched) co_return std::unexpected(std::move(fetched.error().reason));
  co_return *std::move(fetched);
}

}  // namespace

work::records::OwnHost Server::Parts::own_host() {
  work::records::OwnHost host{.name = configuration.hostname, .egress = {}, .services = {}, .certificates_der = {}};
  for (const auto& source : configuration.queue.sources)
    for (const auto& address : {source.v4, source.v6})
      if (address) host.egress.push_back(*address);
  for (const auto& [protocol, name] : kServices) {
    for (const auto& entrance : entrances) {
      if (entrance.settings.protocol != protocol) continue;
      host.services.push_back({.name = std::string(name), .port = entrance.listener->endpoint().port});
      break;
    }
  }
  for (const auto& certificate : configuration.certificates) {
    auto der = work::records::first_certificate(content_of(certificate.chain_file));
    if (!der.empty()) host.certificates_der.push_back(std::move(der));
  }
  host.fetch_policy = [this](std::string domain) {
    return fetch_on(&reactors.next(), resolver.get(), std::move(domain), configuration.policy_fetch);
  };
  return host;
}

}  // namespace veredus::app::server
