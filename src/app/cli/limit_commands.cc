#include <fmt/format.h>

#include <array>
#include <boost/json.hpp>
#include <iostream>
#include <memory>
#include <optional>

#include "app/cli/commands.h"

namespace veredus::app::cli {
namespace {

using boost::json::object;
using boost::json::value;
using io::http::Method;

constexpr std::array kLimits{"messages_per_hour",      "messages_per_day", "recipients_per_message",
                             "new_recipients_per_day", "bounce_percent",   "bounce_from"};

struct Options {
  std::string address;
  std::array<std::optional<std::uint32_t>, kLimits.size()> limits;
  bool defaults = false;
};

void show_limits(const value& answer) {
  std::cout << (answer.at("own").as_bool() ? "limits of its own\n" : "the configured limits\n");
  for (const std::string_view name : kLimits) {
    const auto limit = answer.at(name).to_number<std::uint64_t>();
    std::cout << fmt::format("  {:24}{}\n", name, limit == 0 ? "none" : std::to_string(limit));
  }
  std::cout << fmt::format("sent: {} messages in the last hour, {} in the last day\n",
                           answer.at("messages_in_hour").to_number<std::uint64_t>(),
                           answer.at("messages_in_day").to_number<std::uint64_t>());
}

/// Shows them, or what they are after the change.
int limits(const Invocation& invocation, const Options& options) {
  const auto path = path_of("accounts", options.address) + "/sending-limits";
  if (options.defaults)
    return call_and_show(invocation, Method::kDelete, path, nullptr,
                         [](const value&) { std::cout << "the configured limits again\n"; });
  object body;
  for (std::size_t i = 0; i < kLimits.size(); ++i)
    if (options.limits[i]) body[kLimits[i]] = *options.limits[i];
  if (body.empty()) return call_and_show(invocation, Method::kGet, path, nullptr, show_limits);
  return call_and_show(invocation, Method::kPatch, path, body, show_limits);
}

}  // namespace

void add_limit_command(CLI::App& queue, Invocation& invocation) {
  const auto options = std::make_shared<Options>();
  auto* command = add_command(queue, invocation, "limits", "what an account may send before its mail waits");
  command->add_option("address", options->address, "the account")->required();
  for (std::size_t i = 0; i < kLimits.size(); ++i) {
    std::string name = std::string("--") + kLimits[i];
    for (char& c : name) c = c == '_' ? '-' : c;
    command->add_option(name, options->limits[i], "0: no limit");
  }
  command->add_flag("--defaults", options->defaults, "the configured limits again");
  command->callback(
      [&invocation, options] { invocation.command = [&invocation, options] { return limits(invocation, *options); }; });
}

}  // namespace veredus::app::cli
