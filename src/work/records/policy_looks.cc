#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <set>

#include "base/codec/ascii.h"
#include "rules/dkim/tag_list.h"
#include "rules/dmarc/record.h"
#include "rules/mtasts/record.h"
#include "rules/spf/check_host.h"
#include "rules/spf/record.h"
#include "rules/tlsrpt/record.h"
#include "work/mailauth/lookup.h"
#include "work/records/looks.h"

namespace veredus::work::records {

using io::net::IpAddress;
namespace spf = rules::spf;

namespace {

/// Addresses that mail leaves from.
std::set<IpAddress> senders(const Subject& subject) {
  std::set<IpAddress> out(subject.addresses.begin(), subject.addresses.end());
  out.insert(subject.host.egress.begin(), subject.host.egress.end());
  return out;
}

/// The policy with what lets these addresses pass, before everything else in it.
std::string spf_with(std::string_view policy, const std::vector<IpAddress>& addresses) {
  std::string terms;
  for (const auto& address : addresses)
    terms += fmt::format(" {}:{}", address.is_v6() ? "ip6" : "ip4", address.to_string());
  constexpr std::size_t kVersionOctets = 6;  // v=spf1
  return std::string(policy).insert(kVersionOctets, terms);
}

/// The TXT records of a name; false: DNS does not answer, and the check says so.
asio::awaitable<bool> read_texts(io::dns::Resolver* resolver, Check* check) {
  auto answer = co_await resolver->txt(check->name);
  if (!answer && note_failure(*check, answer.error())) co_return false;
  if (answer) check->found = std::move(answer->records);
  co_return true;
}

bool has_policy(const std::string& record) {
  const auto tags = rules::dkim::TagList::parse(record);
  const auto p = base::codec::to_lower_ascii(tags ? tags->find("p").value_or("") : "");
  return p == "none" || p == "quarantine" || p == "reject";
}

template <class IsIt>
void keep(std::vector<std::string>& texts, IsIt is_it) {
  std::erase_if(texts, [&](const std::string& text) { return !is_it(text); });
}

}  // namespace

Look look_at_spf(const Subject* subject) {
  const auto& domain = subject->domain.name;
  Check check{.kind = "SPF", .name = domain, .record = zone_text(domain, "v=spf1 mx -all")};
  if (!co_await read_texts(subject->resolver, &check)) co_return std::vector{check};
  keep(check.found, [](const std::string& text) { return spf::is_spf(text); });
  if (check.found.empty()) {
    set_missing(check, "the domain does not say who may send for it");
    co_return std::vector{check};
  }
  if (check.found.size() > 1) {  // RFC 7208 s3.2
    set_wrong(check, "there are several policies: none of them counts",
              fmt::format("keep one and remove the others, such as: {}", check.record));
    co_return std::vector{check};
  }
  std::vector<IpAddress> refused;
  std::string problem;
  for (const auto& address : senders(*subject)) {
    spf::Subject sender{.address = address.value(), .helo = subject->host.name, .mail_from = "postmaster@" + domain};
    sender.receiver = subject->host.name;
    sender.now = subject->now;
    auto inquiry = spf::check_host(std::move(sender), spf::Options());
    const auto verdict = co_await mailauth::run(subject->resolver, std::move(inquiry));
    if (verdict.result == spf::Result::kPass) continue;
    refused.push_back(address);
    problem = fmt::format("{} for mail from {}", to_string(verdict.result), address.to_string());
    if (!verdict.problem.empty()) problem += ": " + verdict.problem;
    if (verdict.result == spf::Result::kPermerror) {
      set_wrong(check, std::move(problem), fmt::format("replace by: {}", check.record));
      co_return std::vector{check};
    }
  }
  check.state = State::kOk;
  if (refused.empty()) {
    check.record = zone_text(domain, check.found.front());
    co_return std::vector{check};
  }
  check.record = zone_text(domain, spf_with(check.found.front(), refused));
  set_wrong(check, std::move(problem), fmt::format("replace by: {}", check.record));
  co_return std::vector{check};
}

Look look_at_dmarc(const Subject* subject) {
  const auto& domain = subject->domain.name;
  Check check{.kind = "DMARC", .name = "_dmarc." + domain};
  check.record = zone_text(check.name, fmt::format("v=DMARC1; p=quarantine; rua=mailto:postmaster@{}", domain));
  if (!co_await read_texts(subject->resolver, &check)) co_return std::vector{check};
  keep(check.found, [](const std::string& text) { return text.starts_with("v=DMARC1"); });
  // RFC 9989 s4.10: what a domain does not say, one above it may.
  for (std::string_view above = domain; check.found.empty();) {
    const auto dot = above.find('.');
    if (dot == std::string_view::npos || above.find('.', dot + 1) == std::string_view::npos) break;
    above.remove_prefix(dot + 1);
    const auto texts = co_await subject->resolver->txt("_dmarc." + std::string(above));
    if (!texts) continue;
    const auto record = std::ranges::find_if(texts->records, rules::dmarc::is_dmarc);
    if (record == texts->records.end() || !rules::dmarc::parse_record(*record)) continue;
    check.state = State::kOk;
    check.found = {*record};
    check.problem = fmt::format("as _dmarc.{} says", above);
    co_return std::vector{check};
  }
  if (check.found.empty()) {
    set_missing(check, "the domain does not say what is to be done with mail that is not from it");
    co_return std::vector{check};
  }
  const auto replace = fmt::format("replace by: {}", check.record);
  if (check.found.size() > 1) {
    set_wrong(check, "there are several policies: none of them counts", replace);
    co_return std::vector{check};
  }
  const auto record = rules::dmarc::parse_record(check.found.front());
  if (!record) {
    set_wrong(check, fmt::format("it cannot be read: {}", to_string(record.error())), replace);
    co_return std::vector{check};
  }
  if (!has_policy(check.found.front())) {  // RFC 9989 s4.7: it would count as p=none
    set_wrong(check, "p= is none of none, quarantine and reject", replace);
    co_return std::vector{check};
  }
  check.state = State::kOk;
  check.record = zone_text(check.name, check.found.front());
  if (record->policy == rules::dmarc::Policy::kNone)
    check.problem = "p=none asks nobody to stop forged mail";
  else if (record->aggregate_reports.empty())
    check.problem = "without rua= nobody tells what is sent in the domain's name";
  co_return std::vector{check};
}

Look look_at_mta_sts(const Subject* subject) {
  const auto& domain = subject->domain.name;
  const auto host = rules::mtasts::policy_host(domain);
  Check check{.kind = "MTA-STS", .name = rules::mtasts::record_name(domain), .need = Need::kRecommended};
  const auto seconds = std::chrono::floor<std::chrono::seconds>(subject->now).time_since_epoch().count();
  check.record = zone_text(check.name, fmt::format("v=STSv1; id={}", seconds));
  const auto serve = fmt::format("\nserve https://{}{} with:\nversion: STSv1\nmode: testing\nmx: {}\nmax_age: 86400",
                                 host, rules::mtasts::kPolicyPath, subject->host.name);
  if (!co_await read_texts(subject->resolver, &check)) co_return std::vector{check};
  const auto record = rules::mtasts::choose_record(check.found);
  keep(check.found, [](const std::string& text) { return text.starts_with("v=STSv1"); });
  if (!record && record.error() == rules::mtasts::RecordError::kNone) {
    set_missing(check, "senders are not told that TLS can be relied on");
    check.fix += serve;
    co_return std::vector{check};
  }
  if (!record) {
    set_wrong(check, std::string(to_string(record.error())), fmt::format("replace by: {}", check.record));
    co_return std::vector{check};
  }
  check.state = State::kOk;
  check.record = zone_text(check.name, check.found.front());
  const auto v4 = co_await subject->resolver->a(host);
  const auto v6 = co_await subject->resolver->aaaa(host);
  const bool found = (v4 && !v4->records.empty()) || (v6 && !v6->records.empty());
  if (!found) {
    set_wrong(check, fmt::format("{}, which serves the policy, has no address", host),
              "add: " + zone_line(host, "A", "<the address of the host that serves it>") + serve);
  } else if (subject->host.fetch_policy) {
    const auto policy = co_await subject->host.fetch_policy(domain);
    if (!policy)
      set_wrong(check, "the policy cannot be fetched: " + policy.error(), serve.substr(1));
    else if (policy->mode != rules::mtasts::Mode::kNone && !policy->lists(subject->host.name))
      set_wrong(check,
                fmt::format("the policy does not name {}: who follows it does not deliver here", subject->host.name),
                fmt::format("add a line to the policy, and give the record another id:\nmx: {}", subject->host.name));
    else
      check.problem = fmt::format("mode {}", to_string(policy->mode));
  }
  co_return std::vector{check};
}

Look look_at_tls_reports(const Subject* subject) {
  const auto& domain = subject->domain.name;
  Check check{.kind = "TLS-RPT", .name = rules::tlsrpt::record_name(domain), .need = Need::kRecommended};
  check.record = zone_text(check.name, fmt::format("v=TLSRPTv1; rua=mailto:postmaster@{}", domain));
  if (!co_await read_texts(subject->resolver, &check)) co_return std::vector{check};
  const auto record = rules::tlsrpt::choose_record(check.found);
  keep(check.found, [](const std::string& text) { return text.starts_with("v=TLSRPTv1"); });
  if (record) {
    check.state = State::kOk;
    check.record = zone_text(check.name, check.found.front());
  } else if (record.error() == rules::tlsrpt::RecordError::kNone) {
    set_missing(check, "nobody tells of TLS that fails on the way here");
  } else {
    set_wrong(check, std::string(to_string(record.error())), fmt::format("replace by: {}", check.record));
  }
  co_return std::vector{check};
}

}  // namespace veredus::work::records
