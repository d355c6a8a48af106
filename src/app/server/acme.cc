#include <fmt/format.h>

#include "app/server/parts.h"
#include "app/server/privileges.h"
#include "base/types/result.h"

namespace veredus::app::server {
namespace {

/// `board` is owned by the server, which joins its sessions.
asio::awaitable<io::http::Response> answer_challenge(work::acme::ChallengeBoard* board, io::http::Request request) {
  co_return board->answer(request.parameter("token"));
}

}  // namespace

/// Before certificates are read: a first start has one to show until the authority has made a better one.
std::expected<void, std::string> Server::Parts::prepare_acme() {
  const auto& acme = configuration.acme;
  if (acme.directory.empty()) return {};
  const auto prepare = [&]() -> std::expected<void, std::string> {
    VEREDUS_TRY(prepare_directory(acme.folder, configuration.run_as));
    return work::acme::prepare_certificate(acme, clock.now());
  };
  return do_as(configuration.run_as, prepare);
}

/// Where the authority looks for what proves that the names are ours.
std::expected<void, std::string> Server::Parts::listen_for_challenges() {
  const auto& acme = configuration.acme;
  if (acme.directory.empty()) return {};
  challenges.emplace(acme.challenge, clock);
  io::net::Listener::Accept accept;
  if (acme.challenge == work::acme::ChallengeKind::kHttp01) {
    io::http::Router pages;
    pages.add(io::http::Method::kGet, work::acme::ChallengeBoard::kPath,
              [this](io::http::Request request) { return answer_challenge(&*challenges, std::move(request)); });
    challenge_page = std::make_unique<io::http::Server>(std::move(pages), io::http::ServerOptions{});
    accept = [this](io::net::Connection c) { return challenge_page->serve(std::move(c)); };
  } else {
    accept = [this](io::net::Connection c) { return challenges->serve_tls(std::move(c)); };
  }
  for (const auto& address : acme.addresses) {
    io::net::Listener::Options options;
    options.endpoint = *io::net::Endpoint::parse(address);  // the configuration has checked it
    options.limits = sessions;
    auto listener = io::net::Listener::open(reactors, std::move(options), accept);
    if (!listener)
      return std::unexpected(fmt::format("cannot listen at {} for ACME: {}", address, to_string(listener.error())));
    challenge_listeners.push_back(std::move(*listener));
  }
  return {};
}

std::expected<void, std::string> Server::Parts::begin_acme() {
  if (configuration.acme.directory.empty()) return {};
  auto roots = io::net::TlsContext::client({});
  if (!roots) return std::unexpected(fmt::format("TLS towards the ACME server: {}", to_string(roots.error())));
  authority.emplace(reactors[0], *resolver, *std::move(roots));
  auto install = [this]() -> std::expected<void, std::string> {
    if (const auto read = tls->reload(); !read) return std::unexpected(std::string(to_string(read.error())));
    return {};
  };
  const work::acme::Keeper::Parts parts{.clock = clock,
                                        .log = log,
                                        .metrics = metrics,
                                        .transport = *authority,
                                        .prover = *challenges,
                                        .install = install};
  certificate_keeper.emplace(parts, configuration.acme);
  reactors[0].tasks().spawn(certificate_keeper->run());
  return {};
}

}  // namespace veredus::app::server
