#include "base/codec/saslprep.h"
#include "state/directory/directory_core.h"
#include "state/directory/plan_parts.h"
#include "state/directory/resolution.h"

namespace veredus::state::directory {

namespace crypto = base::crypto;

namespace {

/// What is compared; an empty one, which no password is, for what could never be one.
crypto::Secret prepared(const crypto::Secret& password) {
  if (password.reveal().size() > kMaxPasswordOctets) return {};
  auto text = base::codec::prepare_password(password.reveal());
  return text ? crypto::Secret(*std::move(text)) : crypto::Secret();
}

struct Checked {
  std::optional<VerifiedPassword> verified;
  std::optional<Credentials> renewed;
};

/// Blocking, for the worker pool.
Checked check(const Credentials* credentials, const crypto::Secret& password) {
  Checked checked{verify(credentials, password), {}};
  const bool own = checked.verified && checked.verified->app_password == 0 && !password.empty();
  if (own) checked.renewed = with_renewed_hash(*credentials, password);
  return checked;
}

}  // namespace

asio::awaitable<std::expected<Login, AuthError>> Directory::authenticate(PasswordLogin login) {
  const auto snapshot = core_->now();
  const auto* account = find_login(*snapshot, login.user, core_->options.default_domain);
  const auto* credentials = account != nullptr ? snapshot->credentials(account->id) : nullptr;
  const auto id = account != nullptr ? account->id : AccountId();
  const auto revision = credentials != nullptr ? credentials->revision : 0;
  auto password = prepared(login.password);
  auto known = core_->verified.find(id, revision, password);
  if (!known) {
    // The snapshot goes along: it owns the credentials.
    auto work = [snapshot, credentials, password] { return check(credentials, password); };
    auto checked = co_await core_->pool->run(std::move(work));
    if (!checked) co_return std::unexpected(AuthError::kUnavailable);
    if (!checked->verified || password.empty()) co_return std::unexpected(AuthError::kWrongCredentials);
    known = checked->verified;
    core_->verified.remember(id, revision, password, *known);
    // Who is not in time, or cannot write, renews it at the next login.
    if (checked->renewed) static_cast<void>(co_await core_->replace_credentials(id, revision, *checked->renewed));
  }
  co_return co_await core_->authorize(snapshot, id, std::move(login.authzid), known->app_password);
}

std::vector<crypto::ScramKeys> Directory::scram_keys(std::string_view user) const {
  const auto snapshot = core_->now();
  const auto* account = find_login(*snapshot, user, core_->options.default_domain);
  const auto* credentials = account != nullptr ? snapshot->credentials(account->id) : nullptr;
  return credentials != nullptr ? directory::scram_keys(*credentials) : std::vector<crypto::ScramKeys>();
}

asio::awaitable<std::expected<Login, AuthError>> Directory::authorize_scram(std::string user, std::string authzid,
                                                                            std::size_t key_index) {
  const auto snapshot = core_->now();
  const auto* account = find_login(*snapshot, user, core_->options.default_domain);
  const auto* credentials = account != nullptr ? snapshot->credentials(account->id) : nullptr;
  if (credentials == nullptr) co_return std::unexpected(AuthError::kWrongCredentials);
  const auto app_password = app_password_of_key(*credentials, key_index);
  co_return co_await core_->authorize(snapshot, account->id, std::move(authzid), app_password);
}

Directory::Result<Account> Directory::create_account(NewAccount account) {
  // Without the hash first: a request that cannot be granted shall not cost one.
  if (const auto plan = plan_create_account(*core_->now(), account, std::nullopt, core_->clock->now()); !plan)
    co_return std::unexpected(plan.error());
  std::optional<Credentials> credentials;
  if (account.password) {
    VEREDUS_CO_TRY(auto password, accept_new_password(account.password->reveal(), core_->options.min_password_octets));
    auto work = [password = std::move(password)] { return with_new_password(Credentials{}, password); };
    auto computed = co_await core_->pool->run(std::move(work));
    if (!computed) co_return std::unexpected(DirectoryError::kUnavailable);
    credentials = *std::move(computed);
  }
  auto plan = [request = std::move(account), credentials, time = core_->clock->now()](const Snapshot& now) {
    return plan_create_account(now, request, credentials, time);
  };
  co_return co_await core_->change<Account>(std::move(plan));
}

Directory::Result<void> Directory::set_password(AccountId id, crypto::Secret password) {
  VEREDUS_CO_TRY(auto accepted, accept_new_password(password.reveal(), core_->options.min_password_octets));
  auto derive = [accepted = std::move(accepted)](Credentials before) {
    return std::expected<Credentials, DirectoryError>(with_new_password(std::move(before), accepted));
  };
  VEREDUS_CO_TRY(co_await core_->change_credentials(id, std::move(derive)));
  co_return std::expected<void, DirectoryError>();
}

Directory::Result<NewAppPassword> Directory::create_app_password(AccountId id, std::string name) {
  VEREDUS_CO_TRY(check_name(name));
  const auto password = generate_app_password();
  auto derive = [name = std::move(name), password,
                 time = core_->clock->now()](Credentials before) -> std::expected<Credentials, DirectoryError> {
    if (before.app_passwords.size() >= Limits::app_passwords)
      return std::unexpected(DirectoryError::kTooManyAppPasswords);
    return with_new_app_password(std::move(before), name, password, time);
  };
  VEREDUS_CO_TRY(const auto after, co_await core_->change_credentials(id, std::move(derive)));
  co_return NewAppPassword{.id = after.app_passwords.back().id, .password = password};
}

Directory::Result<void> Directory::revoke_app_password(AccountId id, std::uint64_t app_password) {
  auto derive = [app_password](Credentials before) -> std::expected<Credentials, DirectoryError> {
    if (std::erase_if(before.app_passwords, [&](const auto& app) { return app.id == app_password; }) == 0)
      return std::unexpected(DirectoryError::kNoSuchAppPassword);
    ++before.revision;
    return before;
  };
  VEREDUS_CO_TRY(co_await core_->change_credentials(id, std::move(derive)));
  co_return std::expected<void, DirectoryError>();
}

std::vector<AppPassword> Directory::app_passwords(AccountId id) const {
  const auto snapshot = core_->now();
  const auto* credentials = snapshot->credentials(id);
  std::vector<AppPassword> out;
  if (credentials == nullptr) return out;
  for (const auto& app : credentials->app_passwords)
    out.push_back(
        {.id = app.id, .name = app.name, .created = app.created, .last_used = core_->last_uses.find(id, app.id)});
  return out;
}

}  // namespace veredus::state::directory
