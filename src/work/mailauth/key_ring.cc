#include "work/mailauth/key_ring.h"

#include <algorithm>
#include <mutex>
#include <optional>
#include <utility>

#include "state/directory/directory.h"
#include "state/directory/snapshot.h"

namespace veredus::work::mailauth {

using base::crypto::KeyKind;
using base::crypto::PrivateKey;
using state::directory::KeyState;
using state::directory::SigningKey;
using state::directory::Snapshot;

namespace {

bool signs(const SigningKey& key) { return key.state == KeyState::kActive; }

/// The domain that signs for `domain`, and all its keys.
struct Signatory {
  const std::string* domain = nullptr;
  const std::vector<SigningKey>* keys = nullptr;  // null: nobody does
};

Signatory signatory_of(const Snapshot& snapshot, std::string_view domain) {
  while (!domain.empty()) {
    const auto* owner = snapshot.domain(domain);
    const auto* keys = owner != nullptr ? snapshot.signing_keys(owner->id) : nullptr;
    if (keys != nullptr && std::ranges::any_of(*keys, signs)) return {.domain = &owner->name, .keys = keys};
    const auto dot = domain.find('.');
    domain = dot == std::string_view::npos ? std::string_view() : domain.substr(dot + 1);
  }
  return {};
}

}  // namespace

std::shared_ptr<const PrivateKey> KeyRing::open(const SigningKey& key) const {
  {
    const std::shared_lock lock(mutex_);
    const auto at = opened_.find(key.public_octets);
    if (at != opened_.end() && at->second.sealed == key.sealed_private) return at->second.key;
  }
  const auto pem = directory_->open_signing_key(key);
  auto read = pem ? PrivateKey::read(*pem) : std::unexpected(base::crypto::KeyError::kMalformed);
  auto opened = read ? std::make_shared<const PrivateKey>(*std::move(read)) : nullptr;
  const std::unique_lock lock(mutex_);
  opened_.insert_or_assign(key.public_octets, Opened{.sealed = key.sealed_private, .key = opened});
  return opened;
}

std::vector<OpenKey> KeyRing::keys_for(std::string_view domain) const {
  std::vector<OpenKey> out;
  const auto snapshot = directory_->snapshot();
  const auto signatory = signatory_of(*snapshot, domain);
  if (signatory.keys == nullptr) return out;
  for (const auto& key : *signatory.keys) {
    if (!signs(key)) continue;
    auto opened = open(key);
    if (!opened) continue;
    const bool first = opened->kind() == KeyKind::kRsa;
    out.insert(first ? out.begin() : out.end(),
               OpenKey{.domain = *signatory.domain, .selector = key.selector, .key = std::move(opened)});
  }
  return out;
}

/// Looked up once for each version of the directory; all domains are gone through only while none has any.
bool KeyRing::has_keys() const {
  const auto snapshot = directory_->snapshot();
  if (!snapshot->has_signing_keys()) return false;
  std::optional<Known> known;
  {
    const std::shared_lock lock(mutex_);
    known = known_;
  }
  if (known && known->version == snapshot->version()) return known->domain != DomainId();
  const auto has_active = [&](DomainId domain) {
    const auto* keys = snapshot->signing_keys(domain);
    return keys != nullptr && std::ranges::any_of(*keys, signs);
  };
  Known now{.version = snapshot->version(), .domain = known ? known->domain : DomainId()};
  if (!has_active(now.domain)) {
    now.domain = DomainId();
    snapshot->for_each_domain([&](const state::directory::Domain& domain) {
      if (now.domain == DomainId() && has_active(domain.id)) now.domain = domain.id;
    });
  }
  const std::unique_lock lock(mutex_);
  known_ = now;
  return now.domain != DomainId();
}

}  // namespace veredus::work::mailauth
