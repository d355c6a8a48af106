#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <utility>

#include "io/dns/resolver.h"

namespace veredus::io::dns {

/// What is known of whether those who are asked hand on what DNSSEC needs.
enum class Proof : std::uint8_t {
  kUnknown,   // nobody has looked yet
  kProven,    // signed answers, and signed denials, came through and were valid
  kStripped,  // the root's answers came without signatures, or with others than the trust anchor says
  kSilent,    // no answer
};
[[nodiscard]] std::string_view to_string(Proof proof);

/// Whether `validating` can prove what the root of all names says of itself, and what it says it has not. It should
/// have been made for this: what it remembers proves nothing. The resolver outlives the task.
asio::awaitable<Proof> prove(Resolver* validating);

/// Two resolvers in one: where it is proven that DNSSEC comes through, all questions go to the one that validates; else
/// to the one that does not, so that a server that strips signatures makes nothing bogus, and nothing is authentic.
/// Bogus answers never lead from the one to the other: only a look at the root does. Thread-safe.
class ProvenResolver final : public Resolver {
 public:
  struct Options {
    std::chrono::milliseconds first_wait{3'000};  // how long questions wait for the first look
    std::chrono::milliseconds again{600'000};     // between looks
    std::chrono::milliseconds unproven{60'000};   // between looks while it is not proven
  };
  struct Parts {
    Resolver& validating;
    Resolver& plain;
    std::function<asio::awaitable<Proof>()> look;
    std::function<void(Proof)> tell;  // of what is not as it was at the look before
  };
  /// What it is given outlives it.
  ProvenResolver(Parts parts, Options options) : parts_(std::move(parts)), options_(options) {}

  /// Looks now and then, until it is cancelled.
  asio::awaitable<void> run();
  /// Looks once.
  asio::awaitable<void> look();
  [[nodiscard]] Proof proof() const { return proof_; }

  Result<MxRecord> mx(std::string name) override;
  Result<net::IpAddress> a(std::string name) override;
  Result<net::IpAddress> aaaa(std::string name) override;
  Result<std::string> txt(std::string name) override;
  Result<TlsaRecord> tlsa(std::string name) override;
  Result<SrvRecord> srv(std::string name) override;
  Result<std::string> ptr(net::IpAddress address) override;
  Result<std::string> cname(std::string name) override;
  Result<std::string> ns(std::string name) override;

 private:
  asio::awaitable<Resolver*> way() const;

  Parts parts_;
  Options options_;
  std::atomic<Proof> proof_ = Proof::kUnknown;
};

}  // namespace veredus::io::dns
