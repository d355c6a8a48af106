#include "state/directory/directory.h"

#include "state/directory/address_form.h"
#include "state/directory/directory_core.h"

namespace veredus::state::directory {

Directory::Directory(std::unique_ptr<Core> core) : core_(std::move(core)) {}
Directory::~Directory() = default;

Directory::Result<std::unique_ptr<Directory>> Directory::open(io::engine::Engine* engine, io::net::WorkerPool* pool,
                                                              const Clock* clock, Options options) {
  auto core = std::make_unique<Core>(engine, pool, clock, std::move(options));
  VEREDUS_CO_TRY(co_await core->load());
  co_return std::unique_ptr<Directory>(new Directory(std::move(core)));
}

Directory::Result<void> Directory::refresh() {
  const auto held = co_await core_->turn.take();
  const auto version = co_await core_->engine->version(kPartition);
  if (!version) co_return std::unexpected(DirectoryError::kUnavailable);
  if (*version == core_->now()->version()) co_return std::expected<void, DirectoryError>();
  co_return co_await core_->load();
}

std::shared_ptr<const Snapshot> Directory::snapshot() const { return core_->now(); }

std::expected<Resolution, ResolveError> Directory::resolve_now(const wire::smtp::Address& address,
                                                               Poster poster) const {
  return resolve(*core_->now(), address, core_->options.default_domain, Purpose::kDelivery, poster);
}

bool Directory::is_ours(std::string_view domain) const { return find_domain(*core_->now(), domain) != nullptr; }

bool Directory::may_send_as(AccountId account, const wire::smtp::Address& address) const {
  return directory::may_send_as(*core_->now(), account, address);
}

std::optional<Account> Directory::account(AccountId id) const {
  const auto now = core_->now();
  const auto* found = now->account(id);
  return found != nullptr ? std::optional(*found) : std::nullopt;
}

std::optional<Account> Directory::account_by_address(std::string_view address) const {
  const auto now = core_->now();
  const auto typed = parse_typed_address(address);
  const auto* domain = typed ? find_domain(*now, typed->domain) : nullptr;
  if (domain == nullptr) return std::nullopt;
  const auto* found = now->account(std::string_view(join_address(normal_local_part(typed->local_part), domain->name)));
  return found != nullptr ? std::optional(*found) : std::nullopt;
}

std::optional<Domain> Directory::domain(std::string_view name) const {
  const auto now = core_->now();
  const auto* found = find_domain(*now, name);
  return found != nullptr ? std::optional(*found) : std::nullopt;
}

io::engine::Subscription Directory::watch(AccountId id, std::function<void()> changed) const {
  return core_->watchers.add(Core::watched_as(id), [changed = std::move(changed)](auto&&...) { changed(); });
}

std::vector<DeletedAccount> Directory::deleted_accounts() const { return core_->now()->deleted_accounts(); }

Directory::Result<Domain> Directory::create_domain(NewDomain domain) {
  auto plan = [request = std::move(domain), time = core_->clock->now()](const Snapshot& now) {
    return plan_create_domain(now, request, time);
  };
  co_return co_await core_->change<Domain>(std::move(plan));
}

Directory::Result<Domain> Directory::change_domain(std::string name, DomainChange change) {
  auto plan = [name = std::move(name), change](const Snapshot& now) { return plan_change_domain(now, name, change); };
  co_return co_await core_->change<Domain>(std::move(plan));
}

Directory::Result<void> Directory::delete_domain(std::string name) {
  auto plan = [name = std::move(name)](const Snapshot& now) { return plan_delete_domain(now, name); };
  VEREDUS_CO_TRY(co_await core_->change<Nothing>(std::move(plan)));
  co_return std::expected<void, DirectoryError>();
}

Directory::Result<Account> Directory::change_account(AccountId id, AccountChange change) {
  auto plan = [id, change = std::move(change)](const Snapshot& now) { return plan_change_account(now, id, change); };
  co_return co_await core_->change<Account>(std::move(plan));
}

Directory::Result<Account> Directory::rename_account(AccountId id, std::string address, OldAddress old_address) {
  auto plan = [id, address = std::move(address), old_address, time = core_->clock->now()](const Snapshot& now) {
    return plan_rename_account(now, id, address, old_address, time);
  };
  co_return co_await core_->change<Account>(std::move(plan));
}

Directory::Result<void> Directory::delete_account(AccountId id) {
  auto plan = [id, time = core_->clock->now()](const Snapshot& now) { return plan_delete_account(now, id, time); };
  VEREDUS_CO_TRY(co_await core_->change<Nothing>(std::move(plan)));
  co_return std::expected<void, DirectoryError>();
}

Directory::Result<void> Directory::forget_deleted(AccountId id) {
  auto plan = [id](const Snapshot& now) { return plan_forget_deleted(now, id); };
  VEREDUS_CO_TRY(co_await core_->change<Nothing>(std::move(plan)));
  co_return std::expected<void, DirectoryError>();
}

Directory::Result<Alias> Directory::put_alias(NewAlias alias) {
  auto plan = [request = std::move(alias), time = core_->clock->now()](const Snapshot& now) {
    return plan_put_alias(now, request, time);
  };
  co_return co_await core_->change<Alias>(std::move(plan));
}

Directory::Result<void> Directory::delete_alias(std::string address) {
  auto plan = [address = std::move(address)](const Snapshot& now) { return plan_delete_alias(now, address); };
  VEREDUS_CO_TRY(co_await core_->change<Nothing>(std::move(plan)));
  co_return std::expected<void, DirectoryError>();
}

}  // namespace veredus::state::directory
