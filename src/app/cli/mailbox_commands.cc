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
  std::string with;
  std::string rights = "lrs";
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

std::string path_of_sharing(const Shared& options) {
  return path_of_mailbox(options) + "/rights/" + io::http::percent_encode(options->with);
}

void show_rights(const value& answer) {
  std::vector<std::vector<std::string>> rows;
  for (const auto& grant : answer.at("rights").as_array())
    rows.push_back({std::string(grant.at("mailbox").as_string()), std::string(grant.at("with").as_string()),
                    std::string(grant.at("rights").as_string())});
  print_table({"MAILBOX", "SHARED WITH", "RIGHTS"}, rows);
}

using Action = int (*)(const Invocation&, const Shared&);

CLI::App* add_mailbox_command(CLI::App& mailbox, Invocation& invocation, const Shared& options, const char* name,
                              const char* what, Action action) {
  auto* command = add_action(mailbox, invocation, options, name, what, action);
  command->add_option("address", options->address, "the account")->required();
  return command;
}

void add_sharing(CLI::App& mailbox, Invocation& invocation, const Shared& options) {
  auto* share = add_mailbox_command(
      mailbox, invocation, options, "share", "let another account use one", [](const Invocation& i, const Shared& o) {
        return call_and_show(i, Method::kPut, path_of_sharing(o), object{{"rights", o->rights}}, [&o](const value&) {
          std::cout << "shared " << o->mailbox << " with " << o->with << "\n";
        });
      });
  share->add_option("mailbox", options->mailbox)->required();
  share->add_option("with", options->with, "an account, or anyone")->required();
  share->add_option("--rights", options->rights,
                    "letters of RFC 4314: l see, r read, s keep seen, w flags, i add, p post, k make below, x delete "
                    "it, t mark deleted, e expunge, a share; lrs unless said otherwise");
  auto* unshare = add_mailbox_command(
      mailbox, invocation, options, "unshare", "take that back", [](const Invocation& i, const Shared& o) {
        return call_and_show(i, Method::kDelete, path_of_sharing(o), nullptr, [&o](const value&) {
          std::cout << o->mailbox << " is no longer shared with " << o->with << "\n";
        });
      });
  unshare->add_option("mailbox", options->mailbox)->required();
  unshare->add_option("with", options->with, "an account, or anyone")->required();
  add_mailbox_command(
      mailbox, invocation, options, "rights", "whom they are shared with", [](const Invocation& i, const Shared& o) {
        return call_and_show(i, Method::kGet, path_of("accounts", o->address) + "/rights", nullptr, show_rights);
      });
}

}  // namespace

void add_mailbox_commands(CLI::App& app, Invocation& invocation) {
  auto* mailbox = app.add_subcommand("mailbox", "an account's mailboxes");
  mailbox->require_subcommand(1);
  const auto options = std::make_shared<Options>();
  const auto add = [&](const char* name, const char* what, Action action) {
    return add_mailbox_command(*mailbox, invocation, options, name, what, action);
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
  add_sharing(*mailbox, invocation, options);
  add_copy_command(*mailbox, invocation);
  add_transfer_commands(*mailbox, invocation);
  add("verify", "read every row of the account and recount", verify);
  add("reindex", "drop the account's search index and make it again, in the background",
      [](const Invocation& i, const Shared& o) {
        return call_and_show(i, Method::kPost, path_of("accounts", o->address) + "/reindex", nullptr,
                             [](const value&) { std::cout << "its index is being made again\n"; });
      });
}

}  // namespace veredus::app::cli
