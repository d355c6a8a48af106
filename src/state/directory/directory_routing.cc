#include "base/crypto/random.h"
#include "base/crypto/seal.h"
#include "state/directory/directory_core.h"
#include "state/directory/sealing.h"

namespace veredus::state::directory {

namespace {

constexpr std::size_t kSrsSecretOctets = 32;

std::optional<base::crypto::Secret> unsealed(const base::crypto::Secret& key, const Relay& relay,
                                             std::string_view seal_context) {
  if (key.empty() || !relay.login) return std::nullopt;
  return base::crypto::unseal(key, relay.login->sealed_secret, seal_context);
}

}  // namespace

Directory::Result<MailList> Directory::put_mail_list(NewMailList list) {
  auto plan = [request = std::move(list), time = core_->clock->now()](const Snapshot& now) {
    return plan_put_mail_list(now, request, time);
  };
  co_return co_await core_->change<MailList>(std::move(plan));
}

Directory::Result<MailList> Directory::change_members(std::string address, MembersChange change) {
  auto plan = [address = std::move(address), change = std::move(change)](const Snapshot& now) {
    return plan_change_members(now, address, change);
  };
  co_return co_await core_->change<MailList>(std::move(plan));
}

Directory::Result<MailList> Directory::note_trouble(std::string address, NewTrouble trouble) {
  auto plan = [address = std::move(address), trouble = std::move(trouble), time = core_->clock->now()](
                  const Snapshot& now) { return plan_note_trouble(now, address, trouble, time); };
  co_return co_await core_->change<MailList>(std::move(plan));
}

Directory::Result<void> Directory::delete_mail_list(std::string address) {
  auto plan = [address = std::move(address)](const Snapshot& now) { return plan_delete_mail_list(now, address); };
  VEREDUS_CO_TRY(co_await core_->change<Nothing>(std::move(plan)));
  co_return std::expected<void, DirectoryError>();
}

Directory::Result<Forward> Directory::put_forward(AccountId id, NewForward forward) {
  auto plan = [id, request = std::move(forward), time = core_->clock->now()](const Snapshot& now) {
    return plan_put_forward(now, id, request, time);
  };
  co_return co_await core_->change<Forward>(std::move(plan));
}

Directory::Result<void> Directory::delete_forward(AccountId id) {
  auto plan = [id](const Snapshot& now) { return plan_delete_forward(now, id); };
  VEREDUS_CO_TRY(co_await core_->change<Nothing>(std::move(plan)));
  co_return std::expected<void, DirectoryError>();
}

Directory::Result<Route> Directory::put_route(NewRoute route) {
  auto plan = [this, request = std::move(route), time = core_->clock->now()](const Snapshot& now) {
    return plan_put_route(now, request, core_->options.sealing_key, time);
  };
  co_return co_await core_->change<Route>(std::move(plan));
}

Directory::Result<void> Directory::delete_route(std::string name) {
  auto plan = [name = std::move(name)](const Snapshot& now) { return plan_delete_route(now, name); };
  VEREDUS_CO_TRY(co_await core_->change<Nothing>(std::move(plan)));
  co_return std::expected<void, DirectoryError>();
}

Directory::Result<RelayDomain> Directory::put_relay_domain(NewRelayDomain domain) {
  auto plan = [request = std::move(domain), time = core_->clock->now()](const Snapshot& now) {
    return plan_put_relay_domain(now, request, time);
  };
  co_return co_await core_->change<RelayDomain>(std::move(plan));
}

Directory::Result<void> Directory::delete_relay_domain(std::string name) {
  auto plan = [name = std::move(name)](const Snapshot& now) { return plan_delete_relay_domain(now, name); };
  VEREDUS_CO_TRY(co_await core_->change<Nothing>(std::move(plan)));
  co_return std::expected<void, DirectoryError>();
}

Directory::Result<SendingAccount> Directory::put_sending_account(AccountId id, NewSendingAccount sending) {
  auto plan = [this, id, request = std::move(sending), time = core_->clock->now()](const Snapshot& now) {
    return plan_put_sending_account(now, id, request, core_->options.sealing_key, time);
  };
  co_return co_await core_->change<SendingAccount>(std::move(plan));
}

Directory::Result<SendingAccount> Directory::note_sending_test(AccountId id, std::string address, std::string failure) {
  auto plan = [id, address = std::move(address), failure = std::move(failure)](const Snapshot& now) {
    return plan_note_sending_test(now, id, address, failure);
  };
  co_return co_await core_->change<SendingAccount>(std::move(plan));
}

Directory::Result<void> Directory::delete_sending_account(AccountId id, std::string address) {
  auto plan = [id, address = std::move(address)](const Snapshot& now) {
    return plan_delete_sending_account(now, id, address);
  };
  VEREDUS_CO_TRY(co_await core_->change<Nothing>(std::move(plan)));
  co_return std::expected<void, DirectoryError>();
}

std::optional<base::crypto::Secret> Directory::open_login(const Route& route) const {
  return unsealed(core_->options.sealing_key, route.relay, route_seal_context(route.name));
}

std::optional<base::crypto::Secret> Directory::open_login(const SendingAccount& sending) const {
  return unsealed(core_->options.sealing_key, sending.relay, sending_seal_context(sending.account, sending.address));
}

Directory::Result<void> Directory::rotate_srs_secret(std::chrono::milliseconds age) {
  // Nothing is written while the newest is young enough: no plan, no commit.
  const auto now = core_->now();
  const auto& secrets = now->routing().srs_secrets();
  if (!secrets.empty() && secrets.front().since + age > core_->clock->now())
    co_return std::expected<void, DirectoryError>();
  auto plan = [fresh = base::crypto::random_octets(kSrsSecretOctets), age, life = core_->options.srs_secret_life,
               time = core_->clock->now()](const Snapshot& latest) {
    return plan_rotate_srs_secret(latest, fresh, age, life, time);
  };
  VEREDUS_CO_TRY(co_await core_->change<Nothing>(std::move(plan)));
  co_return std::expected<void, DirectoryError>();
}

Directory::Result<void> Directory::rotate_srs_secret() {
  co_return co_await rotate_srs_secret(core_->options.srs_secret_age);
}

}  // namespace veredus::state::directory
