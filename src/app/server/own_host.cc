#include <array>
#include <string_view>
#include <utility>

#include "app/server/parts.h"
#include "base/types/read_file.h"
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

/// The reason is for people.
asio::awaitable<std::expected<rules::mtasts::Policy, std::string>> with_reason(
    asio::awaitable<work::mtasts::Fetched> fetch) {
  auto fetched = co_await std::move(fetch);
  if (!fetched) co_return std::unexpected(std::move(fetched.error().reason));
  co_return *std::move(fetched);
}

}  // namespace

work::records::OwnHost Server::Parts::own_host() {
  work::records::OwnHost host{.name = configuration.hostname, .egress = {}, .services = {}, .certificates_der = {}};
  host.validates = dnssec() == "always" || dnssec() == "proven";
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
    auto der = work::records::first_certificate(read_file(certificate.chain_file).value_or(""));
    if (!der.empty()) host.certificates_der.push_back(std::move(der));
  }
  host.fetch_policy = [this](std::string domain) {
    return with_reason(fetch_policy(std::move(domain), kPolicyPatience));
  };
  return host;
}

}  // namespace veredus::app::server
