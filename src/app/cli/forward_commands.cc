#include <boost/json.hpp>
#include <iostream>
#include <memory>

#include "app/cli/commands.h"
#include "app/cli/exit_codes.h"
#include "app/cli/terminal.h"

namespace veredus::app::cli {
namespace {

using boost::json::array;
using boost::json::object;
using boost::json::value;
using io::http::Method;

struct Options {
  std::string account;
  std::string address;
  std::vector<std::string> targets;
  bool no_copy = false;
  std::string provider;
  std::string host;
  std::string user;
  std::string tls;
  bool implicit_tls = false;
  bool token = false;
};
using Shared = std::shared_ptr<Options>;

std::string forward_of(const Options& options) { return path_of("accounts", options.account) + "/forward"; }

std::string sending_of(const Options& options) {
  return path_of("accounts", options.account) + path_of("sending-accounts", options.address).substr(3);
}

void show_forward(const value& forward) {
  std::string all;
  for (const auto& target : forward.at("targets").as_array())
    all += (all.empty() ? "" : ", ") + std::string(target.as_string());
  std::cout << all << (forward.at("keep").as_bool() ? ", and a copy is kept\n" : ", and no copy is kept\n");
}

void show_sending(const value& sending) {
  std::cout << sending.at("address").as_string().c_str();
  if (sending.at("verified").as_bool()) {
    std::cout << ": connected, the test message was taken\n";
    return;
  }
  std::cout << ": not verified";
  if (const auto* why = sending.as_object().if_contains("last_error")) std::cout << ": " << why->as_string().c_str();
  std::cout << "\n";
}

void show_all_sending(const value& answer) {
  std::vector<std::vector<std::string>> rows;
  for (const auto& sending : answer.at("sending_accounts").as_array()) {
    const auto& hosts = sending.at("hosts").as_array();
    rows.push_back({std::string(sending.at("address").as_string()),
                    hosts.empty() ? "" : std::string(hosts.front().as_string()),
                    sending.at("verified").as_bool() ? "yes" : "no"});
  }
  print_table({"ADDRESS", "SERVER", "VERIFIED"}, rows);
}

void show_providers(const value& answer) {
  std::vector<std::vector<std::string>> rows;
  for (const auto& provider : answer.at("providers").as_array())
    rows.push_back({std::string(provider.at("name").as_string()), std::string(provider.at("title").as_string()),
                    std::string(provider.at("host").as_string()), std::string(provider.at("password").as_string())});
  print_table({"PROVIDER", "NAME", "SERVER", "PASSWORD"}, rows);
}

int connect(const Invocation& invocation, const Options& options) {
  object body;
  if (!options.provider.empty()) body["provider"] = options.provider;
  if (!options.host.empty()) body["hosts"] = array{options.host};
  if (!options.user.empty()) body["user"] = options.user;
  if (!options.tls.empty()) body["tls"] = options.tls;
  if (options.implicit_tls) body["implicit_tls"] = true;
  const auto secret = read_password(options.address);
  if (!secret) return kUsage;
  body[options.token ? "token" : "password"] = secret->reveal();
  return call_and_show(invocation, Method::kPut, sending_of(options), body, show_sending);
}

/// A command on one account, and with `address` on one of its sending accounts.
CLI::App* add_one(CLI::App& parent, Invocation& invocation, const Shared& options, const char* name, const char* what,
                  bool address) {
  auto* command = add_command(parent, invocation, name, what);
  command->add_option("account", options->account)->required();
  if (address) command->add_option("address", options->address, "the address elsewhere")->required();
  return command;
}

void add_forwards(CLI::App& app, Invocation& invocation, const Shared& options) {
  auto* forward = app.add_subcommand("forward", "mail of an account that goes on to others");
  forward->require_subcommand(1);
  auto* show = add_one(*forward, invocation, options, "show", "where it goes", false);
  show->callback([&invocation, options] {
    invocation.command = [&invocation, options] {
      return call_and_show(invocation, Method::kGet, forward_of(*options), nullptr, show_forward);
    };
  });
  auto* set = add_one(*forward, invocation, options, "set", "let it go on", false);
  set->add_option("targets", options->targets, "one address or more")->required();
  set->add_flag("--no-copy", options->no_copy, "the account itself gets none");
  set->callback([&invocation, options] {
    invocation.command = [&invocation, options] {
      const object body{{"targets", array(options->targets.begin(), options->targets.end())},
                        {"keep", !options->no_copy}};
      return call_and_show(invocation, Method::kPut, forward_of(*options), body, show_forward);
    };
  });
  auto* remove = add_one(*forward, invocation, options, "remove", "let it stay", false);
  remove->callback([&invocation, options] {
    invocation.command = [&invocation, options] {
      return call_and_show(invocation, Method::kDelete, forward_of(*options), nullptr,
                           [](const value&) { std::cout << "nothing is forwarded any more\n"; });
    };
  });
}

void add_sending(CLI::App& app, Invocation& invocation, const Shared& options) {
  auto* sending = app.add_subcommand("sending", "addresses elsewhere that an account may send as");
  sending->require_subcommand(1);
  auto* all = add_one(*sending, invocation, options, "list", "list those of an account", false);
  all->callback([&invocation, options] {
    invocation.command = [&invocation, options] {
      return call_and_show(invocation, Method::kGet, path_of("accounts", options->account) + "/sending-accounts",
                           nullptr, show_all_sending);
    };
  });
  auto* link = add_one(*sending, invocation, options, "connect", "connect one and try it with a message", true);
  link->add_option("--provider", options->provider, "a preset: see `sending providers`");
  link->add_option("--host", options->host, "the provider's server, host:port");
  link->add_option("--user", options->user, "log in there as; without it, as the address");
  link->add_option("--tls", options->tls, "verify, unless its certificate is nobody's")
      ->check(CLI::IsMember({"verify", "encrypt"}));
  link->add_flag("--implicit-tls", options->implicit_tls, "TLS from the first octet (port 465)");
  link->add_flag("--token", options->token, "the secret is an OAuth 2 token");
  link->callback([&invocation, options] {
    invocation.command = [&invocation, options] { return connect(invocation, *options); };
  });
  auto* test = add_one(*sending, invocation, options, "test", "try one again", true);
  test->callback([&invocation, options] {
    invocation.command = [&invocation, options] {
      return call_and_show(invocation, Method::kPost, sending_of(*options) + "/test", nullptr, show_sending);
    };
  });
  auto* remove = add_one(*sending, invocation, options, "remove", "disconnect one", true);
  remove->callback([&invocation, options] {
    invocation.command = [&invocation, options] {
      return call_and_show(invocation, Method::kDelete, sending_of(*options), nullptr,
                           [options](const value&) { std::cout << "removed " << options->address << "\n"; });
    };
  });
  auto* providers = add_command(*sending, invocation, "providers", "the presets");
  providers->callback([&invocation] {
    invocation.command = [&invocation] {
      return call_and_show(invocation, Method::kGet, "/v1/providers", nullptr, show_providers);
    };
  });
}

}  // namespace

void add_forward_commands(CLI::App& app, Invocation& invocation) {
  const auto options = std::make_shared<Options>();
  add_forwards(app, invocation, options);
  add_sending(app, invocation, options);
}

}  // namespace veredus::app::cli
