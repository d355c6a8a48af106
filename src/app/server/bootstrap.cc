#include "app/server/bootstrap.h"

#include <fmt/format.h>

#include "app/server/block_on.h"
#include "app/server/privileges.h"
#include "app/server/secret_file.h"
#include "base/types/clock.h"
#include "base/types/result.h"
#include "io/engine/rocksdb_engine.h"
#include "io/net/self_signed.h"
#include "io/net/worker_pool.h"
#include "state/directory/directory.h"

namespace veredus::app::server {
namespace {

using state::directory::Directory;
using state::directory::DirectoryError;

asio::awaitable<std::expected<void, DirectoryError>> add_first(Directory* directory, FirstAccount first) {
  state::directory::NewDomain domain;
  domain.name = first.address.substr(first.address.rfind('@') + 1);
  const auto made = co_await directory->create_domain(std::move(domain));
  if (!made && made.error() != DirectoryError::kDomainExists) co_return std::unexpected(made.error());
  state::directory::NewAccount account;
  account.address = std::move(first.address);
  account.role = state::directory::Role::kAdministrator;
  account.password = std::move(first.password);
  VEREDUS_CO_TRY(co_await directory->create_account(std::move(account)));
  co_return std::expected<void, DirectoryError>{};
}

}  // namespace

std::expected<void, std::string> bootstrap(const config::Configuration& configuration, FirstAccount first) {
  VEREDUS_TRY(prepare_directory(configuration.data_directory, configuration.run_as));
  VEREDUS_TRY(become(configuration.run_as));
  auto engine = io::engine::RocksDbEngine::open(configuration.engine);
  if (!engine) return std::unexpected(engine.error().message);
  const MachineClock clock;
  io::net::WorkerPool workers({.threads = 1});
  auto directory = run_here(Directory::open(engine->get(), &workers, &clock, configuration.directory));
  if (!directory) return std::unexpected(std::string(to_string(directory.error())));
  const std::string address = first.address;
  const auto added = run_here(add_first(directory->get(), std::move(first)));
  if (!added) return std::unexpected(fmt::format("{}: {}", address, to_string(added.error())));
  return {};
}

std::expected<void, std::string> write_self_signed(const std::string& hostname, const std::string& chain_file,
                                                   const std::string& key_file) {
  const auto made = io::net::make_self_signed({hostname}, MachineClock().now(), std::chrono::days(3650));
  if (!made) return std::unexpected(fmt::format("a certificate for {}: {}", hostname, to_string(made.error())));
  VEREDUS_TRY(write_new_file(key_file, made->key_pem, 0600));
  return write_new_file(chain_file, made->certificate_pem, 0644);
}

}  // namespace veredus::app::server
