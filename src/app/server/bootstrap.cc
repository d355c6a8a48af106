#include "app/server/bootstrap.h"

#include <fmt/format.h>

#include "app/server/block_on.h"
#include "app/server/disk_reserve.h"
#include "app/server/privileges.h"
#include "app/server/secret_file.h"
#include "base/types/clock.h"
#include "base/types/result.h"
#include "io/engine/rocksdb_engine.h"
#include "io/net/self_signed.h"
#include "io/net/worker_pool.h"
#include "state/directory/directory.h"
#include "state/directory/signing_key.h"
#include "work/mailauth/published_key.h"
#include "work/records/zone_text.h"

namespace veredus::app::server {
namespace {

using state::directory::Directory;
using state::directory::DirectoryError;

asio::awaitable<std::expected<std::vector<std::string>, DirectoryError>> add_first(Directory* directory,
                                                                                   FirstAccount first) {
  state::directory::NewDomain domain;
  const std::string domain_name = first.address.substr(first.address.rfind('@') + 1);
  domain.name = domain_name;
  const auto made = co_await directory->create_domain(std::move(domain));
  if (!made && made.error() != DirectoryError::kDomainExists) co_return std::unexpected(made.error());
  const std::string name = made ? made->name : domain_name;
  state::directory::NewAccount account;
  account.address = std::move(first.address);
  account.role = state::directory::Role::kAdministrator;
  account.password = std::move(first.password);
  VEREDUS_CO_TRY(co_await directory->create_account(std::move(account)));
  std::vector<std::string> records;
  VEREDUS_CO_TRY(const auto keys, co_await directory->add_signing_keys(name, state::directory::pair_of_keys()));
  for (const auto& key : keys)
    records.push_back(work::records::zone_text(work::mailauth::key_name(key.selector, name), record_text(key)));
  co_return records;
}

}  // namespace

std::expected<std::vector<std::string>, std::string> bootstrap(const config::Configuration& configuration,
                                                               FirstAccount first) {
  VEREDUS_TRY(prepare_directory(configuration.data_directory, configuration.run_as));
  VEREDUS_TRY(become(configuration.run_as));
  auto store = configuration.engine;
  store.min_free_octets = disk_reserve(store);
  auto engine = io::engine::RocksDbEngine::open(std::move(store));
  if (!engine) return std::unexpected(engine.error().message);
  const MachineClock clock;
  io::net::WorkerPool workers({.threads = 1});
  auto options = configuration.directory;
  VEREDUS_TRY(const auto secret, load_or_make_secret(configuration.data_directory + "/secret"));
  options.sealing_key = sealing_key_of(secret);
  auto directory = run_here(Directory::open(engine->get(), &workers, &clock, std::move(options)));
  if (!directory) return std::unexpected(std::string(to_string(directory.error())));
  const std::string address = first.address;
  auto added = run_here(add_first(directory->get(), std::move(first)));
  if (!added) return std::unexpected(fmt::format("{}: {}", address, to_string(added.error())));
  return *std::move(added);
}

std::expected<void, std::string> write_self_signed(const std::string& hostname, const std::string& chain_file,
                                                   const std::string& key_file) {
  const auto made = io::net::make_self_signed({hostname}, MachineClock().now(), std::chrono::days(3650));
  if (!made) return std::unexpected(fmt::format("a certificate for {}: {}", hostname, to_string(made.error())));
  VEREDUS_TRY(write_new_file(key_file, made->key_pem, 0600));
  return write_new_file(chain_file, made->certificate_pem, 0644);
}

}  // namespace veredus::app::server
