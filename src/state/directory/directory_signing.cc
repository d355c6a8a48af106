#include "base/crypto/seal.h"
#include "base/crypto/signing_key.h"
#include "state/directory/directory_core.h"
#include "state/directory/sealing.h"

namespace veredus::state::directory {

using base::crypto::KeyKind;
using base::crypto::PrivateKey;

namespace {

constexpr unsigned kRsaBits = 2048;        // RFC 8301 s3.2
constexpr unsigned kFewestRsaBits = 1024;  // the same

std::expected<std::vector<MadeKey>, DirectoryError> make_keys(std::vector<NewSigningKey> wanted) {
  std::vector<MadeKey> made;
  for (auto& [selector, kind, pem] : wanted) {
    auto key = pem                     ? PrivateKey::read(*pem)
               : kind == KeyKind::kRsa ? PrivateKey::make_rsa(kRsaBits)
                                       : PrivateKey::make_ed25519();
    if (!key || (key->kind() == KeyKind::kRsa && key->bits() < kFewestRsaBits))
      return std::unexpected(DirectoryError::kBadKey);
    made.push_back({.selector = std::move(selector),
                    .kind = key->kind(),
                    .public_octets = key->public_octets(),
                    .pem = key->pem()});
  }
  return made;
}

}  // namespace

std::vector<NewSigningKey> pair_of_keys() {
  return {{.selector = {}, .kind = KeyKind::kRsa, .pem = {}}, {.selector = {}, .kind = KeyKind::kEd25519, .pem = {}}};
}

Directory::Result<std::vector<SigningKey>> Directory::add_signing_keys(std::string domain,
                                                                       std::vector<NewSigningKey> keys) {
  auto work = [keys = std::move(keys)]() mutable { return make_keys(std::move(keys)); };
  std::expected<std::vector<MadeKey>, DirectoryError> made;
  if (core_->pool != nullptr) {  // making an RSA key takes some 100 ms
    auto done = co_await core_->pool->run(std::move(work));
    if (!done) co_return std::unexpected(DirectoryError::kUnavailable);
    made = *std::move(done);
  } else {
    made = work();
  }
  if (!made) co_return std::unexpected(made.error());
  auto plan = [this, domain = std::move(domain), made = *std::move(made),
               time = core_->clock->now()](const Snapshot& now) {
    return plan_add_signing_keys(now, domain, made, core_->options.sealing_key, time);
  };
  co_return co_await core_->change<std::vector<SigningKey>>(std::move(plan));
}

Directory::Result<SigningKey> Directory::change_signing_key(std::string domain, std::string selector, KeyState state) {
  auto plan = [domain = std::move(domain), selector = std::move(selector), state, time = core_->clock->now()](
                  const Snapshot& now) { return plan_change_signing_key(now, domain, selector, state, time); };
  co_return co_await core_->change<SigningKey>(std::move(plan));
}

Directory::Result<void> Directory::remove_signing_key(std::string domain, std::string selector, Force force) {
  auto plan = [domain = std::move(domain), selector = std::move(selector), force](const Snapshot& now) {
    return plan_remove_signing_key(now, domain, selector, force);
  };
  VEREDUS_CO_TRY(co_await core_->change<Nothing>(std::move(plan)));
  co_return std::expected<void, DirectoryError>();
}

std::optional<base::crypto::Secret> Directory::open_signing_key(const SigningKey& key) const {
  if (core_->options.sealing_key.empty() || key.sealed_private.empty()) return std::nullopt;
  return base::crypto::unseal(core_->options.sealing_key, key.sealed_private,
                              signing_seal_context(key.domain, key.selector));
}

}  // namespace veredus::state::directory
