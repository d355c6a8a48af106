#include "work/delivery/router.h"

#include <algorithm>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "base/codec/ascii.h"
#include "rules/srs/srs.h"
#include "rules/verp/verp.h"
#include "state/directory/address_form.h"
#include "state/directory/directory.h"
#include "state/directory/snapshot.h"
#include "state/mailbox/mailboxes.h"
#include "work/delivery/passages.h"

namespace veredus::work::delivery {

using rules::srs::SrsError;
using state::directory::Resolution;
using state::directory::ResolveError;
using state::directory::Snapshot;
using state::mailbox::QuotaLimits;
using wire::smtp::Address;

namespace {

Refusal refusal_for(ResolveError error) {
  switch (error) {
    case ResolveError::kBadAddress:
    case ResolveError::kNotOurs:
      return Refusal::kRelayingDenied;
    case ResolveError::kUnknownMailbox:
      return Refusal::kUnknownMailbox;
    case ResolveError::kDisabled:
      return Refusal::kDisabled;
    case ResolveError::kPostingDenied:
      return Refusal::kPostingDenied;
    case ResolveError::kLoop:
      return Refusal::kLoop;
    case ResolveError::kTooManyTargets:
      return Refusal::kTooManyTargets;
  }
  return Refusal::kUnavailable;
}

Refusal refusal_for(SrsError error) {
  return error == SrsError::kExpired ? Refusal::kExpiredReturnPath : Refusal::kForgedReturnPath;
}

Targets targets_of(const Resolution& resolution, const Snapshot& snapshot, const RouteQuery& query, SystemTime now) {
  std::vector<std::shared_ptr<const Passage>> passages;
  const ForwardedFrom from{.sender = query.sender, .authenticated = query.asker == Asker::kAuthenticated};
  for (const auto& via : resolution.vias)
    passages.push_back(std::make_shared<const Passage>(passage_for(via, from, snapshot, now)));
  const auto passage = [&](std::uint32_t via) { return via == 0 ? nullptr : passages[via - 1]; };
  Targets targets;
  targets.own_mailbox = resolution.own_mailbox;
  targets.local.reserve(resolution.local.size());
  for (const auto& [id, tag, via] : resolution.local) {
    Target target{.account = id, .detail = tag, .quota = {}, .passage = passage(via)};
    if (const auto* account = snapshot.account(id))
      target.quota = {.octets = account->quota.octets, .messages = account->quota.messages};
    targets.local.push_back(std::move(target));
  }
  for (const auto& [address, via] : resolution.remote)
    targets.remote.push_back({.address = address, .route = {}, .passage = passage(via)});
  return targets;
}

bool is_limited(const Target& target) { return target.quota.octets != 0 || target.quota.messages != 0; }

std::optional<Refusal> check(const QuotaLimits& quota, const state::mailbox::QuotaUsage& usage, std::uint64_t octets) {
  if (quota.octets != 0 && octets > quota.octets) return Refusal::kLargerThanQuota;
  if (quota.octets != 0 && (usage.octets >= quota.octets || usage.octets + octets > quota.octets))
    return Refusal::kOverQuota;
  if (quota.messages != 0 && usage.messages >= quota.messages) return Refusal::kOverQuota;
  return std::nullopt;
}

/// A local part that another server could read as an address of its own making: `victim%elsewhere@`, `host!victim@`,
/// `"victim@elsewhere"@`. Who trusts us might send it on.
bool may_route_on(std::string_view local_part) { return local_part.find_first_of("%!@") != std::string_view::npos; }

}  // namespace

/// A recipient whose domain is not one of ours.
Verdict Router::route_elsewhere(const RouteQuery& query) const {
  const bool authenticated = query.asker == Asker::kAuthenticated;
  const auto& domain = query.recipient.domain;
  if (domain.starts_with('['))
    return std::unexpected(authenticated ? Refusal::kAddressLiteral : Refusal::kRelayingDenied);
  auto normal = state::directory::normal_domain(domain);
  if (!normal) return std::unexpected(authenticated ? Refusal::kBadDomain : Refusal::kRelayingDenied);
  const auto snapshot = directory_.snapshot();
  if (const auto* relayed = snapshot->routing().relay_domain(*normal)) {
    const auto& known = relayed->recipients;
    const auto& local_part = query.recipient.local_part;
    const auto address = state::directory::join_address(state::directory::normal_local_part(local_part), relayed->name);
    if (!known.empty() && !std::ranges::binary_search(known, address)) return std::unexpected(Refusal::kUnknownMailbox);
    if (known.empty() && !authenticated && may_route_on(local_part)) return std::unexpected(Refusal::kRelayingDenied);
  } else if (!authenticated) {
    return std::unexpected(Refusal::kRelayingDenied);
  }
  Address address{.local_part = query.recipient.local_part, .domain = *std::move(normal)};
  Targets targets;
  targets.remote.push_back({.address = std::move(address), .route = query.route, .passage = nullptr});
  return targets;
}

/// A bounce to a return path we wrote when we forwarded: to whom it is led back. nullopt: the recipient is an address
/// like any other.
std::optional<Verdict> Router::unwind(const RouteQuery& query) const {
  if (!rules::srs::is_srs(query.recipient.local_part)) return std::nullopt;
  const auto snapshot = directory_.snapshot();
  const auto* domain = state::directory::find_domain(*snapshot, query.recipient.domain);
  if (domain == nullptr) return std::nullopt;
  std::vector<std::string> secrets;
  for (const auto& secret : snapshot->routing().srs_secrets()) secrets.push_back(secret.octets);
  const auto sender = rules::srs::unwind(query.recipient, secrets, clock_.now(), {});
  if (!sender) return std::unexpected(refusal_for(sender.error()));
  // Nobody else may use it to send on: a report comes from the null sender.
  if (query.sender != nullptr) return std::unexpected(Refusal::kBouncesOnly);
  const auto normal = state::directory::normal_domain(sender->domain);
  if (!normal || snapshot->domain(std::string_view(*normal)) != nullptr)
    return std::unexpected(Refusal::kForgedReturnPath);  // we never rewrite senders of our own
  Passage passage{.address = to_string(query.recipient), .sender = std::nullopt, .fields = {}};
  passage.fields = "Delivered-To: " + passage.address + "\r\n";
  Targets targets;
  Address address{.local_part = sender->local_part, .domain = *normal};
  targets.remote.push_back(
      {.address = std::move(address), .route = {}, .passage = std::make_shared<const Passage>(std::move(passage))});
  return targets;
}

/// Mail to it goes where mail to the path it stands for goes, and is looked at besides.
std::optional<ReturnedTo> Router::returned_to(const Address& recipient) const {
  if (recipient.local_part.size() <= rules::verp::kTokenCharacters) return std::nullopt;
  const auto snapshot = directory_.snapshot();
  if (state::directory::find_domain(*snapshot, recipient.domain) == nullptr) return std::nullopt;
  std::vector<std::string> secrets;
  for (const auto& secret : snapshot->routing().srs_secrets()) secrets.push_back(secret.octets);
  auto returned = rules::verp::parse_return_path(recipient, secrets);
  if (!returned) return std::nullopt;
  ReturnedTo to;
  to.message.octets = returned->envelope.queue_id;
  to.recipient = returned->envelope.recipient;
  to.path = std::move(returned->sender);
  return to;
}

asio::awaitable<Verdict> Router::route(RouteQuery query) {
  if (auto bounce = unwind(query)) co_return *std::move(bounce);
  auto returned = returned_to(query.recipient);
  if (returned) query.recipient = returned->path;
  auto verdict = co_await route_address(std::move(query));
  if (verdict) verdict->returned = std::move(returned);
  co_return verdict;
}

/// Our reports are from postmaster at the host's own name, and people answer them: RFC 5321 s4.5.1 wants that mail
/// taken though the name is no domain with accounts.
bool Router::is_own_postmaster(const wire::smtp::Address& recipient) const {
  return wire::smtp::is_postmaster(recipient) && !options_.hostname.empty() &&
         base::codec::iequals_ascii(recipient.domain, options_.hostname);
}

/// An address as it stands.
asio::awaitable<Verdict> Router::route_address(RouteQuery query) {
  const state::directory::Poster poster{.sender = query.sender, .account = query.submitter, .approved = query.approved};
  auto resolution = directory_.resolve_now(query.recipient, poster);
  if (!resolution && resolution.error() == ResolveError::kNotOurs && is_own_postmaster(query.recipient)) {
    query.recipient.domain.clear();
    resolution = directory_.resolve_now(query.recipient, poster);
  }
  if (!resolution) {
    const auto error = resolution.error();
    if (error == ResolveError::kNotOurs || error == ResolveError::kBadAddress) co_return route_elsewhere(query);
    co_return std::unexpected(refusal_for(error));
  }
  if (resolution->local.size() + resolution->remote.size() > options_.max_targets)
    co_return std::unexpected(Refusal::kTooManyTargets);
  auto targets = targets_of(*resolution, *directory_.snapshot(), query, clock_.now());
  if (wire::smtp::is_postmaster(query.recipient)) {  // RFC 5321 s4.5.1: mail to it is always taken
    for (auto& target : targets.local) target.quota = {};
    co_return targets;
  }
  if (!targets.remote.empty() || std::ranges::none_of(targets.local, is_limited)) co_return targets;
  co_return co_await check_quotas(std::move(targets), query.declared_octets);
}

/// Refuses only when no target has room: the others get the message beyond their quota rather than not at all.
asio::awaitable<Verdict> Router::check_quotas(Targets targets, std::uint64_t declared_octets) {
  std::optional<Refusal> first;
  for (const auto& target : targets.local) {
    if (!is_limited(target)) co_return targets;
    const auto usage = co_await mailboxes_.usage(target.account);
    if (!usage) co_return std::unexpected(Refusal::kUnavailable);
    const auto refusal = check(target.quota, *usage, declared_octets);
    if (!refusal) co_return targets;
    if (!first) first = refusal;
  }
  co_return std::unexpected(first.value_or(Refusal::kOverQuota));
}

}  // namespace veredus::work::delivery
