#include <fmt/format.h>

#include <boost/json.hpp>
#include <iostream>
#include <memory>

#include "app/cli/commands.h"
#include "app/cli/terminal.h"
#include "io/http/percent.h"

namespace veredus::app::cli {
namespace {

using boost::json::value;
using io::http::Method;

struct Options {
  std::string address;
  std::string mailbox = "INBOX";
  std::string email;
  std::string after;
  std::string id, message_id, sender, recipient, status, since, until;
};
using Shared = std::shared_ptr<Options>;

void show_messages(const value& answer) {
  std::vector<std::vector<std::string>> rows;
  for (const auto& message : answer.at("messages").as_array()) {
    const auto* subject = message.as_object().if_contains("subject");
    rows.push_back({std::to_string(message.at("uid").to_number<std::uint64_t>()),
                    std::to_string(message.at("email").to_number<std::uint64_t>()),
                    std::string(message.at("internal_date").as_string()),
                    shown_size(message.at("octets").to_number<std::uint64_t>()),
                    subject == nullptr ? "" : std::string(subject->as_string())});
  }
  print_table({"UID", "EMAIL", "DATE", "SIZE", "SUBJECT"}, rows);
  if (answer.at("more").as_bool()) std::cout << "… more: --after " << rows.back().front() << "\n";
}

std::string text_of(const value& detail) {
  if (detail.is_string()) return std::string(detail.as_string());
  std::string all;
  for (const auto& one : detail.as_array()) all += (all.empty() ? "" : ", ") + std::string(one.as_string());
  return all;
}

/// The journey of each message: one block, its events in order of time.
void show_events(const value& answer) {
  std::string current;
  for (const auto& event : answer.at("events").as_array()) {
    const std::string message(event.at("message").as_string());
    if (message != current) std::cout << (current.empty() ? "" : "\n") << "message " << message << "\n";
    current = message;
    std::cout << fmt::format("  {}  {}\n", std::string_view(event.at("at").as_string()),
                             std::string_view(event.at("kind").as_string()));
    for (const auto& detail : event.at("details").as_object())
      std::cout << fmt::format("    {:14}{}\n", std::string_view(detail.key()), text_of(detail.value()));
  }
  if (current.empty()) std::cout << "nothing is known of such a message\n";
}

int trace(const Invocation& invocation, const Shared& options) {
  std::string query;
  for (const auto& [name, text] : {std::pair{"id", &options->id}, std::pair{"message_id", &options->message_id},
                                   std::pair{"sender", &options->sender}, std::pair{"recipient", &options->recipient},
                                   std::pair{"status", &options->status}, std::pair{"since", &options->since},
                                   std::pair{"until", &options->until}})
    if (!text->empty())
      query += (query.empty() ? "?" : "&") + std::string(name) + "=" + io::http::percent_encode(*text);
  return call_and_show(invocation, Method::kGet, "/v1/journal" + query, nullptr, show_events);
}

int show(const Invocation& invocation, const Shared& options) {
  auto client = invocation.client();
  if (!client) return kBadConfig;
  const auto octets = client->fetch(path_of("accounts", options->address) + "/messages/" + options->email);
  if (!octets) return client->exit_code();
  std::cout << *octets;
  return kOk;
}

int list(const Invocation& invocation, const Shared& options) {
  const auto target = path_of("accounts", options->address) + "/mailboxes/" +
                      io::http::percent_encode(options->mailbox) + "/messages" +
                      (options->after.empty() ? "" : "?after=" + options->after);
  return call_and_show(invocation, Method::kGet, target, nullptr, show_messages);
}

}  // namespace

void add_message_commands(CLI::App& app, Invocation& invocation) {
  auto* message = app.add_subcommand("message", "messages and their journeys");
  message->require_subcommand(1);
  const auto options = std::make_shared<Options>();
  const auto add = [&](const char* name, const char* what, int (*action)(const Invocation&, const Shared&)) {
    return add_action(*message, invocation, options, name, what, action);
  };
  auto* journey = add("trace", "everything that happened to a message, kept after delivery", trace);
  journey->add_option("id", options->id, "the id given with the 250 and in Received");
  journey->add_option("--message-id", options->message_id, "the Message-ID field");
  journey->add_option("--sender", options->sender);
  journey->add_option("--recipient", options->recipient);
  journey->add_option("--status", options->status, "what happened to it: received, delivered, sent, deferred, failed…");
  journey->add_option("--since", options->since, "such as 2026-11-22T10:00:00Z");
  journey->add_option("--until", options->until);
  auto* listing = add("list", "what stands in a mailbox", list);
  listing->add_option("address", options->address, "the account")->required();
  listing->add_option("mailbox", options->mailbox)->capture_default_str();
  listing->add_option("--after", options->after, "UIDs after this one");
  auto* showing = add("show", "print one message as it is stored", show);
  showing->add_option("address", options->address, "the account")->required();
  showing->add_option("email", options->email, "the EMAIL of message list")->required();
}

}  // namespace veredus::app::cli
