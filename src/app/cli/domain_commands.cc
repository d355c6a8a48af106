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

std::string text_of(const value& field) { return field.is_string() ? std::string(field.as_string()) : "-"; }

void show_domains(const value& answer) {
  std::vector<std::vector<std::string>> rows;
  for (const auto& domain : answer.at("domains").as_array())
    rows.push_back({text_of(domain.at("name")), std::to_string(domain.at("accounts").to_number<std::uint64_t>()),
                    std::to_string(domain.at("aliases").to_number<std::uint64_t>()), text_of(domain.at("catch_all"))});
  print_table({"DOMAIN", "ACCOUNTS", "ALIASES", "CATCH-ALL"}, rows);
}

void show_domain(const value& domain) {
  for (const char* name : {"name", "name_ascii", "subaddress_separator", "catch_all", "postmaster", "created"})
    std::cout << fmt::format("{:22}{}\n", name, text_of(domain.at(name)));
  std::cout << fmt::format("{:22}{}\n{:22}{}\n", "accounts", domain.at("accounts").to_number<std::uint64_t>(),
                           "aliases", domain.at("aliases").to_number<std::uint64_t>());
}

/// Options of `domain set`; "none" takes a setting away.
struct Settings {
  std::string separator;
  std::string catch_all;
  std::string postmaster;
};

object body_of(const Settings& settings) {
  object body;
  for (const auto& [name, text] :
       {std::pair{"subaddress_separator", &settings.separator}, std::pair{"catch_all", &settings.catch_all},
        std::pair{"postmaster", &settings.postmaster}})
    if (!text->empty()) body[name] = *text == "none" ? value(nullptr) : value(*text);
  return body;
}

}  // namespace

void add_domain_commands(CLI::App& app, Invocation& invocation) {
  auto* domain = app.add_subcommand("domain", "the domains this server takes mail for");
  domain->require_subcommand(1);
  const auto name = std::make_shared<std::string>();

  auto* list = add_command(*domain, invocation, "list", "list them");
  list->callback([&invocation] {
    invocation.command = [&invocation] {
      return call_and_show(invocation, Method::kGet, "/v1/domains", nullptr, show_domains);
    };
  });
  auto* show = add_command(*domain, invocation, "show", "show one");
  show->add_option("domain", *name)->required();
  show->callback([&invocation, name] {
    invocation.command = [&invocation, name] {
      return call_and_show(invocation, Method::kGet, path_of("domains", *name), nullptr, show_domain);
    };
  });
  auto* create = add_command(*domain, invocation, "add", "take mail for a domain");
  create->add_option("domain", *name)->required();
  create->callback([&invocation, name] {
    invocation.command = [&invocation, name] {
      return call_and_show(invocation, Method::kPost, "/v1/domains", object{{"name", *name}}, [](const value& made) {
        const auto added = text_of(made.at("name"));
        std::cout << "added " << added << "\nwhat to publish in DNS: veredus domain dns " << added << "\n";
      });
    };
  });
  const auto settings = std::make_shared<Settings>();
  auto* set = add_command(*domain, invocation, "set", "change one; the word none takes a setting away");
  set->add_option("domain", *name)->required();
  set->add_option("--subaddress-separator", settings->separator, "the character in name+tag");
  set->add_option("--catch-all", settings->catch_all, "the account that gets what nobody else has");
  set->add_option("--postmaster", settings->postmaster, "the account that gets postmaster@ and abuse@");
  set->callback([&invocation, name, settings] {
    invocation.command = [&invocation, name, settings] {
      return call_and_show(invocation, Method::kPatch, path_of("domains", *name), body_of(*settings), show_domain);
    };
  });
  auto* remove = add_command(*domain, invocation, "remove", "give one up; its accounts and aliases must be gone");
  remove->add_option("domain", *name)->required();
  remove->callback([&invocation, name] {
    invocation.command = [&invocation, name] {
      return call_and_show(invocation, Method::kDelete, path_of("domains", *name), nullptr,
                           [name](const value&) { std::cout << "removed " << *name << "\n"; });
    };
  });
  add_domain_dns_command(*domain, invocation);
}

}  // namespace veredus::app::cli
