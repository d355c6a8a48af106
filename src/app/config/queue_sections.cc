#include <algorithm>

#include "app/config/lists.h"
#include "app/config/sections.h"
#include "base/codec/idna.h"

namespace veredus::app::config {
namespace {

using work::queue::EgressPool;
using work::queue::EgressSource;
using work::queue::ProviderLimits;
using work::queue::SiteLimits;

/// A list of lengths of time: ["5m", "10m", "1h"].
void read_intervals(TableReader& in, const toml::node* node, work::queue::RetrySchedule::Intervals& target) {
  if (node == nullptr) return;
  std::vector<std::string> texts;
  in.read(node, texts);
  work::queue::RetrySchedule::Intervals intervals;
  for (const auto& text : texts) {
    const auto interval = parse_duration(text);
    if (!interval || *interval < std::chrono::seconds(1))
      return in.fail(node, "wants lengths of time of a second or more, such as [\"5m\", \"30m\", \"1h\"]");
    intervals.push_back(*interval);
  }
  if (intervals.empty()) return in.fail(node, "wants at least one length of time");
  target = std::move(intervals);
}

/// 0 says "no limit".
void read_limit(TableReader& in, const toml::node* node, std::optional<unsigned>& target) {
  if (node == nullptr) return;
  unsigned limit = target.value_or(0);
  in.read(node, limit, 0, 10'000'000);
  target = limit == 0 ? std::nullopt : std::optional(limit);
}

void read_address(TableReader& in, const toml::node* node, io::net::IpAddress::Family family,
                  std::optional<io::net::IpAddress>& target) {
  if (node == nullptr) return;
  std::string text;
  in.read(node, text);
  const auto address = io::net::IpAddress::parse(text);
  if (!address || address->family() != family)
    in.fail(node, family == io::net::IpAddress::Family::kV4 ? "wants an IPv4 address, such as \"192.0.2.7\""
                                                            : "wants an IPv6 address, such as \"2001:db8::7\"");
  else
    target = *address;
}

void read_provider(const toml::table& table, const Place& place, Configuration& to, std::vector<ConfigError>& errors) {
  TableReader in(&table, "queue.provider.", place.file, errors);
  ProviderLimits provider;
  in.read(in.key("queue.provider.name"), provider.name);
  const auto* patterns = in.key("queue.provider.hosts");
  in.read(patterns, provider.patterns);
  if (provider.patterns.empty())
    errors.push_back({place.file, table.source().begin.line, "a [[queue.provider]] needs 'hosts'"});
  SiteLimits& limits = provider.limits;
  read_limit(in, in.key("queue.provider.connections"), limits.connections);
  read_limit(in, in.key("queue.provider.connections_per_minute"), limits.connections_per_minute);
  read_limit(in, in.key("queue.provider.messages_per_minute"), limits.messages_per_minute);
  read_limit(in, in.key("queue.provider.messages_per_connection"), limits.messages_per_connection);
  in.finish();
  to.queue.schedule.providers.push_back(std::move(provider));
}

void read_domain_tls(const toml::table& table, const Place& place, Configuration& to,
                     std::vector<ConfigError>& errors) {
  TableReader in(&table, "queue.tls.", place.file, errors);
  work::queue::DomainTls one;
  in.read(in.key("queue.tls.domains"), one.patterns);
  const auto* rule = in.key("queue.tls.rule");
  if (const auto choice = in.read_choice(rule, {"published", "never", "opportunistic", "encrypt", "verify", "dane"}))
    one.rule = static_cast<work::queue::DomainTlsRule>(*choice);
  if (one.patterns.empty() || rule == nullptr)
    errors.push_back({place.file, table.source().begin.line, "a [[queue.tls]] needs 'domains' and 'rule'"});
  in.finish();
  to.domain_tls.push_back(std::move(one));
}

void read_source(const toml::table& table, const Place& place, Configuration& to, std::vector<ConfigError>& errors) {
  TableReader in(&table, "queue.source.", place.file, errors);
  EgressSource source;
  in.read(in.key("queue.source.name"), source.name);
  read_address(in, in.key("queue.source.ipv4"), io::net::IpAddress::Family::kV4, source.v4);
  read_address(in, in.key("queue.source.ipv6"), io::net::IpAddress::Family::kV6, source.v6);
  const auto* hello = in.key("queue.source.hello");
  in.read(hello, source.hello_name);
  if (const auto ascii = base::codec::to_ascii(source.hello_name); !source.hello_name.empty()) {
    if (ascii)
      source.hello_name = *ascii;
    else
      in.fail(hello, "wants a host name, such as \"out1.example.org\"");
  }
  in.read(in.key("queue.source.weight"), source.weight, 0, 1000);
  in.finish();
  const bool taken = std::ranges::any_of(to.queue.sources, [&](const auto& s) { return s.name == source.name; });
  if (source.name.empty() || taken)
    errors.push_back({place.file, table.source().begin.line, "a [[queue.source]] needs a 'name' of its own"});
  else
    to.queue.sources.push_back(std::move(source));
}

void read_pool(const toml::table& table, const Place& place, Configuration& to, std::vector<ConfigError>& errors) {
  TableReader in(&table, "queue.pool.", place.file, errors);
  EgressPool pool;
  in.read(in.key("queue.pool.name"), pool.name);
  const auto* sources = in.key("queue.pool.sources");
  in.read(sources, pool.sources);
  if (pool.name.empty() || pool.sources.empty())
    errors.push_back({place.file, table.source().begin.line, "a [[queue.pool]] needs 'name' and 'sources'"});
  for (const auto& name : pool.sources)
    if (std::ranges::none_of(to.queue.sources, [&](const auto& s) { return s.name == name; }))
      in.fail(sources, "names \"" + name + "\", which is no [[queue.source]]");
  in.finish();
  to.queue.pools.push_back(std::move(pool));
}

void read_lists(TableReader& in, Configuration& to) {
  in.read(in.key("queue.own_return_paths"), to.queue.own_return_paths);
  auto& lists = to.queue.lists;
  in.read(in.key("queue.list_suspend_after"), lists.suspend_after, 0, 1'000'000);
  in.read(in.key("queue.list_suspend_on_complaint"), lists.suspend_on_complaint);
  in.read(in.key("queue.list_forget_after"), lists.forget_after);
}

void read_retries(TableReader& in, Configuration& to) {
  auto& retries = to.queue.retries;
  read_intervals(in, in.key("queue.retry_reply"), retries.reply);
  read_intervals(in, in.key("queue.retry_connect"), retries.connect);
  read_intervals(in, in.key("queue.retry_dns"), retries.dns);
  in.read(in.key("queue.retry_uncertain"), retries.uncertain);
  in.read(in.key("queue.backoff_first"), to.queue.schedule.concurrency.first_backoff);
  in.read(in.key("queue.backoff_last"), to.queue.schedule.concurrency.last_backoff);
  if (!retries.dns.empty()) {
    to.queue.schedule.lookup.first_rest = retries.dns.front();
    to.queue.schedule.lookup.last_rest = retries.dns.back();
  }
}

void read_connections(TableReader& in, Configuration& to) {
  auto& schedule = to.queue.schedule;
  in.read(in.key("queue.connections"), schedule.connections, 1, 100'000);
  in.read(in.key("queue.site_connections"), schedule.concurrency.most, 1, 10'000);
  in.read(in.key("queue.site_connections_first"), schedule.concurrency.first, 1, 10'000);
  read_limit(in, in.key("queue.connections_per_minute"), schedule.limits.connections_per_minute);
  read_limit(in, in.key("queue.messages_per_minute"), schedule.limits.messages_per_minute);
  read_limit(in, in.key("queue.messages_per_connection"), schedule.limits.messages_per_connection);
  in.read(in.key("queue.idle_timeout"), to.idle_connections.idle_timeout);
  in.read(in.key("queue.port"), to.sites.port, 1);
  in.read(in.key("queue.dane"), to.sites.dane);
  in.read(in.key("queue.mta_sts"), to.mta_sts);
  in.read(in.key("queue.mta_sts_port"), to.policy_fetch.port, 1);
  using Families = work::smtpclient::SiteFinder::Families;
  if (const auto choice =
          in.read_choice(in.key("queue.addresses"), {"ipv6-first", "ipv4-first", "ipv6-only", "ipv4-only"}))
    to.sites.families = static_cast<Families>(*choice);
  auto& timeouts = to.smtp_client.timeouts;
  in.read(in.key("queue.connect_timeout"), timeouts.connect);
  in.read(in.key("queue.greeting_timeout"), timeouts.greeting);
  in.read(in.key("queue.command_timeout"), timeouts.mail);
  timeouts.hello = timeouts.recipient = timeouts.mail;
  in.read(in.key("queue.data_timeout"), timeouts.final_dot);
}

void read_brakes(const toml::table* queue, const Place& place, Configuration& to, std::vector<ConfigError>& errors) {
  TableReader in(queue == nullptr ? nullptr : table_of(*queue, "brakes", place, errors), "queue.brakes.", place.file,
                 errors);
  auto& brakes = to.queue.brakes;
  in.read(in.key("queue.brakes.messages_per_hour"), brakes.messages_per_hour);
  in.read(in.key("queue.brakes.messages_per_day"), brakes.messages_per_day);
  in.read(in.key("queue.brakes.recipients_per_message"), brakes.recipients_per_message);
  in.read(in.key("queue.brakes.new_recipients_per_day"), brakes.new_recipients_per_day);
  in.read(in.key("queue.brakes.bounce_percent"), brakes.bounce_percent, 0, 100);
  in.read(in.key("queue.brakes.bounce_from"), brakes.bounce_from, 1);
  in.finish();
}

}  // namespace

void read_queue(const toml::table& file, const Place& place, Configuration& to, std::vector<ConfigError>& errors) {
  const toml::table* queue = table_of(file, "queue", place, errors);
  TableReader in(queue, "queue.", place.file, errors);
  in.read(in.key("queue.max_entries"), to.queue.max_entries, 1'000);
  auto& lifetimes = to.reception.lifetimes;
  in.read(in.key("queue.lifetime"), lifetimes.transactional);
  in.read(in.key("queue.bulk_lifetime"), lifetimes.bulk);
  in.read(in.key("queue.report_lifetime"), lifetimes.report);
  in.read(in.key("queue.delay_notice"), lifetimes.delay_notice);
  read_lists(in, to);
  read_retries(in, to);
  read_connections(in, to);
  in.read(in.key("queue.postmaster"), to.queue.postmaster);
  for (const auto* table : tables_of(in, in.key("queue.provider"), "queue.provider"))
    read_provider(*table, place, to, errors);
  for (const auto* table : tables_of(in, in.key("queue.tls"), "queue.tls")) read_domain_tls(*table, place, to, errors);
  for (const auto* table : tables_of(in, in.key("queue.source"), "queue.source"))
    read_source(*table, place, to, errors);
  for (const auto* table : tables_of(in, in.key("queue.pool"), "queue.pool")) read_pool(*table, place, to, errors);
  in.key("queue.brakes");
  in.finish();
  read_brakes(queue, place, to, errors);
}

}  // namespace veredus::app::config
