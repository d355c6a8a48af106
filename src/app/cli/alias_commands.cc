#include <fmt/format.h>

#include <boost/json.hpp>
#include <iostream>
#include <memory>

#include "app/cli/commands.h"
#include "app/cli/terminal.h"

namespace veredus::app::cli {
namespace {

using boost::json::object;
using boost::json::value;
using io::http::Method;

struct Options {
  std::string address;
  std::vector<std::string> targets;
  std::string domain;
  bool senders = false;
};

std::string targets_of(const value& alias) {
  std::string all;
  for (const auto& target : alias.at("targets").as_array())
    all += (all.empty() ? "" : ", ") + std::string(target.as_string());
  return all;
}

void show_aliases(const value& answer) {
  std::vector<std::vector<std::string>> rows;
  for (const auto& alias : answer.at("aliases").as_array())
    rows.push_back({std::string(alias.at("address").as_string()), targets_of(alias)});
  print_table({"ALIAS", "LEADS TO"}, rows);
}

void show_alias(const value& alias) {
  std::cout << alias.at("address").as_string().c_str() << " -> " << targets_of(alias) << "\n";
}

}  // namespace

void add_alias_commands(CLI::App& app, Invocation& invocation) {
  auto* alias = app.add_subcommand("alias", "addresses that lead to others");
  alias->require_subcommand(1);
  const auto options = std::make_shared<Options>();

  auto* list = add_command(*alias, invocation, "list", "list them");
  list->add_option("--domain", options->domain, "of this domain only");
  list->callback([&invocation, options] {
    invocation.command = [&invocation, options] {
      const auto query = options->domain.empty() ? "" : "?domain=" + options->domain;
      return call_and_show(invocation, Method::kGet, "/v1/aliases" + query, nullptr, show_aliases);
    };
  });
  auto* show = add_command(*alias, invocation, "show", "show one");
  show->add_option("address", options->address)->required();
  show->callback([&invocation, options] {
    invocation.command = [&invocation, options] {
      return call_and_show(invocation, Method::kGet, path_of("aliases", options->address), nullptr, show_alias);
    };
  });
  auto* set = add_command(*alias, invocation, "set", "make one, or lead it elsewhere");
  set->add_option("address", options->address)->required();
  set->add_option("targets", options->targets, "one address or more")->required();
  set->add_flag("--senders", options->senders, "everyone it leads to may send as it");
  set->callback([&invocation, options] {
    invocation.command = [&invocation, options] {
      const object body{{"targets", boost::json::array(options->targets.begin(), options->targets.end())},
                        {"senders", options->senders}};
      return call_and_show(invocation, Method::kPut, path_of("aliases", options->address), body, show_alias);
    };
  });
  auto* remove = add_command(*alias, invocation, "remove", "remove one");
  remove->add_option("address", options->address)->required();
  remove->callback([&invocation, options] {
    invocation.command = [&invocation, options] {
      return call_and_show(invocation, Method::kDelete, path_of("aliases", options->address), nullptr,
                           [options](const value&) { std::cout << "removed " << options->address << "\n"; });
    };
  });
}

}  // namespace veredus::app::cli
