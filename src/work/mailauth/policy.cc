#include "work/mailauth/policy.h"

#include <algorithm>
#include <optional>
#include <utility>

#include "base/codec/ascii.h"
#include "rules/authres/results.h"

namespace veredus::work::mailauth {

namespace codec = base::codec;
using rules::dmarc::Policy;

namespace {

bool is_at_or_below(std::string_view name, std::string_view domain) {
  if (name.size() == domain.size()) return codec::iequals_ascii(name, domain);
  return name.size() > domain.size() && name[name.size() - domain.size() - 1] == '.' &&
         codec::iends_with_ascii(name, domain);
}

/// What a sealer we trust says it found: DMARC passed for this author's domain.
bool vouches_for(const rules::arc::Hop& hop, std::string_view author) {
  // The value there begins with the authserv-id.
  const auto results = rules::authres::read_field(hop.results);
  if (!results) return false;
  return std::ranges::any_of(results->methods, [author](const auto& method) {
    return method.method == "dmarc" && method.result == "pass" &&
           std::ranges::any_of(method.properties, [author](const auto& property) {
             return property.type == "header" && codec::iequals_ascii(property.name, "from") &&
                    codec::iequals_ascii(property.value, author);
           });
  });
}

/// RFC 8617 s7.2: of a chain that is whole, the sealers from the last one backwards are believed as long as each is
/// trusted; the first stranger ends it, for what stands before him may be his invention.
std::optional<Override> trusted_forwarder(const InspectionOptions& options, const Findings& findings) {
  if (findings.arc.result != rules::arc::Result::kPass) return std::nullopt;
  for (auto hop = findings.arc.hops.rbegin(); hop != findings.arc.hops.rend(); ++hop) {
    if (!is_among(hop->domain, options.trusted_sealers)) return std::nullopt;
    if (vouches_for(*hop, findings.author_domain))
      return Override{.kind = OverrideKind::kTrustedForwarder, .comment = "arc=pass, sealed by " + hop->domain};
  }
  return std::nullopt;
}

/// A domain that is authenticated and one of `domains`; empty: none is.
std::string authenticated_among(const Findings& findings, const std::vector<std::string>& domains) {
  for (const auto& verdict : findings.dkim)
    if (verdict.result == rules::dkim::Result::kPass && is_among(verdict.domain, domains)) return verdict.domain;
  const auto& spf = findings.spf.mail_from;
  if (spf.result == rules::spf::Result::kPass && is_among(findings.spf.mail_from_domain, domains))
    return findings.spf.mail_from_domain;
  return {};
}

/// Why the policy is not followed, whatever it is.
std::optional<Override> override_of(const InspectionOptions& options, const Findings& findings) {
  if (is_among(findings.author_domain, options.exempt_authors))
    return Override{.kind = OverrideKind::kLocalPolicy, .comment = findings.author_domain + " is exempt here"};
  if (auto forwarder = trusted_forwarder(options, findings)) return forwarder;
  if (const auto list = authenticated_among(findings, options.mailing_lists); !list.empty())
    return Override{.kind = OverrideKind::kMailingList, .comment = "from the mailing lists of " + list};
  return std::nullopt;
}

/// RFC 9989 s7.4: no message is refused for p=reject alone when something speaks for an intermediary that changed it.
bool seems_forwarded(const Findings& findings) {
  if (findings.arc.result == rules::arc::Result::kPass) return true;
  const bool somebody = findings.spf.mail_from.result == rules::spf::Result::kPass ||
                        std::ranges::any_of(findings.dkim, [](const auto& verdict) {
                          return verdict.result == rules::dkim::Result::kPass;
                        });
  return findings.from_list && somebody;
}

/// Whether an answer that DNS did not give could have made DMARC pass, or somebody we believe speak for the message.
/// A stranger's chain counts, too: sealed with a key that is there it would lead to Junk as well (seems_forwarded).
bool might_have_passed(const InspectionOptions& options, const Findings& findings) {
  if (findings.arc.temporary) return true;
  const auto& organization = findings.dmarc.organizational_domain;
  const auto related = [&](std::string_view domain) {
    return is_at_or_below(domain, findings.author_domain) ||
           (!organization.empty() && is_at_or_below(domain, organization)) || is_among(domain, options.mailing_lists);
  };
  if (findings.spf.mail_from.result == rules::spf::Result::kTemperror && related(spf_domain(findings.spf))) return true;
  return std::ranges::any_of(findings.dkim, [&](const auto& verdict) {
    return verdict.result == rules::dkim::Result::kTemperror && related(verdict.domain);
  });
}

void dispose(Findings& findings, Disposition disposition, RefusalDetail detail, std::string reason) {
  findings.disposition = disposition;
  findings.detail = detail;
  findings.reason = std::move(reason);
}

std::string failed_dmarc(const Findings& findings) {
  return "The message is not authenticated as from " + findings.author_domain +
         ", which asks for this (DMARC p=" + std::string(to_string(findings.dmarc.published)) + ")";
}

void add_override(Findings& findings, OverrideKind kind, std::string comment) {
  findings.overrides.push_back({.kind = kind, .comment = std::move(comment)});
}

/// DMARC failed, and the policy asks for something.
void follow_policy(const InspectionOptions& options, Findings& findings) {
  if (auto override = override_of(options, findings)) {
    findings.reason = override->comment;
    findings.overrides.push_back(*std::move(override));
    return;
  }
  if (options.dmarc == DmarcAction::kReport)
    return add_override(findings, OverrideKind::kLocalPolicy, "policies are only reported here");
  const bool reject = findings.dmarc.disposition == Policy::kReject;
  if (might_have_passed(options, findings)) {
    if (options.temporary == TemporaryAction::kTryLater)
      return dispose(findings, Disposition::kTryLater, RefusalDetail::kSpfError,
                     "DNS does not answer for " + findings.author_domain + ", try again later");
    if (reject) add_override(findings, OverrideKind::kOther, "DNS did not answer for all that could have passed");
    return dispose(findings, Disposition::kJunk, RefusalDetail::kPolicy, failed_dmarc(findings));
  }
  if (!reject) return dispose(findings, Disposition::kJunk, RefusalDetail::kPolicy, failed_dmarc(findings));
  if (options.dmarc == DmarcAction::kQuarantine) {
    add_override(findings, OverrideKind::kLocalPolicy, "nothing is refused for DMARC here");
    return dispose(findings, Disposition::kJunk, RefusalDetail::kPolicy, failed_dmarc(findings));
  }
  if (seems_forwarded(findings)) {
    const bool list = findings.from_list;
    add_override(findings, list ? OverrideKind::kMailingList : OverrideKind::kOther,
                 list ? "an authenticated host sends it as a list's" : "arc=pass, by sealers not known here");
    return dispose(findings, Disposition::kJunk, RefusalDetail::kPolicy, failed_dmarc(findings));
  }
  dispose(findings, Disposition::kRefuse, RefusalDetail::kPolicy, failed_dmarc(findings));
}

/// Nothing that DMARC asks for: what SPF alone leads to here.
void follow_spf(const InspectionOptions& options, Findings& findings) {
  const auto& spf = findings.spf.mail_from;
  if (options.spf == SpfAction::kReport || findings.dmarc.result == rules::dmarc::Result::kPass) return;
  if (spf.result == rules::spf::Result::kTemperror && options.temporary == TemporaryAction::kTryLater)
    return dispose(findings, Disposition::kTryLater, RefusalDetail::kSpfError,
                   "DNS does not answer for the SPF policy of " + spf_domain(findings.spf) + ", try again later");
  if (spf.result != rules::spf::Result::kFail) return;
  const auto& domain = spf_domain(findings.spf);
  std::string reason = "SPF: " + domain + " does not send from this address";
  if (!spf.explanation.empty()) reason += "; " + domain + " explains: " + spf.explanation;
  const bool reject = options.spf == SpfAction::kReject;
  dispose(findings, reject ? Disposition::kRefuse : Disposition::kJunk, RefusalDetail::kSpfFailed, std::move(reason));
}

/// What the lists in DNS say of the client; a stricter decision stands.
void follow_lists(const InspectionOptions& options, Findings& findings) {
  int score = 0;
  std::string names;
  for (const auto& listed : findings.listed) {
    score += listed.weight;
    if (listed.weight > 0) names.append(names.empty() ? "" : ", ").append(listed.zone);
  }
  const auto reaches = [score](int from) { return from > 0 && score >= from; };
  const std::string reason = "The client's address is listed by " + names;
  if (reaches(options.refuse_from) && findings.disposition < Disposition::kRefuse)
    dispose(findings, Disposition::kRefuse, RefusalDetail::kPolicy, reason);
  else if (reaches(options.junk_from) && findings.disposition < Disposition::kJunk)
    dispose(findings, Disposition::kJunk, RefusalDetail::kPolicy, reason);
}

/// What DMARC, SPF and From alone lead to.
void follow_authentication(const InspectionOptions& options, Findings& findings) {
  using rules::dmarc::Result;
  const auto& dmarc = findings.dmarc;
  if (dmarc.result == Result::kFail && dmarc.disposition != dmarc.published)
    add_override(findings, OverrideKind::kPolicyTestMode, "the policy is being tested (t=y)");
  if (dmarc.result == Result::kFail && dmarc.disposition != Policy::kNone)
    follow_policy(options, findings);
  else if (dmarc.result == Result::kTemperror && options.temporary == TemporaryAction::kTryLater)
    dispose(findings, Disposition::kTryLater, RefusalDetail::kSpfError,
            "DNS does not answer for the DMARC policy of " + findings.author_domain + ", try again later");
  else
    follow_spf(options, findings);
  // An override speaks for one author: it does not say who is read as the author.
  if (findings.disposition == Disposition::kDeliver && !findings.author_problem.empty() &&
      options.dmarc != DmarcAction::kReport)
    dispose(findings, Disposition::kJunk, RefusalDetail::kPolicy,
            "Nobody can tell for sure who wrote it: " + findings.author_problem);
}

}  // namespace

std::vector<io::net::Network> local_machine() {
  return {*io::net::Network::parse("127.0.0.0/8"), *io::net::Network::parse("::1")};
}

bool is_among(std::string_view domain, const std::vector<std::string>& domains) {
  return !domain.empty() &&
         std::ranges::any_of(domains, [domain](const auto& known) { return is_at_or_below(domain, known); });
}

void decide(const InspectionOptions& options, Findings& findings) {
  follow_authentication(options, findings);
  follow_lists(options, findings);
}

}  // namespace veredus::work::mailauth
