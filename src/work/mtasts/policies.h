#pragma once

#include <atomic>
#include <chrono>
#include <cstddef>
#include <expected>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>

#include "base/types/clock.h"
#include "io/engine/engine.h"
#include "io/net/asio.h"
#include "work/mtasts/fetch.h"
#include "work/mtasts/policy_row.h"
#include "work/smtpclient/sts_standing.h"

namespace veredus::base::observe {
class Counter;
class Logger;
class Metrics;
}  // namespace veredus::base::observe
namespace veredus::work::mtasts {

/// The MTA-STS policies of the domains mail goes to: fetched when mail first does, kept in the store for as long as
/// they hold, fetched again each day while mail goes there. A policy that holds stays in force whatever DNS and the
/// policy's host say later, but for another policy. Thread-safe. Source: RFC 8461.
class Policies final : public smtpclient::StsPolicies {
 public:
  struct Options {
    std::chrono::seconds retry_after = std::chrono::minutes(5);       // RFC 8461 s3.3: a fetch that failed
    std::chrono::seconds refresh_after = std::chrono::hours(24);      // RFC 8461 s3.3, s10.2: or half of max_age
    std::chrono::seconds look_every = std::chrono::minutes(10);       // for what is to be fetched again
    std::chrono::seconds forget_after = std::chrono::hours(24) * 30;  // without mail nothing is fetched again
    std::size_t known_domains = 50'000;                               // in memory; more come from the store again
  };
  /// Fetches a domain's policy; on any executor.
  using Fetch = std::function<asio::awaitable<Fetched>(std::string domain)>;
  /// All must outlive it.
  struct Parts {
    const Clock& clock;
    io::engine::Engine& engine;
    io::dns::Resolver& resolver;
    base::observe::Logger& log;
    base::observe::Metrics& metrics;
    Fetch fetch;
  };

  Policies(Parts parts, Options options);

  asio::awaitable<std::shared_ptr<const smtpclient::StsStanding>> find(std::string domain) override;
  [[nodiscard]] std::shared_ptr<const smtpclient::StsStanding> known(const std::string& domain) const override;

  /// Fetches again what is to be, until cancelled: spawn it into a task group.
  asio::awaitable<void> run();
  /// One look at all that is kept.
  asio::awaitable<void> refresh();

 private:
  struct Domain {
    std::shared_ptr<const smtpclient::StsStanding> standing;  // null: not looked at yet
    std::optional<PolicyRow> row;
    SystemTime no_fetch_before{};
    std::string failed_id;  // the record's, of the fetch that failed
  };
  using Standing = std::shared_ptr<const smtpclient::StsStanding>;

  asio::awaitable<std::expected<Domain, io::engine::StoreError>> recall(std::string domain);
  asio::awaitable<std::optional<std::string>> published_id(std::string domain);
  asio::awaitable<void> fetch_into(Domain* about, std::string domain, std::string id);
  asio::awaitable<void> keep(std::string domain, PolicyRow row);
  asio::awaitable<void> note_use(Domain* about, std::string domain);
  asio::awaitable<void> refresh_one(std::string domain, PolicyRow row);
  Standing remember(const std::string& domain, Domain about);
  [[nodiscard]] bool holds(const PolicyRow& row) const { return parts_.clock.now() < row.expires_at(); }
  base::observe::Counter& counter_of(std::string_view result);

  Parts parts_;
  Options options_;
  mutable std::mutex mutex_;
  std::unordered_map<std::string, Domain> domains_;
};

}  // namespace veredus::work::mtasts
