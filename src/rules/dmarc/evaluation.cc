#include "rules/dmarc/evaluation.h"

#include <algorithm>
#include <utility>

#include "base/codec/idna.h"
#include "rules/dmarc/tree_walk.h"

namespace veredus::rules::dmarc {

namespace codec = base::codec;
using inquiry::Inquiry;
using inquiry::ReplyStatus;

namespace {

/// `met`: the records at and above `name`.
std::string organization(const std::string& name, const std::vector<Met>& met, const Options& options) {
  if (auto found = organization_of(name, met)) return *std::move(found);
  if (options.suffixes == nullptr) return name;
  return options.suffixes->registered_domain(name).value_or(name);
}

Inquiry<std::string> find_organization(TreeWalk* walk, std::string name, Options options) {
  auto walking = walk->up_from(name);
  const auto met = co_await walking;
  co_return organization(name, met, options);
}

/// Whether one of `domains` belongs to the author's domain. Source: RFC 9989 s4.10.2, s5.2.
Inquiry<bool> any_aligned(TreeWalk* walk, std::vector<std::string> domains, Alignment alignment, std::string author,
                          std::string organization_of_author, Options options) {
  for (const auto& domain : domains) {
    const auto name = codec::to_ascii(domain);
    if (!name) continue;
    if (*name == author) co_return true;
    if (alignment == Alignment::kStrict) continue;
    // Only what has the same end can belong to the same organization.
    if (*name != organization_of_author && !name->ends_with('.' + organization_of_author)) continue;
    auto finding = find_organization(walk, *name, options);
    const std::string other = co_await finding;
    if (other == organization_of_author) co_return true;
  }
  co_return false;
}

/// RFC 9989 s4.10.1: the author's domain's own record, else the organization's, else the public suffix's.
const Met* choose(const std::string& author, const std::string& organization, const std::vector<Met>& met) {
  const auto at = [&met](const std::string& domain) { return std::ranges::find(met, domain, &Met::domain); };
  for (const auto& domain : {author, organization})
    if (const auto found = at(domain); found != met.end()) return &*found;
  const auto suffix = std::ranges::find(met, PublicSuffix::kYes, [](const Met& m) { return m.record->public_suffix; });
  return suffix == met.end() ? nullptr : &*suffix;
}

/// RFC 9989 s4.7, np: a name for which DNS says NXDOMAIN.
Inquiry<bool> is_nonexistent(std::string name) {
  const auto reply = co_await inquiry::ask(inquiry::RecordType::kA, std::move(name));
  co_return reply.status == ReplyStatus::kNoSuchName;
}

/// Of a record that stands above the author's domain.
Inquiry<PolicySource> inherited_source(const Record* record, std::string author) {
  if (record->nonexistent) {
    auto asking = is_nonexistent(std::move(author));
    const bool nonexistent = co_await asking;
    if (nonexistent) co_return PolicySource::kNonexistent;
  }
  co_return PolicySource::kSubdomains;
}

Policy published_policy(const Record& record, PolicySource source) {
  switch (source) {
    case PolicySource::kDomain:
      return record.policy;
    case PolicySource::kSubdomains:
      return record.subdomains.value_or(record.policy);
    case PolicySource::kNonexistent:
      return record.nonexistent.value_or(record.subdomains.value_or(record.policy));
  }
  return record.policy;
}

/// RFC 9989 s4.7, t=y: one step milder.
Policy tested(Policy policy) { return policy == Policy::kReject ? Policy::kQuarantine : Policy::kNone; }

/// Why there is no record, when something stands where one would.
Inquiry<Verdict> without_record(TreeWalk* walk, std::string author) {
  Verdict out;
  if (walk->failed_below("")) {
    out.result = Result::kTemperror;
    out.problem = "DNS does not answer for the policy";
    co_return out;
  }
  auto looking = walk->look_at(std::move(author));
  const Published* own = co_await looking;
  out.problem = own->problem.empty() ? "there is no DMARC record" : own->problem;
  co_return out;
}

}  // namespace

std::string_view to_string(Result result) {
  switch (result) {
    case Result::kNone:
      return "none";
    case Result::kPass:
      return "pass";
    case Result::kFail:
      return "fail";
    case Result::kTemperror:
      return "temperror";
    case Result::kPermerror:
      return "permerror";
  }
  return "";
}

int badness(const Verdict& verdict) {
  switch (verdict.result) {
    case Result::kFail:
      return 10 + static_cast<int>(verdict.disposition);
    case Result::kTemperror:
      return 5;
    case Result::kPermerror:
      return 4;
    case Result::kNone:
      return 3;
    case Result::kPass:
      break;
  }
  return 0;
}

Inquiry<std::string> organizational_domain(std::string name, Options options) {
  TreeWalk walk;
  auto finding = find_organization(&walk, codec::to_ascii(name).value_or(name), options);
  co_return co_await finding;
}

Inquiry<Verdict> evaluate(Message message, Options options) {
  TreeWalk walk;
  Verdict verdict;
  const auto author = codec::to_ascii(message.author_domain);
  if (!author) {
    verdict.result = Result::kPermerror;
    verdict.problem = "the author has no domain";
    co_return verdict;
  }
  auto walking = walk.up_from(*author);
  const auto met = co_await walking;
  const auto organization_of_author = organization(*author, met, options);
  const Met* chosen = choose(*author, organization_of_author, met);
  if (chosen == nullptr || walk.failed_below(chosen->domain)) {
    auto failing = without_record(&walk, *author);
    verdict = co_await failing;
    verdict.organizational_domain = organization_of_author;
    co_return verdict;
  }
  verdict.organizational_domain = organization_of_author;
  if (!chosen->record->has_policy) {  // RFC 9989 s4.10.1
    verdict.problem =
        "the DMARC record of " + chosen->domain + " is malformed: it has no policy, and nobody to report to";
    co_return verdict;
  }
  verdict.policy_domain = chosen->domain;
  verdict.record = *chosen->record;
  if (chosen->domain != *author) {
    auto choosing = inherited_source(&verdict.record, *author);
    verdict.source = co_await choosing;
  }
  verdict.published = published_policy(verdict.record, verdict.source);
  auto dkim = any_aligned(&walk, std::move(message.dkim_domains), verdict.record.dkim, *author, organization_of_author,
                          options);
  verdict.dkim_aligned = co_await dkim;
  auto spf =
      any_aligned(&walk, std::move(message.spf_domains), verdict.record.spf, *author, organization_of_author, options);
  verdict.spf_aligned = co_await spf;
  const bool passed = verdict.dkim_aligned || verdict.spf_aligned;
  verdict.result = passed ? Result::kPass : Result::kFail;
  if (!passed) verdict.disposition = verdict.record.testing ? tested(verdict.published) : verdict.published;
  if (!passed) verdict.problem = "neither DKIM nor SPF passed for the author's domain";
  co_return verdict;
}

}  // namespace veredus::rules::dmarc
