#include <fmt/format.h>

#include <boost/json.hpp>
#include <iostream>
#include <memory>
#include <string>

#include "app/cli/commands.h"

namespace veredus::app::cli {
namespace {

using boost::json::value;
using io::http::Method;

std::string text_of(const value& record, const char* name) { return std::string(record.at(name).as_string()); }

/// Each line of a text behind so many spaces.
std::string indented(const std::string& text, std::size_t spaces) {
  std::string out(spaces, ' ');
  for (const char c : text) {
    out += c;
    if (c == '\n') out.append(spaces, ' ');
  }
  return out;
}

void show_record(const value& record) {
  const auto state = text_of(record, "state");
  std::cout << fmt::format("{:9}{:8}{}\n", state, text_of(record, "kind"), text_of(record, "name"));
  const auto problem = text_of(record, "problem");
  if (!problem.empty()) std::cout << indented(problem, 9) << "\n";
  const auto line = text_of(record, "record");
  if (state == "ok" && !line.empty()) std::cout << indented(line, 9) << "\n";
  if (state == "wrong")
    for (const auto& found : record.at("found").as_array())
      std::cout << indented("found: " + std::string(found.as_string()), 9) << "\n";
  const auto fix = text_of(record, "fix");
  if (!fix.empty()) std::cout << indented(fix, 9) << "\n";
}

int exit_code_of(std::string_view verdict) {
  if (verdict == "well") return kOk;
  return verdict == "incomplete" ? kIncomplete : kFailed;
}

int look(const Invocation& invocation, const std::string& domain) {
  auto client = invocation.client();
  if (!client) return kBadConfig;
  const auto answer = client->call(Method::kGet, path_of("domains", domain) + "/dns");
  if (!answer) return client->exit_code();
  const auto verdict = text_of(*answer, "verdict");
  if (invocation.json) {
    std::cout << boost::json::serialize(*answer) << "\n";
    return exit_code_of(verdict);
  }
  for (const auto& record : answer->at("records").as_array()) show_record(record);
  if (verdict == "well") std::cout << "\nAll is well.\n";
  if (verdict == "incomplete") std::cout << "\nMail works; what is missing is recommended.\n";
  if (verdict == "broken") std::cout << "\nMail suffers until this is mended.\n";
  return exit_code_of(verdict);
}

}  // namespace

void add_domain_dns_command(CLI::App& domain, Invocation& invocation) {
  const auto name = std::make_shared<std::string>();
  auto* dns = add_command(domain, invocation, "dns", "what DNS must have for its mail, and what it has now");
  dns->add_option("domain", *name)->required();
  dns->callback([&invocation, name] { invocation.command = [&invocation, name] { return look(invocation, *name); }; });
}

}  // namespace veredus::app::cli
