#include <fmt/format.h>

#include <memory>
#include <utility>

#include "app/server/parts.h"

namespace veredus::app::server {

using io::dns::Proof;
using io::dns::ResolverOptions;
using io::dns::UnboundResolver;

namespace {

constexpr std::chrono::seconds kLookPatience{5};
constexpr std::uint64_t kLookCacheOctets = 1 << 20;

/// A resolver that remembers nothing from before, with what it counts into.
struct Fresh {
  base::observe::Metrics metrics;  // nobody's
  std::unique_ptr<UnboundResolver> resolver;
};

std::string_view reason_of(Proof proof) {
  return proof == Proof::kSilent ? "no answer" : "the servers asked do not hand on the root's signatures";
}

}  // namespace

/// Nobody is asked yet.
std::expected<void, std::string> Server::Parts::open_dns() {
  auto started = UnboundResolver::start(configuration.dns, metrics);
  if (!started) return std::unexpected(fmt::format("DNS: {}", to_string(started.error())));
  auto& plain = *unbound.emplace_back(*std::move(started));
  resolver = &plain;
  if (configuration.proven_anchor.empty()) return {};
  auto options = configuration.dns;
  options.trust_anchor_file = configuration.proven_anchor;
  auto validating = UnboundResolver::start(std::move(options), metrics);
  if (!validating) {  // nobody asked for it in so many words: where the anchor is missing, mail goes without
    log.warning("dns.not_validated", {{"why", to_string(validating.error())}, {"dane", "off"}});
    return {};
  }
  const auto tell = [this](Proof proof) {
    if (proof == Proof::kProven) return log.info("dns.validated", {{"anchor", configuration.proven_anchor}});
    log.warning("dns.not_validated", {{"why", reason_of(proof)}, {"dane", "off"}});
  };
  io::dns::ProvenResolver::Parts parts{.validating = *unbound.emplace_back(*std::move(validating)),
                                       .plain = plain,
                                       .look = [this] { return look_at_dnssec(); },
                                       .tell = tell};
  resolver = &proven_resolver.emplace(std::move(parts), io::dns::ProvenResolver::Options{});
  return {};
}

asio::awaitable<Proof> Server::Parts::look_at_dnssec() {
  auto options = configuration.dns;
  options.trust_anchor_file = configuration.proven_anchor;
  options.deadline = kLookPatience;
  options.cache_octets = kLookCacheOctets;
  const auto fresh = std::make_shared<Fresh>();
  // libunbound's thread begins and ends where nobody waits for it.
  auto begin = [fresh, options] {
    auto started = UnboundResolver::start(options, fresh->metrics);
    if (started) fresh->resolver = *std::move(started);
    return started.has_value();
  };
  const auto begun = co_await workers.run(std::move(begin));
  if (!begun || !*begun) co_return Proof::kSilent;
  const auto proof = co_await io::dns::prove(fresh->resolver.get());
  auto end = [fresh] {
    fresh->resolver.reset();
    return true;
  };
  const auto ended = co_await workers.run(std::move(end));
  co_return ended ? proof : Proof::kSilent;
}

std::string_view Server::Parts::dnssec() const {
  if (proven_resolver) return to_string(proven_resolver->proof());
  return configuration.dns.trust_anchor_file.empty() ? "off" : "always";
}

}  // namespace veredus::app::server
