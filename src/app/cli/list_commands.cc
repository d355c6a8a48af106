#include <fmt/format.h>

#include <boost/json.hpp>
#include <iostream>
#include <memory>

#include "app/cli/commands.h"
#include "app/cli/terminal.h"

namespace veredus::app::cli {
namespace {

using boost::json::array;
using boost::json::object;
using boost::json::value;
using io::http::Method;

struct Options {
  std::string address;
  std::string domain;
  std::string name;
  std::string posting;
  std::string moderation;
  std::string account;
  std::uint64_t email = 0;
  std::vector<std::string> members;
  std::vector<std::string> moderators;
};

std::string joined(const value& strings) {
  std::string all;
  for (const auto& one : strings.as_array()) all += (all.empty() ? "" : ", ") + std::string(one.as_string());
  return all;
}

void show_lists(const value& answer) {
  std::vector<std::vector<std::string>> rows;
  for (const auto& list : answer.at("lists").as_array())
    rows.push_back({std::string(list.at("address").as_string()), std::to_string(list.at("members").as_array().size()),
                    std::string(list.at("posting").as_string()), list.at("moderated").as_bool() ? "yes" : "no"});
  print_table({"LIST", "MEMBERS", "MAY POST", "MODERATED"}, rows);
}

void show_list(const value& list) {
  std::cout << list.at("address").as_string().c_str() << "\n"
            << "  name:       " << list.at("name").as_string().c_str() << "\n"
            << "  may post:   " << list.at("posting").as_string().c_str()
            << (list.at("moderated").as_bool() ? ", others are moderated" : ", others are refused") << "\n"
            << "  moderators: " << joined(list.at("moderators")) << "\n"
            << "  members:    " << joined(list.at("members")) << "\n";
  std::vector<std::vector<std::string>> rows;
  for (const auto& trouble : list.at("troubles").as_array())
    rows.push_back({std::string(trouble.at("member").as_string()),
                    std::to_string(trouble.at("hard_bounces").to_number<std::uint64_t>()),
                    std::to_string(trouble.at("soft_bounces").to_number<std::uint64_t>()),
                    std::to_string(trouble.at("complaints").to_number<std::uint64_t>()),
                    trouble.at("suspended").as_bool() ? "yes" : "no", std::string(trouble.at("last").as_string()),
                    std::string(trouble.at("reason").as_string())});
  if (rows.empty()) return;
  std::cout << "\n";
  print_table({"MAIL CAME BACK FROM", "HARD", "SOFT", "COMPLAINTS", "SUSPENDED", "LAST", "WHY"}, rows);
}

array array_of(const std::vector<std::string>& strings) { return array(strings.begin(), strings.end()); }

int set_list(const Invocation& invocation, const Options& options) {
  object body;
  if (!options.name.empty()) body["name"] = options.name;
  if (!options.members.empty()) body["members"] = array_of(options.members);
  if (!options.moderators.empty()) body["moderators"] = array_of(options.moderators);
  if (!options.posting.empty()) body["posting"] = options.posting;
  if (!options.moderation.empty()) body["moderated"] = options.moderation == "on";
  return call_and_show(invocation, Method::kPut, path_of("lists", options.address), body, show_list);
}

int change_members(const Invocation& invocation, const Options& options, const char* what) {
  const object body{{what, array_of(options.members)}};
  return call_and_show(invocation, Method::kPost, path_of("lists", options.address) + "/members", body, show_list);
}

int decide(const Invocation& invocation, const Options& options, const char* what) {
  const object body{{"account", options.account}, {"email", options.email}};
  return call_and_show(
      invocation, Method::kPost, path_of("lists", options.address) + "/" + what, body, [](const value& done) {
        const auto* sent = done.as_object().if_contains("id");
        if (sent != nullptr) std::cout << "sent as " << sent->as_string().c_str() << "\n";
        std::cout << "copies taken away from moderators: " << done.at("copies_removed").to_number<int>() << "\n";
      });
}

void add_moderation(CLI::App& list, Invocation& invocation, const std::shared_ptr<Options>& options) {
  const auto add = [&](const char* what, const char* help) {
    auto* command = add_command(list, invocation, what, help);
    command->add_option("address", options->address)->required();
    command->add_option("--account", options->account, "the moderator")->required();
    command->add_option("--email", options->email, "the post's id in that account")->required();
    command->callback([&invocation, options, what] {
      invocation.command = [&invocation, options, what] { return decide(invocation, *options, what); };
    });
  };
  add("approve", "send a post that waits in a moderator's mailbox");
  add("reject", "take a post that waits away from the moderators; it goes to nobody");
}

using Shared = std::shared_ptr<Options>;

void add_reading(CLI::App& list, Invocation& invocation, const Shared& options) {
  auto* all = add_command(list, invocation, "list", "list them");
  all->add_option("--domain", options->domain, "of this domain only");
  all->callback([&invocation, options] {
    invocation.command = [&invocation, options] {
      const auto query = options->domain.empty() ? "" : "?domain=" + options->domain;
      return call_and_show(invocation, Method::kGet, "/v1/lists" + query, nullptr, show_lists);
    };
  });
  auto* show = add_command(list, invocation, "show", "show one");
  show->add_option("address", options->address)->required();
  show->callback([&invocation, options] {
    invocation.command = [&invocation, options] {
      return call_and_show(invocation, Method::kGet, path_of("lists", options->address), nullptr, show_list);
    };
  });
}

void add_changing(CLI::App& list, Invocation& invocation, const Shared& options) {
  auto* set = add_command(list, invocation, "set", "make one, or change what is given");
  set->add_option("address", options->address)->required();
  set->add_option("--name", options->name, "for people");
  set->add_option("--member", options->members, "an address; all members in place of those before");
  set->add_option("--moderator", options->moderators, "an address; all moderators in place of those before");
  set->add_option("--posting", options->posting, "who may post")
      ->check(CLI::IsMember({"anyone", "members", "moderators"}));
  set->add_option("--moderation", options->moderation, "what others post waits for a moderator, or is refused")
      ->check(CLI::IsMember({"on", "off"}));
  set->callback([&invocation, options] {
    invocation.command = [&invocation, options] { return set_list(invocation, *options); };
  });
  for (const auto* what : {"join", "leave"}) {
    auto* change = add_command(list, invocation, what, "members who " + std::string(what));
    change->add_option("address", options->address)->required();
    change->add_option("members", options->members, "one address or more")->required();
    change->callback([&invocation, options, what] {
      invocation.command = [&invocation, options, what] { return change_members(invocation, *options, what); };
    });
  }
  auto* remove = add_command(list, invocation, "remove", "remove one");
  remove->add_option("address", options->address)->required();
  remove->callback([&invocation, options] {
    invocation.command = [&invocation, options] {
      return call_and_show(invocation, Method::kDelete, path_of("lists", options->address), nullptr,
                           [options](const value&) { std::cout << "removed " << options->address << "\n"; });
    };
  });
}

}  // namespace

void add_list_commands(CLI::App& app, Invocation& invocation) {
  auto* list = app.add_subcommand("list", "addresses whose mail goes to their members");
  list->require_subcommand(1);
  const auto options = std::make_shared<Options>();
  add_reading(*list, invocation, options);
  add_changing(*list, invocation, options);
  add_moderation(*list, invocation, options);
}

}  // namespace veredus::app::cli
