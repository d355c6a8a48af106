#include "rules/dmarc/tree_walk.h"

#include <algorithm>
#include <utility>

namespace veredus::rules::dmarc {

using inquiry::Inquiry;
using inquiry::ReplyStatus;

namespace {

constexpr std::size_t kMostLabels = 7;  // of the second name asked for (RFC 9989 s4.10, step 4)

std::size_t labels_in(const std::string& name) { return static_cast<std::size_t>(std::ranges::count(name, '.')) + 1; }

/// The next name of the walk; empty: it is over.
std::string next_above(std::string name) {
  do {
    const auto dot = name.find('.');
    if (dot == std::string::npos) return {};
    name.erase(0, dot + 1);
  } while (labels_in(name) > kMostLabels);
  return name;
}

}  // namespace

Inquiry<const Published*> TreeWalk::look_at(std::string domain) {
  if (const auto known = seen_.find(domain); known != seen_.end()) co_return &known->second;
  const auto reply = co_await inquiry::ask(inquiry::RecordType::kTxt, "_dmarc." + domain);
  auto& out = seen_[domain];
  out.failed = reply.status == ReplyStatus::kFailed;
  const auto policies = std::ranges::count_if(reply.texts, is_dmarc);
  if (policies == 1) {
    const auto known = known_record(*std::ranges::find_if(reply.texts, is_dmarc));
    if (*known)
      out.record = std::shared_ptr<const Record>(known, &**known);
    else
      out.problem = "the DMARC record of " + domain + " is malformed: " + std::string(to_string(known->error()));
  } else if (policies > 1) {  // RFC 9989 s4.10, step 2
    out.problem = domain + " has more than one DMARC record";
  }
  co_return &out;
}

bool TreeWalk::failed_below(const std::string& domain) const {
  return std::ranges::any_of(seen_, [&domain](const auto& entry) {
    return entry.second.failed && (domain.empty() || entry.first.ends_with('.' + domain));
  });
}

Inquiry<std::vector<Met>> TreeWalk::up_from(std::string domain) {
  std::vector<Met> met;
  for (; !domain.empty(); domain = next_above(std::move(domain))) {
    auto looking = look_at(domain);
    const Published* found = co_await looking;
    if (!found->record) continue;
    const bool tells = found->record->public_suffix != PublicSuffix::kUnknown;
    met.push_back({.domain = domain, .record = found->record});
    if (tells) break;
  }
  co_return met;
}

std::optional<std::string> organization_of(const std::string& domain, const std::vector<Met>& met) {
  if (met.empty()) return std::nullopt;
  const auto& highest = met.back();  // the walk ended at psd=, or this has the fewest labels
  if (highest.record->public_suffix != PublicSuffix::kYes || highest.domain == domain) return highest.domain;
  // One label below the suffix.
  const auto below = domain.size() - highest.domain.size() - 1;
  const auto dot = domain.rfind('.', below - 1);
  return dot == std::string::npos ? domain : domain.substr(dot + 1);
}

}  // namespace veredus::rules::dmarc
