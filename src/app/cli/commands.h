#pragma once

#include <CLI/CLI.hpp>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <type_traits>

#include "app/cli/admin_client.h"
#include "app/config/configuration.h"

namespace veredus::app::cli {

/// What the options before the command say, and the command that was chosen.
struct Invocation {
  std::string config_path = "/etc/veredus/veredus.toml";
  std::string socket;  // empty: as the configuration says
  bool json = false;
  std::function<int()> command;  // set by the subcommand that was parsed

  /// The admin socket to talk to. nullopt: neither --socket nor a readable configuration; said on standard error.
  [[nodiscard]] std::optional<AdminClient> client() const;
};

/// Each adds its subcommands. `invocation` must outlive the parsing and the command.
void add_server_commands(CLI::App& app, Invocation& invocation);
void add_domain_commands(CLI::App& app, Invocation& invocation);
void add_account_commands(CLI::App& app, Invocation& invocation);
void add_alias_commands(CLI::App& app, Invocation& invocation);
void add_list_commands(CLI::App& app, Invocation& invocation);
void add_forward_commands(CLI::App& app, Invocation& invocation);
void add_route_commands(CLI::App& app, Invocation& invocation);
void add_mailbox_commands(CLI::App& app, Invocation& invocation);
void add_message_commands(CLI::App& app, Invocation& invocation);
void add_queue_commands(CLI::App& app, Invocation& invocation);
void add_init_command(CLI::App& app, Invocation& invocation);
void add_demo_command(CLI::App& app, Invocation& invocation);
void add_probe_commands(CLI::App& app, Invocation& invocation);
void add_report_commands(CLI::App& app, Invocation& invocation);
void add_check_commands(CLI::App& app, Invocation& invocation);
void add_signing_commands(CLI::App& app, Invocation& invocation);

/// Commands below `check`.
void add_authentication_checks(CLI::App& check, Invocation& invocation);

/// Commands below `dkim`.
void add_key_commands(CLI::App& dkim, Invocation& invocation);

/// A command below `domain`.
void add_domain_dns_command(CLI::App& domain, Invocation& invocation);

/// A command below `check`.
void add_report_check(CLI::App& check, Invocation& invocation);

/// Commands below `mailbox`.
void add_copy_command(CLI::App& mailbox, Invocation& invocation);
void add_transfer_commands(CLI::App& mailbox, Invocation& invocation);

/// A command below `queue`.
void add_limit_command(CLI::App& queue, Invocation& invocation);

/// Parses only what follows `--json` everywhere: adds the flag to a command.
CLI::App* add_command(CLI::App& parent, Invocation& invocation, const std::string& name, const std::string& what);

/// The same, running `action` with the options of its family.
template <class Options>
CLI::App* add_action(CLI::App& parent, Invocation& invocation, const std::shared_ptr<Options>& options,
                     const std::string& name, const std::string& what,
                     std::type_identity_t<int (*)(const Invocation&, const std::shared_ptr<Options>&)> action) {
  auto* command = add_command(parent, invocation, name, what);
  command->callback([&invocation, options, action] {
    invocation.command = [&invocation, options, action] { return action(invocation, options); };
  });
  return command;
}

/// One call whose answer is shown by `show`, or as JSON with --json.
int call_and_show(const Invocation& invocation, io::http::Method method, const std::string& target,
                  const boost::json::value& body, const std::function<void(const boost::json::value&)>& show);

/// "/v1/accounts/" + the address, percent-encoded.
std::string path_of(std::string_view collection, std::string_view name);

}  // namespace veredus::app::cli
