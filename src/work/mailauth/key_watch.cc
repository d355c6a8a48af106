#include "work/mailauth/key_watch.h"

#include <algorithm>
#include <utility>

#include "base/observe/log.h"
#include "base/types/result.h"
#include "io/dns/resolver.h"
#include "io/net/deadline.h"
#include "state/directory/directory.h"
#include "state/directory/snapshot.h"

namespace veredus::work::mailauth {

using state::directory::DirectoryError;
using state::directory::KeyState;
using state::directory::SigningKey;
template <class T>
using Result = asio::awaitable<std::expected<T, DirectoryError>>;

namespace {

std::vector<SigningKey> keys_of(const state::directory::Directory& directory, const std::string& domain) {
  const auto snapshot = directory.snapshot();
  const auto* owner = snapshot->domain(std::string_view(domain));
  const auto* keys = owner != nullptr ? snapshot->signing_keys(owner->id) : nullptr;
  return keys != nullptr ? *keys : std::vector<SigningKey>();
}

/// Of a key that signs.
void tell_troubles(const KeyWatch::Parts& parts, const std::string& domain, const SigningKey& key,
                   const PublishedKey& published) {
  if (!parts.directory.open_signing_key(key))
    parts.log.error("dkim.key_unreadable", {{"domain", domain}, {"selector", key.selector}});
  if (published.publication == Publication::kMissing || published.publication == Publication::kOther)
    parts.log.warning("dkim.key_not_in_dns",
                      {{"domain", domain}, {"selector", key.selector}, {"why", published.problem}});
}

}  // namespace

KeyWatch::Options KeyWatch::options() const {
  const std::scoped_lock lock(mutex_);
  return options_;
}

void KeyWatch::change(Options options) {
  const std::scoped_lock lock(mutex_);
  options_ = options;
}

/// What time alone brings about.
Result<void> KeyWatch::age(std::string domain, SigningKey key) {
  const auto options = this->options();
  const auto since = parts_.clock.now() - key.changed;
  if (key.state == KeyState::kRetiring && since >= options.overlap) {
    VEREDUS_CO_TRY(co_await parts_.directory.change_signing_key(domain, key.selector, KeyState::kGone));
    parts_.log.info("dkim.key_gone", {{"domain", domain}, {"selector", key.selector}});
  }
  if (key.state == KeyState::kGone && since >= options.remember_gone)
    VEREDUS_CO_TRY(co_await parts_.directory.remove_signing_key(domain, key.selector, state::directory::Force::kNo));
  co_return std::expected<void, DirectoryError>();
}

Result<void> KeyWatch::activate(std::string domain, std::string selector) {
  VEREDUS_CO_TRY(co_await parts_.directory.change_signing_key(domain, selector, KeyState::kActive));
  parts_.log.info("dkim.key_active", {{"domain", domain}, {"selector", selector}});
  co_return std::expected<void, DirectoryError>();
}

Result<std::vector<KeyWatch::Seen>> KeyWatch::look_after(std::string domain) {
  const auto owner = parts_.directory.domain(domain);
  if (!owner) co_return std::unexpected(DirectoryError::kNoSuchDomain);
  domain = owner->name;
  std::vector<Seen> seen;
  for (auto& key : keys_of(parts_.directory, domain)) {
    VEREDUS_CO_TRY(co_await age(domain, key));
    auto published =
        co_await look_for_key(&parts_.resolver, key_name(key.selector, domain), key.kind, key.public_octets);
    if (key.state == KeyState::kPending && published.publication == Publication::kThere)
      VEREDUS_CO_TRY(co_await activate(domain, key.selector));
    seen.push_back({.key = std::move(key), .published = std::move(published)});
  }
  // One that began to sign made another one retire.
  std::vector<Seen> now;
  for (auto& key : keys_of(parts_.directory, domain)) {
    const auto at = std::ranges::find_if(seen, [&](const Seen& one) { return one.key.selector == key.selector; });
    if (at != seen.end()) now.push_back({.key = std::move(key), .published = std::move(at->published)});
  }
  co_return now;
}

/// Active keys are looked at too: what they sign is worth nothing when others cannot find them, and nothing is signed
/// with a key that this server cannot read any more.
asio::awaitable<void> KeyWatch::look_after_all() {
  for (const auto& domain : parts_.directory.snapshot()->domains()) {
    for (const auto& key : keys_of(parts_.directory, domain.name)) {
      std::expected<void, DirectoryError> done = co_await age(domain.name, key);
      if (done && (key.state == KeyState::kPending || key.state == KeyState::kActive)) {
        const auto published =
            co_await look_for_key(&parts_.resolver, key_name(key.selector, domain.name), key.kind, key.public_octets);
        if (key.state == KeyState::kPending && published.publication == Publication::kThere)
          done = co_await activate(domain.name, key.selector);
        if (key.state == KeyState::kActive) tell_troubles(parts_, domain.name, key, published);
      }
      if (!done)
        parts_.log.warning("dkim.key_unchanged",
                           {{"domain", domain.name}, {"selector", key.selector}, {"why", to_string(done.error())}});
    }
  }
}

asio::awaitable<void> KeyWatch::run() {
  while (true) {
    if (parts_.directory.snapshot()->has_signing_keys()) co_await look_after_all();
    co_await io::net::pause(options().check_every);
  }
}

}  // namespace veredus::work::mailauth
