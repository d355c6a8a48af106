#include <fmt/format.h>

#include <boost/json.hpp>
#include <filesystem>
#include <iostream>
#include <memory>

#include "app/cli/commands.h"
#include "app/cli/config_check.h"
#include "app/cli/terminal.h"
#include "app/server/server.h"
#include "io/engine/verify.h"

namespace veredus::app::cli {
namespace {

using boost::json::object;
using boost::json::value;
using io::http::Method;

int serve(const Invocation& invocation) {
  auto configuration = config::load_configuration(invocation.config_path);
  if (!configuration) {
    std::cerr << to_string(configuration.error());
    return kBadConfig;
  }
  auto server = server::Server::start(std::move(*configuration));
  if (!server) {
    std::cerr << "veredus: " << server.error() << "\n";
    return kFailed;
  }
  (*server)->run();
  return kOk;
}

int check_config(const Invocation& invocation) {
  const auto configuration = config::load_configuration(invocation.config_path);
  const auto errors =
      configuration ? errors_on_this_machine(*configuration, invocation.config_path) : configuration.error();
  if (invocation.json) {
    boost::json::array list;
    for (const auto& error : errors)
      list.push_back(object{{"file", error.file}, {"line", error.line}, {"text", error.text}});
    std::cout << boost::json::serialize(object{{"ok", errors.empty()}, {"errors", list}}) << "\n";
  } else if (errors.empty()) {
    std::cout << invocation.config_path << ": fine\n";
  } else {
    std::cerr << to_string(errors);
  }
  return errors.empty() ? kOk : kBadConfig;
}

std::string dnssec_line(std::string_view state) {
  if (state == "always") return "DNSSEC is validated, as configured";
  if (state == "proven") return "DNSSEC is validated";
  const std::string off = "DNSSEC is not validated, and DANE is off: ";
  if (state == "stripped") return off + "the DNS servers asked do not hand on signatures";
  if (state == "silent") return off + "no DNS server answered the question for the root's signatures";
  if (state == "unknown") return off + "nobody has looked yet whether signatures come through";
  return off + "it is switched off, or there is no trust anchor (package dns-root-data, or dns.trust_anchor)";
}

void show_status(const value& status) {
  std::cout << fmt::format("{} {}, {}\n", std::string_view(status.at("hostname").as_string()),
                           std::string_view(status.at("version").as_string()),
                           status.at("healthy").as_bool() ? "healthy" : std::string(status.at("reason").as_string()));
  std::cout << fmt::format(
      "{} domains, {} accounts, {} sessions, {} messages on their way to several accounts\n",
      status.at("domains").to_number<std::uint64_t>(), status.at("accounts").to_number<std::uint64_t>(),
      status.at("sessions").to_number<std::uint64_t>(), status.at("fan_out_waiting").to_number<std::uint64_t>());
  std::cout << dnssec_line(status.at("dnssec").as_string()) << "\n";
  std::vector<std::vector<std::string>> rows;
  for (const auto& at : status.at("listeners").as_array())
    rows.push_back({std::string(at.at("protocol").as_string()), std::string(at.at("address").as_string())});
  print_table({"PROTOCOL", "ADDRESS"}, rows);
}

/// Reads a backup, or a data directory nobody serves, from end to end.
int verify(const Invocation& invocation, const std::string& directory) {
  const auto report = io::engine::verify(directory);
  if (!report) {
    std::cerr << "veredus: " << report.error().message << "\n";
    return kFailed;
  }
  if (invocation.json) {
    boost::json::array damage(report->damage.begin(), report->damage.end());
    std::cout << boost::json::serialize(object{{"sound", report->sound()},
                                               {"partitions", report->partitions},
                                               {"rows", report->rows},
                                               {"bodies", report->bodies},
                                               {"octets", report->octets},
                                               {"damage", std::move(damage)}})
              << "\n";
  } else {
    for (const auto& line : report->damage) std::cout << line << "\n";
    std::cout << fmt::format("{} partitions, {} rows, {} body chunks, {}: {}\n", report->partitions, report->rows,
                             report->bodies, shown_size(report->octets), report->sound() ? "sound" : "damaged");
  }
  return report->sound() ? kOk : kFailed;
}

int backup(const Invocation& invocation, const std::string& directory) {
  const auto absolute = std::filesystem::absolute(directory).string();
  return call_and_show(invocation, Method::kPost, "/v1/backup", object{{"directory", absolute}},
                       [&](const value&) { std::cout << "backed up to " << absolute << "\n"; });
}

}  // namespace

void add_server_commands(CLI::App& app, Invocation& invocation) {
  auto* serving = app.add_subcommand("serve", "run the server in the foreground");
  serving->callback([&invocation] { invocation.command = [&invocation] { return serve(invocation); }; });

  auto* status = add_command(app, invocation, "status", "is the server well, and where does it listen");
  status->callback([&invocation] {
    invocation.command = [&invocation] {
      return call_and_show(invocation, Method::kGet, "/v1/status", nullptr, show_status);
    };
  });
  auto* reload =
      add_command(app, invocation, "reload", "read configuration and certificates again, open the log file again");
  reload->callback([&invocation] {
    invocation.command = [&invocation] {
      return call_and_show(invocation, Method::kPost, "/v1/reload", nullptr,
                           [](const value&) { std::cout << "reloaded\n"; });
    };
  });
  const auto directory = std::make_shared<std::string>();
  auto* copy = add_command(app, invocation, "backup", "make a consistent copy of the store while it serves");
  copy->add_option("directory", *directory, "where to; must not exist")->required();
  copy->callback([&invocation, directory] {
    invocation.command = [&invocation, directory] { return backup(invocation, *directory); };
  });
  auto* check =
      add_command(app, invocation, "verify", "read a backup, or the store of a stopped server, from end to end");
  check->add_option("directory", *directory)->required();
  check->callback([&invocation, directory] {
    invocation.command = [&invocation, directory] { return verify(invocation, *directory); };
  });
  auto* configuration = app.add_subcommand("config", "the configuration file");
  configuration->require_subcommand(1);
  auto* checking = add_command(*configuration, invocation, "check", "say what is wrong with it, if anything");
  checking->callback([&invocation] { invocation.command = [&invocation] { return check_config(invocation); }; });
}

}  // namespace veredus::app::cli
