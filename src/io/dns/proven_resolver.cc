#include "io/dns/proven_resolver.h"

#include <utility>

#include "io/net/deadline.h"

namespace veredus::io::dns {
namespace {

constexpr std::chrono::milliseconds kBetweenGlances{10};

/// Of one answer: proven, silent, or anything else, which is stripped.
template <class Record>
Proof proof_of(const std::expected<Answer<Record>, DnsError>& answer) {
  if (answer) return answer->authentic ? Proof::kProven : Proof::kStripped;
  switch (answer.error()) {
    case DnsError::kTimeout:
    case DnsError::kTooManyQueries:
    case DnsError::kStopped:
      return Proof::kSilent;
    case DnsError::kServerFailure:  // also what libunbound says when nobody can be reached
      return Proof::kSilent;
    case DnsError::kNoSuchName:
    case DnsError::kBogus:
    case DnsError::kMalformedName:
    case DnsError::kMalformedAnswer:
      break;
  }
  return Proof::kStripped;
}

}  // namespace

std::string_view to_string(Proof proof) {
  switch (proof) {
    case Proof::kUnknown:
      return "unknown";
    case Proof::kProven:
      return "proven";
    case Proof::kStripped:
      return "stripped";
    case Proof::kSilent:
      return "silent";
  }
  return "unknown";
}

/// RFC 4035 s5: what is there is proven by RRSIG, what is not by NSEC; a server on the way may lose either.
asio::awaitable<Proof> prove(Resolver* validating) {
  const auto there = proof_of(co_await validating->ns("."));
  if (there != Proof::kProven) co_return there;
  co_return proof_of(co_await validating->srv("."));
}

asio::awaitable<void> ProvenResolver::look() {
  auto found = co_await parts_.look();
  const auto before = proof_.load();
  // Who was proven and now is silent has lost the network, not the signatures.
  if (found == Proof::kSilent && before == Proof::kProven) co_return;
  proof_ = found;
  if (found != before) parts_.tell(found);
}

asio::awaitable<void> ProvenResolver::run() {
  while (true) {
    co_await look();
    co_await net::pause(proof_ == Proof::kProven ? options_.again : options_.unproven);
  }
}

asio::awaitable<Resolver*> ProvenResolver::way() const {
  const auto until = std::chrono::steady_clock::now() + options_.first_wait;
  while (proof_ == Proof::kUnknown && std::chrono::steady_clock::now() < until) co_await net::pause(kBetweenGlances);
  co_return proof_ == Proof::kProven ? &parts_.validating : &parts_.plain;
}

Resolver::Result<MxRecord> ProvenResolver::mx(std::string name) {
  auto* const asked = co_await way();
  co_return co_await asked->mx(std::move(name));
}
Resolver::Result<net::IpAddress> ProvenResolver::a(std::string name) {
  auto* const asked = co_await way();
  co_return co_await asked->a(std::move(name));
}
Resolver::Result<net::IpAddress> ProvenResolver::aaaa(std::string name) {
  auto* const asked = co_await way();
  co_return co_await asked->aaaa(std::move(name));
}
Resolver::Result<std::string> ProvenResolver::txt(std::string name) {
  auto* const asked = co_await way();
  co_return co_await asked->txt(std::move(name));
}
Resolver::Result<TlsaRecord> ProvenResolver::tlsa(std::string name) {
  auto* const asked = co_await way();
  co_return co_await asked->tlsa(std::move(name));
}
Resolver::Result<SrvRecord> ProvenResolver::srv(std::string name) {
  auto* const asked = co_await way();
  co_return co_await asked->srv(std::move(name));
}
Resolver::Result<std::string> ProvenResolver::ptr(net::IpAddress address) {
  auto* const asked = co_await way();
  co_return co_await asked->ptr(address);
}
Resolver::Result<std::string> ProvenResolver::cname(std::string name) {
  auto* const asked = co_await way();
  co_return co_await asked->cname(std::move(name));
}
Resolver::Result<std::string> ProvenResolver::ns(std::string name) {
  auto* const asked = co_await way();
  co_return co_await asked->ns(std::move(name));
}

}  // namespace veredus::io::dns
