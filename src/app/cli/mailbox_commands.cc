#include <fmt/format.h>

#include <boost/json.hpp>
#include <iostream>
#include <memory>

#include "app/cli/commands.h"
#include "app/cli/terminal.h"
#include "io/http/percent.h"

namespace veredus::app::cli {
namespace {

using boost::json::object;
using boost::json::value;
using io::http::Method;

struct Options {
  std::string address;
  std::string mailbox;
  std::string new_name;
  std::string special_use;
};
using Shared = std::shared_ptr<Options>;

void show_mailboxes(const value& answer) {
  std::vector<std::vector<std::string>> rows;
  for (const auto& mailbox : answer.at("mailboxes").as_array())
    rows.push_back({std::string(mailbox.at("name").as_string()),
                    std::to_string(mailbox.at("messages").to_number<std::uint64_t>()),
                    std::to_string(mailbox.at("unseen").to_number<std::uint64_t>()),
                    shown_size(mailbox.at("octets").to_number<std::uint64_t>()),
                    mailbox.at("special_use").is_null() ? "" : std::string(mailbox.at("special_use").as_string())});
  print_table({"MAILBOX", "MESSAGES", "UNSEEN", "SIZE", "USE"}, rows);
}

/// Exit code 1 when something is wrong with the account.
int verify(const Invocation& invocation, const Shared& options) {
  bool sound = true;
  const int code = call_and_show(
      invocation, Method::kPost, path_of("accounts", options->address) + "/verify", nullptr,
      [&sound](const value& answer) {
        for (const auto& difference : answer.at("differences").as_array())
          std::cout << difference.as_string().c_str() << "\n";
        sound = answer.at("differences").as_array().empty();
        std::cout << fmt::format("{} messages in {} mailboxes: {}\n", answer.at("emails").to_number<std::uint64_t>(),
                                 answer.at("mailboxes").to_number<std::uint64_t>(), sound ? "sound" : "not sound");
      });
  return code == kOk && !sound ? static_cast<int>(kFailed) : code;
}

std::string path_of_mailbox(const Shared& options) {
  return path_of("accounts", options->address) + "/mailboxes/" + io::http::percent_encode(options->mailbox);
}

}  // namespace

void add_mailbox_commands(CLI::App& app, Invocation& invocation) {
  auto* mailbox = app.add_subcommand("mailbox", "an account's mailboxes");
  mailbox->require_subcommand(1);
  const auto options = std::make_shared<Options>();
  using Action = int (*)(const Invocation&, const Shared&);
  const auto add = [&](const char* name, const char* what, Action action) {
    auto* command = add_command(*mailbox, invocation, name, what);
    command->add_option("address", options->address, "the account")->required();
    command->callback([&invocation, options, action] {
      invocation.command = [&invocation, options, action] { return action(invocation, options); };
    });
    return command;
  };
  add("list", "list them", [](const Invocation& i, const Shared& o) {
    return call_and_show(i, Method::kGet, path_of("accounts", o->address) + "/mailboxes", nullptr, show_mailboxes);
  });
  auto* create = add("add", "make one, with the levels above it", [](const Invocation& i, const Shared& o) {
    return call_and_show(i, Method::kPost, path_of("accounts", o->address) + "/mailboxes",
                         object{{"name", o->mailbox}, {"special_use", o->special_use}},
                         [&o](const value&) { std::cout << "added " << o->mailbox << "\n"; });
  });
  create->add_option("mailbox", options->mailbox)->required();
  create->add_option("--special-use", options->special_use,
                     "archive, drafts, flagged, junk, sent, trash, all or important");
  auto* rename = add("rename", "rename one, with all below it", [](const Invocation& i, const Shared& o) {
    return call_and_show(i, Method::kPatch, path_of_mailbox(o), object{{"name", o->new_name}},
                         [&o](const value&) { std::cout << "renamed to " << o->new_name << "\n"; });
  });
  rename->add_option("mailbox", options->mailbox)->required();
  rename->add_option("new-name", options->new_name)->required();
  auto* remove = add("remove", "remove one and its messages", [](const Invocation& i, const Shared& o) {
    return call_and_show(i, Method::kDelete, path_of_mailbox(o), nullptr,
                         [&o](const value&) { std::cout << "removed " << o->mailbox << "\n"; });
  });
  remove->add_option("mailbox", options->mailbox)->required();
  add("verify", "read every row of the account and recount", verify);
}

}  // namespace veredus::app::cli
