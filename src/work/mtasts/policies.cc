#include "work/mtasts/policies.h"

#include <algorithm>
#include <utility>
#include <vector>

#include "base/observe/log.h"
#include "base/observe/metrics.h"
#include "base/types/result.h"
#include "io/dns/resolver.h"
#include "io/engine/engine.h"
#include "io/net/deadline.h"
#include "rules/mtasts/record.h"

namespace veredus::work::mtasts {

using io::engine::Batch;
using io::engine::Durability;
using smtpclient::StsStanding;
using smtpclient::TlsResult;

namespace {

constexpr std::uint32_t kPage = 500;
constexpr std::chrono::hours kUseStep{24};  // how exactly it is known when mail last went somewhere

}  // namespace

Policies::Policies(Parts parts, Options options) : parts_(std::move(parts)), options_(options) {
  for (const auto result : {TlsResult::kSuccess, TlsResult::kStsPolicyFetchError, TlsResult::kStsPolicyInvalid,
                            TlsResult::kStsWebPkiInvalid})
    static_cast<void>(counter_of(to_string(result)));
}

base::observe::Counter& Policies::counter_of(std::string_view result) {
  return parts_.metrics.counter("veredus_mta_sts_fetches_total", "Policies fetched from their hosts",
                                {{"result", std::string(result)}});
}

std::shared_ptr<const StsStanding> Policies::known(const std::string& domain) const {
  const std::scoped_lock lock(mutex_);
  const auto found = domains_.find(domain);
  return found == domains_.end() ? nullptr : found->second.standing;
}

/// What is known of a domain before DNS is asked. RFC 8461 s5.1: a store that does not answer is no word that a policy
/// which is enforced has ended.
asio::awaitable<std::expected<Policies::Domain, io::engine::StoreError>> Policies::recall(std::string domain) {
  {
    const std::scoped_lock lock(mutex_);
    if (const auto found = domains_.find(domain); found != domains_.end()) co_return found->second;
  }
  std::vector<std::string> keys = {policy_key(domain)};
  VEREDUS_CO_TRY(auto rows, co_await parts_.engine.get(policy_partition(), std::move(keys)));
  Domain about;
  if (rows.front()) about.row = decode(*rows.front());
  co_return about;
}

/// nullopt: there is no record that says a policy is there, or DNS does not tell.
asio::awaitable<std::optional<std::string>> Policies::published_id(std::string domain) {
  const auto answer = co_await parts_.resolver.txt(rules::mtasts::record_name(domain));
  if (!answer) co_return std::nullopt;
  auto record = rules::mtasts::choose_record(answer->records);
  if (!record) co_return std::nullopt;
  co_return std::move(record->id);
}

asio::awaitable<std::shared_ptr<const StsStanding>> Policies::find(std::string domain) {
  auto recalled = co_await recall(domain);
  if (!recalled) {
    parts_.log.warning("mtasts.not_recalled", {{"domain", domain}, {"error", to_string(recalled.error())}});
    co_return nullptr;
  }
  Domain about = *std::move(recalled);
  const auto id = co_await published_id(domain);
  if (about.row && !holds(*about.row)) about.row.reset();
  const bool another = id && (!about.row || about.row->id != *id);
  if (!another) {
    about.failed_id.clear();
  } else if (about.failed_id != *id || parts_.clock.now() >= about.no_fetch_before) {
    co_await fetch_into(&about, domain, *id);
  }
  if (about.row) co_await note_use(&about, domain);
  co_return remember(domain, std::move(about));
}

/// `about` belongs to the caller, who waits.
asio::awaitable<void> Policies::fetch_into(Domain* about, std::string domain, std::string id) {
  auto fetched = co_await parts_.fetch(domain);
  if (!fetched) {
    auto& failure = fetched.error();
    counter_of(to_string(failure.result)).add();
    parts_.log.info("mtasts.not_fetched",
                    {{"domain", domain}, {"result", to_string(failure.result)}, {"why", failure.reason}});
    auto standing = std::make_shared<StsStanding>();
    standing->failure = failure.result;
    standing->failure_reason = std::move(failure.reason);
    about->standing = std::move(standing);
    about->failed_id = std::move(id);
    about->no_fetch_before = parts_.clock.now() + options_.retry_after;
    co_return;
  }
  counter_of(to_string(TlsResult::kSuccess)).add();
  about->failed_id.clear();
  PolicyRow row{.id = std::move(id),
                .policy = *std::move(fetched),
                .fetched_at = parts_.clock.now(),
                .used_at = about->row ? about->row->used_at : parts_.clock.now()};
  parts_.log.info("mtasts.fetched", {{"domain", domain}, {"id", row.id}, {"mode", to_string(row.policy.mode)}});
  about->row = row;
  co_await keep(std::move(domain), std::move(row));
}

/// A store that takes no writes leaves the policy in memory: it holds here all the same.
asio::awaitable<void> Policies::keep(std::string domain, PolicyRow row) {
  Batch batch;
  batch.put(policy_key(domain), encode(row)).keep_version();
  const auto written = co_await parts_.engine.commit(policy_partition(), std::move(batch), Durability::kSynced);
  if (!written) parts_.log.warning("mtasts.not_kept", {{"domain", domain}, {"error", to_string(written.error())}});
}

asio::awaitable<void> Policies::note_use(Domain* about, std::string domain) {
  const auto now = parts_.clock.now();
  if (now - about->row->used_at < kUseStep) co_return;
  about->row->used_at = now;
  co_await keep(std::move(domain), *about->row);
}

/// Another search may have fetched a policy while this one waited: that one stays.
Policies::Standing Policies::remember(const std::string& domain, Domain about) {
  const std::scoped_lock lock(mutex_);
  const auto found = domains_.find(domain);
  if (found != domains_.end() && found->second.row) {
    const auto& other = *found->second.row;
    if (holds(other) && (!about.row || other.fetched_at > about.row->fetched_at)) {
      if (about.failed_id == other.id) about.failed_id.clear();
      about.row = other;
    }
  }
  auto standing = std::make_shared<StsStanding>();
  if (about.row && holds(*about.row)) standing->policy = about.row->policy;
  if (!about.failed_id.empty() && about.standing) {
    standing->failure = about.standing->failure;
    standing->failure_reason = about.standing->failure_reason;
  }
  about.standing = standing;
  if (domains_.size() >= options_.known_domains && found == domains_.end()) domains_.clear();
  domains_.insert_or_assign(domain, std::move(about));
  return standing;
}

asio::awaitable<void> Policies::run() {
  while (true) {
    co_await io::net::pause(std::chrono::duration_cast<std::chrono::milliseconds>(options_.look_every));
    co_await refresh();
  }
}

asio::awaitable<void> Policies::refresh() {
  std::string from;
  for (bool more = true; more;) {
    auto page = co_await parts_.engine.scan(policy_partition(), from, {}, {.limit = kPage});
    if (!page) co_return;
    for (auto& row : page->rows) {
      const auto domain = domain_of(row.key);
      auto decoded = domain ? decode(row.value) : std::nullopt;
      if (decoded) co_await refresh_one(std::string(*domain), *std::move(decoded));
    }
    more = page->more && !page->rows.empty();
    if (more) from = page->rows.back().key + '\0';
  }
}

/// What nobody has written to for long is left to expire; what has expired is forgotten.
asio::awaitable<void> Policies::refresh_one(std::string domain, PolicyRow row) {
  const auto now = parts_.clock.now();
  const bool wanted = now - row.used_at < options_.forget_after;
  if (!holds(row) && !wanted) {
    Batch batch;
    batch.erase(policy_key(domain)).keep_version();
    const auto erased = co_await parts_.engine.commit(policy_partition(), std::move(batch), Durability::kRelaxed);
    static_cast<void>(erased);  // else it is, the next time
    co_return;
  }
  const auto due = row.fetched_at + std::min(options_.refresh_after, row.policy.max_age / 2);
  if (!wanted || now < due) co_return;
  auto recalled = co_await recall(domain);
  if (!recalled) co_return;  // the next look will do
  Domain about = *std::move(recalled);
  if (now < about.no_fetch_before) co_return;
  auto id = co_await published_id(domain);
  if (!id) co_return;  // RFC 8461 s5.1: what is kept holds until it expires
  about.row = std::move(row);
  co_await fetch_into(&about, domain, *std::move(id));
  static_cast<void>(remember(domain, std::move(about)));
}

}  // namespace veredus::work::mtasts
