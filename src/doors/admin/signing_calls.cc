#include "base/types/result.h"
#include "doors/admin/calls.h"
#include "state/directory/directory.h"
#include "state/directory/snapshot.h"
#include "work/mailauth/key_watch.h"
#include "work/records/survey.h"
#include "work/records/zone_text.h"

namespace veredus::doors::admin {
namespace {

using base::crypto::KeyKind;
using io::http::Method;
using io::http::Request;
using io::http::Response;
using state::directory::Domain;
using state::directory::KeyState;
using state::directory::NewSigningKey;
using state::directory::SigningKey;
using work::mailauth::KeyWatch;

std::string_view word_of(KeyKind kind) { return kind == KeyKind::kRsa ? "rsa" : "ed25519"; }

boost::json::object json_of(const Services& services, const Domain& domain, const SigningKey& key) {
  boost::json::object object;
  object["domain"] = domain.name_utf8;
  object["selector"] = key.selector;
  object["kind"] = word_of(key.kind);
  object["state"] = to_string(key.state);
  object["created"] = json_time(key.created);
  object["changed"] = json_time(key.changed);
  if (key.state == KeyState::kRetiring)
    object["gone_at"] = json_time(key.changed + services.signing_keys.options().overlap);
  const auto name = work::mailauth::key_name(key.selector, domain.name);
  object["name"] = name;
  object["record"] = record_text(key);
  object["zone_line"] = work::records::zone_text(name, record_text(key));
  return object;
}

boost::json::object json_of(const Services& services, const Domain& domain, const KeyWatch::Seen& seen) {
  auto object = json_of(services, domain, seen.key);
  object["published"] = to_string(seen.published.publication);
  object["problem"] = seen.published.problem;
  return object;
}

boost::json::object json_of(const work::records::Check& check) {
  boost::json::array found;
  for (const auto& record : check.found) found.emplace_back(record);
  boost::json::object object;
  object["kind"] = check.kind;
  object["name"] = check.name;
  object["state"] = to_string(check.state);
  object["required"] = check.need == work::records::Need::kRequired;
  object["found"] = std::move(found);
  object["record"] = check.record;
  object["problem"] = check.problem;
  object["fix"] = check.fix;
  return object;
}

void append_keys(const Services& services, const Domain& domain, boost::json::array& all) {
  const auto snapshot = services.directory.snapshot();
  const auto* keys = snapshot->signing_keys(domain.id);
  if (keys == nullptr) return;
  for (const auto& key : *keys) all.push_back(json_of(services, domain, key));
}

Reply list_all(const Services* services, Request request) {
  const auto wanted = domain_wanted(*services, request);
  if (!wanted) co_return wanted.error();
  boost::json::array all;
  for (const auto& domain : services->directory.snapshot()->domains())
    if (!*wanted || **wanted == domain.id) append_keys(*services, domain, all);
  co_return reply(boost::json::object{{"keys", std::move(all)}});
}

Reply show(const Services* services, Request request) {
  const auto domain = services->directory.domain(request.parameter("domain"));
  if (!domain) co_return problem_of(state::directory::DirectoryError::kNoSuchDomain);
  const auto snapshot = services->directory.snapshot();
  const auto* key = snapshot->signing_key(domain->id, request.parameter("selector"));
  if (key == nullptr) co_return problem_of(state::directory::DirectoryError::kNoSuchKey);
  co_return reply(json_of(*services, *domain, *key));
}

/// All keys of a domain as they are after DNS was asked; `only` narrows the answer.
Reply looked_after(const Services* services, Domain domain, std::vector<SigningKey> only, unsigned status) {
  const auto seen = co_await services->signing_keys.look_after(domain.name);
  if (!seen) co_return problem_of(seen.error());
  boost::json::array all;
  for (const auto& one : *seen) {
    const bool wanted = only.empty() || std::ranges::find(only, one.key.selector, &SigningKey::selector) != only.end();
    if (wanted) all.push_back(json_of(*services, domain, one));
  }
  co_return reply(boost::json::object{{"keys", std::move(all)}}, status);
}

Outcome<std::vector<NewSigningKey>> wanted_keys(Fields& fields) {
  auto selector = fields.take_string("selector");
  auto pem = fields.take_string("private_key");
  const auto kind = fields.take_string("kind");
  if (kind && *kind != "rsa" && *kind != "ed25519") return std::unexpected(bad_request("'kind' wants rsa or ed25519"));
  if (pem && !selector) return std::unexpected(bad_request("a 'private_key' needs the 'selector' it is published at"));
  if (selector && !pem && !kind) return std::unexpected(bad_request("a 'selector' needs a 'kind': it is of one key"));
  if (!kind && !pem) return state::directory::pair_of_keys();
  NewSigningKey key{.selector = std::move(selector).value_or(""),
                    .kind = kind == "ed25519" ? KeyKind::kEd25519 : KeyKind::kRsa,
                    .pem = {}};
  if (pem) key.pem.emplace(*std::move(pem));
  return std::vector{std::move(key)};
}

/// Makes the keys that are to sign next, and sees whether DNS has them already.
Reply rotate(const Services* services, Request request) {
  auto wanted = read_body(request, wanted_keys);
  if (!wanted) co_return wanted.error();
  const auto domain = services->directory.domain(request.parameter("domain"));
  if (!domain) co_return problem_of(state::directory::DirectoryError::kNoSuchDomain);
  auto made = co_await services->directory.add_signing_keys(domain->name, *std::move(wanted));
  if (!made) co_return problem_of(made.error());
  co_return co_await looked_after(services, *domain, *std::move(made), 201);
}

Reply check(const Services* services, Request request) {
  const auto domain = services->directory.domain(request.parameter("domain"));
  if (!domain) co_return problem_of(state::directory::DirectoryError::kNoSuchDomain);
  std::vector<SigningKey> all;
  co_return co_await looked_after(services, *domain, std::move(all), 200);
}

Outcome<KeyState> state_of(const std::string& word) {
  if (word == "active") return KeyState::kActive;
  if (word == "retiring") return KeyState::kRetiring;
  if (word == "gone") return KeyState::kGone;
  return std::unexpected(bad_request("'state' wants active, retiring or gone"));
}

Reply change(const Services* services, Request request) {
  const auto state = read_body(request, [](Fields& fields) { return state_of(fields.need_string("state")); });
  if (!state) co_return state.error();
  const auto domain = services->directory.domain(request.parameter("domain"));
  if (!domain) co_return problem_of(state::directory::DirectoryError::kNoSuchDomain);
  std::string selector(request.parameter("selector"));
  const auto key = co_await services->directory.change_signing_key(domain->name, std::move(selector), *state);
  co_return key ? reply(json_of(*services, *domain, *key)) : problem_of(key.error());
}

Reply remove(const Services* services, Request request) {
  using state::directory::Force;
  const auto force = request.query_value("force") == "true" ? Force::kYes : Force::kNo;
  std::string domain(request.parameter("domain"));
  std::string selector(request.parameter("selector"));
  const auto removed = co_await services->directory.remove_signing_key(std::move(domain), std::move(selector), force);
  co_return removed ? no_content() : problem_of(removed.error());
}

/// What other servers and mail programs find in DNS for this domain.
Reply dns(const Services* services, Request request) {
  const auto domain = services->directory.domain(request.parameter("domain"));
  if (!domain) co_return problem_of(state::directory::DirectoryError::kNoSuchDomain);
  work::records::OwnDomain own{.name = domain->name, .keys = {}};
  const auto snapshot = services->directory.snapshot();
  if (const auto* keys = snapshot->signing_keys(domain->id)) own.keys = *keys;
  auto surveyed =
      work::records::survey(&services->resolver, services->actions.own_host(), std::move(own), services->clock.now());
  const auto report = co_await std::move(surveyed);
  boost::json::array records;
  for (const auto& one : report.checks) records.push_back(json_of(one));
  co_return reply(boost::json::object{
      {"domain", domain->name_utf8}, {"verdict", to_string(verdict_of(report))}, {"records", std::move(records)}});
}

}  // namespace

void add_signing_calls(Routes& routes) {
  add(routes, Method::kGet, "/v1/keys", list_all);
  add(routes, Method::kPost, "/v1/domains/{domain}/keys", rotate);
  add(routes, Method::kPost, "/v1/domains/{domain}/keys/check", check);
  add(routes, Method::kGet, "/v1/domains/{domain}/keys/{selector}", show);
  add(routes, Method::kPatch, "/v1/domains/{domain}/keys/{selector}", change);
  add(routes, Method::kDelete, "/v1/domains/{domain}/keys/{selector}", remove);
  add(routes, Method::kGet, "/v1/domains/{domain}/dns", dns);
}

}  // namespace veredus::doors::admin
