#include "app/cli/cli.h"

#include <boost/json.hpp>
#include <cstdlib>
#include <iostream>

#include "app/cli/commands.h"
#include "io/http/percent.h"

namespace veredus::app::cli {

std::optional<AdminClient> Invocation::client() const {
  if (!socket.empty()) return AdminClient(socket);
  const auto configuration = config::load_configuration(config_path);
  if (configuration) return AdminClient(configuration->admin_socket);
  std::cerr << to_string(configuration.error())
            << "veredus: name the server's socket with --socket, or its configuration with --config\n";
  return std::nullopt;
}

CLI::App* add_command(CLI::App& parent, Invocation& invocation, const std::string& name, const std::string& what) {
  auto* command = parent.add_subcommand(name, what);
  command->add_flag("--json", invocation.json, "print JSON");
  return command;
}

int call_and_show(const Invocation& invocation, io::http::Method method, const std::string& target,
                  const boost::json::value& body, const std::function<void(const boost::json::value&)>& show) {
  auto client = invocation.client();
  if (!client) return kBadConfig;
  const auto answer = client->call(method, target, body);
  if (!answer) return client->exit_code();
  if (!invocation.json)
    show(*answer);
  else if (!answer->is_null())
    std::cout << boost::json::serialize(*answer) << "\n";
  return kOk;
}

std::string path_of(std::string_view collection, std::string_view name) {
  return "/v1/" + std::string(collection) + "/" + io::http::percent_encode(name);
}

int run(int argc, char** argv) {
  Invocation invocation;
  CLI::App app{"Veredus: a complete mail system in one program", "veredus"};
  app.set_version_flag("--version", VEREDUS_VERSION);
  app.require_subcommand(1);
  app.add_option("-c,--config", invocation.config_path, "the configuration file")
      ->envname("VEREDUS_CONFIG")
      ->capture_default_str();
  app.add_option("--socket", invocation.socket, "the server's admin socket (default: as the configuration says)")
      ->envname("VEREDUS_SOCKET");
  app.fallthrough();
  add_init_command(app, invocation);
  add_server_commands(app, invocation);
  add_demo_command(app, invocation);
  add_domain_commands(app, invocation);
  add_account_commands(app, invocation);
  add_alias_commands(app, invocation);
  add_list_commands(app, invocation);
  add_forward_commands(app, invocation);
  add_route_commands(app, invocation);
  add_mailbox_commands(app, invocation);
  add_message_commands(app, invocation);
  add_queue_commands(app, invocation);
  add_probe_commands(app, invocation);
  add_report_commands(app, invocation);
  add_check_commands(app, invocation);
  add_signing_commands(app, invocation);
  try {
    app.parse(argc, argv);
  } catch (const CLI::RequiredError& error) {
    auto left = app.remaining(true);
    std::erase(left, "--");
    if (left.empty()) {
      app.exit(error);
    } else {  // "A subcommand is required" would not say that one was given, and which
      const bool is_option = left.front().starts_with('-');
      std::cerr << "veredus: unknown " << (is_option ? "option" : "command") << " '" << left.front() << "'"
                << (is_option ? " here" : "") << "; see --help\n";
    }
    return kUsage;
  } catch (const CLI::ParseError& error) {
    const int code = app.exit(error);
    return code == 0 ? kOk : kUsage;
  }
  return invocation.command ? invocation.command() : static_cast<int>(kUsage);
}

}  // namespace veredus::app::cli
