#include <fmt/format.h>

#include <iostream>
#include <iterator>
#include <memory>

#include "app/cli/commands.h"
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
  const std::string message{std::istreambuf_iterator<char>(std::cin), std::istreambuf_iterator<char>()};
  std::cout << wire::mime::check_report_json(message) << "\n";
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
}

}  // namespace veredus::app::cli
