#include <fmt/format.h>

#include <iostream>
#include <memory>

#include "app/cli/commands.h"
#include "app/cli/terminal.h"
#include "rules/bounce/check_report.h"
#include "wire/mime/address_syntax.h"
#include "wire/mime/check_report.h"

namespace veredus::app::cli {
namespace {

/// Exit code 0 for what may be used in SMTP, 1 for the rest.
int check_address(const Invocation& invocation, const std::string& address) {
  const auto diagnosis = wire::mime::diagnose_address(address);
  const auto category = wire::mime::category(diagnosis);
  if (invocation.json)
    std::cout << wire::mime::check_address_json(address) << "\n";
  else
    std::cout << fmt::format("{}: {}: {}\n", to_string(category), to_string(diagnosis), explain(diagnosis));
  using enum wire::mime::AddressCategory;
  return category == kValid || category == kUnusual ? kOk : kFailed;
}

int check_mime(const Invocation& /*invocation*/) {
  std::cout << wire::mime::check_report_json(read_input()) << "\n";
  return kOk;
}

int check_bounce(const Invocation& invocation) {
  const std::string message = read_input();
  if (invocation.json)
    std::cout << rules::bounce::check_bounce_json(message) << "\n";
  else
    std::cout << rules::bounce::check_bounce_text(message);
  return kOk;
}

int check_reply(const Invocation& invocation, const std::string& text) {
  if (invocation.json)
    std::cout << rules::bounce::check_reply_json(text) << "\n";
  else
    std::cout << rules::bounce::check_reply_text(text);
  return kOk;
}

}  // namespace

void add_check_commands(CLI::App& app, Invocation& invocation) {
  auto* check = app.add_subcommand("check", "look at addresses and messages as this server does");
  check->require_subcommand(1);
  const auto address = std::make_shared<std::string>();
  auto* syntax = add_command(*check, invocation, "address", "is this address well formed, and if not, why");
  syntax->add_option("address", *address)->required();
  syntax->callback([&invocation, address] {
    invocation.command = [&invocation, address] { return check_address(invocation, *address); };
  });
  auto* mime =
      add_command(*check, invocation, "mime", "read a message from standard input and print, as JSON, what is in it");
  mime->callback([&invocation] { invocation.command = [&invocation] { return check_mime(invocation); }; });
  auto* bounce = add_command(*check, invocation, "bounce",
                             "read a message from standard input and print what it reports of mail sent");
  bounce->callback([&invocation] { invocation.command = [&invocation] { return check_bounce(invocation); }; });
  const auto text = std::make_shared<std::string>();
  auto* reply = add_command(*check, invocation, "reply", "what does this reply of a mail server mean");
  reply->add_option("text", *text)->required();
  reply->callback(
      [&invocation, text] { invocation.command = [&invocation, text] { return check_reply(invocation, *text); }; });
  add_authentication_checks(*check, invocation);
  add_report_check(*check, invocation);
}

}  // namespace veredus::app::cli
