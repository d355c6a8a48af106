#include <fmt/format.h>

#include <boost/json.hpp>
#include <iostream>
#include <memory>

#include "app/cli/commands.h"
#include "app/cli/terminal.h"
#include "app/config/table_reader.h"

namespace veredus::app::cli {
namespace {

using boost::json::object;
using boost::json::value;
using io::http::Method;

std::string number_of(const value& field) { return std::to_string(field.to_number<std::uint64_t>()); }

void show_accounts(const value& answer) {
  std::vector<std::vector<std::string>> rows;
  for (const auto& account : answer.at("accounts").as_array()) {
    const auto quota = account.at("quota_octets").to_number<std::uint64_t>();
    rows.push_back({std::string(account.at("address").as_string()), number_of(account.at("id")),
                    quota == 0 ? "none" : shown_size(quota), account.at("disabled").as_bool() ? "disabled" : "active",
                    std::string(account.at("display_name").as_string())});
  }
  print_table({"ADDRESS", "ID", "QUOTA", "STATE", "NAME"}, rows);
}

void show_object(const value& answer) {
  for (const auto& field : answer.as_object()) {
    const auto text =
        field.value().is_string() ? std::string(field.value().as_string()) : boost::json::serialize(field.value());
    std::cout << fmt::format("{:18}{}\n", std::string_view(field.key()), text);
  }
}

/// Everything the account commands can be told.
struct Options {
  std::string address;
  std::string new_address;
  std::string name;
  std::string quota;
  std::string domain;
  std::uint64_t app_password = 0;
  bool administrator = false;
  bool no_password = false;
  bool keep_old = false;
  bool disable = false;
  bool enable = false;
};
using Shared = std::shared_ptr<Options>;

/// Puts the fields that `add` and `set` share; false when one is wrong.
bool put_settings(const Options& options, object& body) {
  if (!options.name.empty()) body["display_name"] = options.name;
  if (options.administrator) body["administrator"] = true;
  if (options.quota.empty()) return true;
  const auto octets = options.quota == "none" ? std::optional<std::uint64_t>(0) : config::parse_size(options.quota);
  if (!octets)
    std::cerr << "veredus: --quota wants a size such as 500MiB or 2GiB, or none\n";
  else
    body["quota_octets"] = *octets;
  return octets.has_value();
}

int add_account(const Invocation& invocation, const Shared& options) {
  object body{{"address", options->address}};
  if (!put_settings(*options, body)) return kUsage;
  if (!options->no_password) {
    const auto password = read_new_password(options->address);
    if (!password) return kUsage;
    body["password"] = password->reveal();
  }
  return call_and_show(invocation, Method::kPost, "/v1/accounts", body, [](const value& made) {
    std::cout << "added " << made.at("address").as_string().c_str() << "\n";
  });
}

int set_account(const Invocation& invocation, const Shared& options) {
  object body;
  if (!put_settings(*options, body)) return kUsage;
  if (options->disable || options->enable) body["disabled"] = options->disable;
  return call_and_show(invocation, Method::kPatch, path_of("accounts", options->address), body, show_object);
}

int set_password(const Invocation& invocation, const Shared& options) {
  const auto password = read_new_password(options->address);
  if (!password) return kUsage;
  return call_and_show(invocation, Method::kPut, path_of("accounts", options->address) + "/password",
                       object{{"password", password->reveal()}},
                       [](const value&) { std::cout << "the password is set\n"; });
}

int rename_account(const Invocation& invocation, const Shared& options) {
  const object body{{"address", options->new_address}, {"keep_old_as_alias", options->keep_old}};
  return call_and_show(invocation, Method::kPost, path_of("accounts", options->address) + "/rename", body, show_object);
}

void show_app_passwords(const value& answer) {
  std::vector<std::vector<std::string>> rows;
  for (const auto& password : answer.at("app_passwords").as_array())
    rows.push_back({number_of(password.at("id")), std::string(password.at("name").as_string()),
                    std::string(password.at("created").as_string()),
                    password.at("last_used").is_null() ? "never" : std::string(password.at("last_used").as_string())});
  print_table({"ID", "NAME", "CREATED", "LAST USED"}, rows);
}

using Action = int (*)(const Invocation&, const Shared&);

CLI::App* add_named(CLI::App& parent, Invocation& invocation, const Shared& options, const char* name, const char* what,
                    Action action) {
  auto* command = add_action(parent, invocation, options, name, what, action);
  command->add_option("address", options->address)->required();
  return command;
}

void add_app_password_commands(CLI::App& account, Invocation& invocation, const Shared& options) {
  auto* group = account.add_subcommand("app-password", "passwords for one program or device each");
  group->require_subcommand(1);
  add_named(*group, invocation, options, "list", "list them", [](const Invocation& i, const Shared& o) {
    return call_and_show(i, Method::kGet, path_of("accounts", o->address) + "/app-passwords", nullptr,
                         show_app_passwords);
  });
  auto* create = add_named(
      *group, invocation, options, "add", "make one and show it, once", [](const Invocation& i, const Shared& o) {
        return call_and_show(i, Method::kPost, path_of("accounts", o->address) + "/app-passwords",
                             object{{"name", o->name}},
                             [](const value& made) { std::cout << made.at("password").as_string().c_str() << "\n"; });
      });
  create->add_option("name", options->name, "what it is for")->required();
  auto* revoke =
      add_named(*group, invocation, options, "revoke", "take one back", [](const Invocation& i, const Shared& o) {
        const auto target = path_of("accounts", o->address) + "/app-passwords/" + std::to_string(o->app_password);
        return call_and_show(i, Method::kDelete, target, nullptr, [](const value&) { std::cout << "revoked\n"; });
      });
  revoke->add_option("id", options->app_password)->required();
}

}  // namespace

void add_account_commands(CLI::App& app, Invocation& invocation) {
  auto* account = app.add_subcommand("account", "people and their passwords");
  account->require_subcommand(1);
  const auto options = std::make_shared<Options>();
  auto* list = add_action(*account, invocation, options, "list", "list them", [](const Invocation& i, const Shared& o) {
    const auto query = o->domain.empty() ? "" : "?domain=" + o->domain;
    return call_and_show(i, Method::kGet, "/v1/accounts" + query, nullptr, show_accounts);
  });
  list->add_option("--domain", options->domain, "of this domain only");
  add_named(*account, invocation, options, "show", "show one, with what it uses",
            [](const Invocation& i, const Shared& o) {
              return call_and_show(i, Method::kGet, path_of("accounts", o->address), nullptr, show_object);
            });
  auto* create = add_named(*account, invocation, options, "add",
                           "make one; the password is asked for, or read from standard input", add_account);
  create->add_flag("--no-password", options->no_password, "nobody can log in until a password is set");
  auto* set = add_named(*account, invocation, options, "set", "change one", set_account);
  set->add_flag("--disable", options->disable, "no login, no mail in or out; its sessions end");
  set->add_flag("--enable", options->enable)->excludes("--disable");
  for (auto* command : {create, set}) {
    command->add_option("--name", options->name, "display name");
    command->add_option("--quota", options->quota, "such as 2GiB; none for no limit");
    command->add_flag("--administrator", options->administrator, "may administer its domain");
  }
  add_named(*account, invocation, options, "password", "set a new password", set_password);
  auto* rename = add_named(*account, invocation, options, "rename", "give it another address", rename_account);
  rename->add_option("new-address", options->new_address)->required();
  rename->add_flag("--keep-old", options->keep_old, "the old address stays as an alias");
  add_named(*account, invocation, options, "remove", "remove it and all its mail",
            [](const Invocation& i, const Shared& o) {
              return call_and_show(i, Method::kDelete, path_of("accounts", o->address), nullptr,
                                   [&o](const value&) { std::cout << "removed " << o->address << "\n"; });
            });
  add_app_password_commands(*account, invocation, options);
}

}  // namespace veredus::app::cli
