#include "work/smtpclient/tls_policy.h"

#include <openssl/x509_vfy.h>

#include <algorithm>
#include <utility>

#include "work/smtpclient/host_dane.h"
#include "work/smtpclient/sts_standing.h"

namespace veredus::work::smtpclient {
namespace {

constexpr std::size_t kShownRecord = 24;  // of a TLSA record, in the journal

/// Whose policy a session is under.
enum class Ground : std::uint8_t {
  kConfigured,  // this server's own
  kDane,        // usable, unusable or not to be had
  kSts,         // enforced or tested
  kNone,
};

bool sts_enforced(const PublishedTls& published) {
  return published.sts_host != StsHost::kFree || (published.sts && published.sts->enforced());
}

bool sts_listed(const Peer& peer) {
  const auto& published = peer.published;
  // The policy may be another one since the site was found.
  if (published.sts && published.sts->policy) return published.sts->policy->lists(peer.host_name);
  return published.sts_host == StsHost::kListed;
}

Ground ground_of(const Peer& peer) {
  const auto& published = peer.published;
  if (published.domain.empty() || published.ignored || peer.tls == TlsRule::kNever) return Ground::kConfigured;
  if (published.dane || published.dane_required) return Ground::kDane;
  if (sts_enforced(published) || (published.sts && published.sts->tested())) return Ground::kSts;
  return Ground::kNone;
}

ConnectFailure forbidden(std::string why) {
  ConnectFailure failure;
  failure.error = ConnectionError::kTlsPolicy;
  failure.detail = std::move(why);
  return failure;
}

std::string shown(const HostDane& dane) {
  std::string text;
  for (const auto& record : dane.records) {
    if (!text.empty()) text += ", ";
    text += record.substr(0, kShownRecord);
    if (record.size() > kShownRecord) text += "…";
  }
  return text + " of " + dane.base_domain;
}

TlsRule at_least(TlsRule rule, TlsRule least) { return std::max(rule, least); }

std::optional<ConnectFailure> settle_dane(Peer& peer) {
  const auto* dane = peer.published.dane.get();
  if (dane == nullptr) return forbidden("DANE is asked for here, and the host has no TLSA records that are signed");
  switch (dane->state) {
    case HostDane::State::kFailed:
      peer.tls_policy = "dane: " + dane->failure;
      return forbidden("DANE: " + dane->failure);
    case HostDane::State::kUnusable:
      if (peer.published.dane_required) return forbidden("DANE: " + dane->failure + " of " + dane->base_domain);
      peer.tls_policy = "dane: any certificate, as " + dane->failure + " of " + dane->base_domain;
      peer.tls = at_least(peer.tls, TlsRule::kEncrypt);
      return std::nullopt;
    case HostDane::State::kUsable:
      break;
  }
  peer.tls_policy = "dane: " + shown(*dane);
  peer.tls = TlsRule::kVerify;
  peer.tls_context = dane->context;
  return std::nullopt;
}

std::optional<ConnectFailure> settle_sts(Peer& peer, const Options& options) {
  const bool listed = sts_listed(peer);
  if (!sts_enforced(peer.published)) {
    peer.tls_policy = listed ? "sts: testing" : "sts: testing; the policy does not list the host";
    return std::nullopt;
  }
  peer.tls_policy = "sts: enforced";
  if (!listed) return forbidden("the MTA-STS policy of " + peer.published.domain + " does not list this host");
  if (peer.tls != TlsRule::kVerify) peer.tls_context = options.sts;
  peer.tls = TlsRule::kVerify;
  return std::nullopt;
}

/// Nobody asks for anything that DNS or a policy host could say.
std::string unasked(const Peer& peer) {
  const bool opportunistic = !peer.published.domain.empty() && peer.tls == TlsRule::kOpportunistic;
  if (opportunistic && peer.published.ignored) return "opportunistic: policies are not asked";
  if (opportunistic && peer.published.sts && peer.published.sts->failure)
    return "opportunistic: " + peer.published.sts->failure_reason;
  if (opportunistic) return "opportunistic: no policy is published";
  return "configured: " + std::string(to_string(peer.tls));
}

TlsOutcome outcome_for(const Peer& peer, SystemTime now) {
  TlsOutcome outcome;
  outcome.at = now;
  outcome.policy_domain = peer.published.domain;
  outcome.mx_host = peer.host_name;
  if (ground_of(peer) == Ground::kDane) {
    outcome.policy_type = TlsPolicyType::kTlsa;
    if (peer.published.dane) outcome.policy_strings = peer.published.dane->records;
  } else if (ground_of(peer) == Ground::kSts) {
    outcome.policy_type = TlsPolicyType::kSts;
    if (peer.published.sts && peer.published.sts->policy) {
      outcome.policy_strings = rules::mtasts::lines_of(*peer.published.sts->policy);
      outcome.policy_mx_hosts = peer.published.sts->policy->mx;
    }
  } else if (peer.published.sts && peer.published.sts->failure) {
    outcome.policy_type = TlsPolicyType::kSts;  // RFC 8460 s4.3.2.2: it has one that could not be had
  }
  return outcome;
}

void fail(TlsOutcome& outcome, TlsResult result, std::string_view reason) {
  outcome.result = result;
  outcome.reason = reason;
}

/// What an open session says about TLS itself, whoever asks for it.
void judge_session(TlsOutcome& outcome, const PeerDetails& details) {
  if (details.tls) return;
  if (details.tls_failure.empty())
    fail(outcome, TlsResult::kStartTlsNotSupported, "STARTTLS is not offered");
  else
    fail(outcome, TlsResult::kValidationFailure, details.tls_failure);
}

/// A policy that is tested: the session goes on, and what would have ended it is told.
void judge_tested(TlsOutcome& outcome, const Peer& peer, const PeerDetails& details) {
  if (!sts_listed(peer)) return fail(outcome, TlsResult::kValidationFailure, "the policy does not list the host");
  judge_session(outcome, details);
  if (details.tls && !details.tls->verified)
    fail(outcome, result_of_certificate(details.tls->verify_failure), details.tls->verify_failure);
}

TlsResult result_of(const ConnectFailure& failure, const Peer& peer) {
  switch (failure.error) {
    case ConnectionError::kTlsUnavailable:
      return TlsResult::kStartTlsNotSupported;
    case ConnectionError::kTlsCertificate:
      return result_of_certificate(failure.detail);
    case ConnectionError::kTlsPolicy:
      if (ground_of(peer) != Ground::kDane) return TlsResult::kValidationFailure;
      if (!peer.published.dane) return TlsResult::kDaneRequired;
      return peer.published.dane->state == HostDane::State::kUnusable ? TlsResult::kTlsaInvalid
                                                                      : TlsResult::kDnssecInvalid;
    default:
      return TlsResult::kValidationFailure;
  }
}

bool is_about_tls(const ConnectFailure& failure) {
  switch (failure.error) {
    case ConnectionError::kTlsUnavailable:
    case ConnectionError::kTlsHandshake:
    case ConnectionError::kTlsCertificate:
    case ConnectionError::kTlsPolicy:
      return true;
    case ConnectionError::kStopped:
      return false;
    default:
      return failure.stage == Stage::kStartTls;
  }
}

}  // namespace

void take_over(PublishedTls& published, const Site& site, const MailHost& host) {
  published.dane = host.dane;
  published.sts_host = host.sts;
  published.name_proven = !site.by_mx || site.authentic || host.sts == StsHost::kListed;
}

std::optional<ConnectFailure> settle_tls(Peer& peer, const Options& options) {
  if (peer.published.ignored) peer.published.dane_required = false;
  switch (ground_of(peer)) {
    case Ground::kDane:
      return settle_dane(peer);
    case Ground::kSts:
      return settle_sts(peer, options);
    case Ground::kConfigured:
    case Ground::kNone:
      break;
  }
  peer.tls_policy = unasked(peer);
  return std::nullopt;
}

std::optional<TlsOutcome> outcome_of(const Peer& peer, const PeerDetails& details, SystemTime now) {
  const auto ground = ground_of(peer);
  if (ground == Ground::kConfigured) return std::nullopt;
  auto outcome = outcome_for(peer, now);
  outcome.mx_hello = details.capabilities.name;
  outcome.receiving_address = details.address.address.to_string();
  outcome.sending_address = details.local.address.to_string();
  if (ground == Ground::kDane && peer.published.dane->state == HostDane::State::kUnusable)
    fail(outcome, TlsResult::kTlsaInvalid, peer.published.dane->failure);
  else if (ground == Ground::kSts && !sts_enforced(peer.published))
    judge_tested(outcome, peer, details);
  else if (ground == Ground::kNone)
    judge_session(outcome, details);
  if (ground == Ground::kNone && peer.published.sts && peer.published.sts->failure)
    fail(outcome, *peer.published.sts->failure, peer.published.sts->failure_reason);
  return outcome;
}

std::optional<TlsOutcome> outcome_of(const Peer& peer, const ConnectFailure& failure, SystemTime now) {
  if (ground_of(peer) == Ground::kConfigured || !is_about_tls(failure)) return std::nullopt;
  auto outcome = outcome_for(peer, now);
  if (failure.error != ConnectionError::kTlsPolicy) outcome.receiving_address = peer.address.address.to_string();
  std::string reason(to_string(failure.error));
  if (!failure.detail.empty()) reason = failure.detail;
  fail(outcome, result_of(failure, peer), reason);
  return outcome;
}

TlsResult result_of_certificate(std::string_view openssl_words) {
  struct Meaning {
    long verdict;
    TlsResult result;
  };
  constexpr Meaning kMeanings[] = {{X509_V_ERR_HOSTNAME_MISMATCH, TlsResult::kCertificateHostMismatch},
                                   {X509_V_ERR_IP_ADDRESS_MISMATCH, TlsResult::kCertificateHostMismatch},
                                   {X509_V_ERR_CERT_HAS_EXPIRED, TlsResult::kCertificateExpired},
                                   {X509_V_ERR_CERT_NOT_YET_VALID, TlsResult::kCertificateExpired},
                                   {X509_V_ERR_DANE_NO_MATCH, TlsResult::kTlsaInvalid}};
  for (const auto& [verdict, result] : kMeanings)
    if (openssl_words == X509_verify_cert_error_string(verdict)) return result;
  return TlsResult::kCertificateNotTrusted;
}

}  // namespace veredus::work::smtpclient
