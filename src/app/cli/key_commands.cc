#include <boost/json.hpp>
#include <iostream>
#include <memory>
#include <string>
#include <utility>

#include "app/cli/commands.h"
#include "app/cli/terminal.h"
#include "base/types/read_file.h"
#include "io/http/percent.h"

namespace veredus::app::cli {
namespace {

using boost::json::object;
using boost::json::value;
using io::http::Method;

struct KeyOptions {
  std::string domain;
  std::string selector;
  std::string kind;
  std::string key_file;
  bool force = false;
};
using Shared = std::shared_ptr<KeyOptions>;

std::string text_of(const value& key, const char* name) {
  const auto* field = key.as_object().if_contains(name);
  return field != nullptr && field->is_string() ? std::string(field->as_string()) : "";
}

std::string keys_path(const KeyOptions& options) {
  return path_of("domains", options.domain) + "/keys" +
         (options.selector.empty() ? "" : "/" + io::http::percent_encode(options.selector));
}

void show_keys(const value& answer) {
  std::vector<std::vector<std::string>> rows;
  for (const auto& key : answer.at("keys").as_array())
    rows.push_back({text_of(key, "domain"), text_of(key, "selector"), text_of(key, "kind"), text_of(key, "state"),
                    text_of(key, "changed").substr(0, 10)});
  print_table({"DOMAIN", "SELECTOR", "KIND", "STATE", "SINCE"}, rows);
}

void show_record(const value& key) {
  std::cout << text_of(key, "selector") << " (" << text_of(key, "kind") << "): " << text_of(key, "state");
  if (!text_of(key, "gone_at").empty()) std::cout << " until " << text_of(key, "gone_at");
  const auto published = text_of(key, "published");
  if (!published.empty()) std::cout << "; in DNS: " << published;
  if (published == "wrong" || published == "unknown") std::cout << " (" << text_of(key, "problem") << ")";
  std::cout << "\n  " << text_of(key, "zone_line") << "\n";
}

/// The records, and what happens next.
void show_looked_after(const value& answer) {
  bool waits = false;
  for (const auto& key : answer.at("keys").as_array()) {
    show_record(key);
    waits = waits || text_of(key, "state") == "pending";
  }
  if (waits)
    std::cout << "Publish what is pending: it signs as soon as the server finds it in DNS. Until then, and until mail "
                 "under\nway has arrived, leave the records of the others where they are.\n";
}

/// Without a selector: all keys of the domain.
int show(const Invocation& invocation, const Shared& options) {
  if (!options->selector.empty())
    return call_and_show(invocation, Method::kGet, keys_path(*options), nullptr, show_record);
  return call_and_show(invocation, Method::kGet, "/v1/keys?domain=" + io::http::percent_encode(options->domain),
                       nullptr, [](const value& answer) {
                         for (const auto& key : answer.at("keys").as_array()) show_record(key);
                       });
}

int list(const Invocation& invocation, const Shared& options) {
  const auto narrowed = options->domain.empty() ? "" : "?domain=" + io::http::percent_encode(options->domain);
  return call_and_show(invocation, Method::kGet, "/v1/keys" + narrowed, nullptr, show_keys);
}

int rotate(const Invocation& invocation, const Shared& given) {
  KeyOptions options = *given;
  object body;
  if (!options.kind.empty()) body["kind"] = options.kind;
  if (!options.selector.empty()) body["selector"] = std::exchange(options.selector, {});
  if (!options.key_file.empty()) {
    const auto key = read_file(options.key_file);
    if (!key) {
      std::cerr << "veredus: " << options.key_file << " cannot be read\n";
      return kUsage;
    }
    body["private_key"] = *key;
  }
  return call_and_show(invocation, Method::kPost, keys_path(options), body, show_looked_after);
}

int check(const Invocation& invocation, const Shared& options) {
  return call_and_show(invocation, Method::kPost, keys_path(*options) + "/check", nullptr, show_looked_after);
}

int activate(const Invocation& invocation, const Shared& options) {
  return call_and_show(invocation, Method::kPatch, keys_path(*options), object{{"state", "active"}}, show_record);
}

int remove(const Invocation& invocation, const Shared& options) {
  return call_and_show(
      invocation, Method::kDelete, keys_path(*options) + (options->force ? "?force=true" : ""), nullptr,
      [&options](const value&) { std::cout << "removed " << options->selector << " of " << options->domain << "\n"; });
}

}  // namespace

void add_key_commands(CLI::App& dkim, Invocation& invocation) {
  const auto options = std::make_shared<KeyOptions>();
  auto* all = add_action(dkim, invocation, options, "list", "the keys that sign mail", list);
  all->add_option("domain", options->domain);
  auto* one = add_action(dkim, invocation, options, "show", "the records that DNS must have", show);
  one->add_option("domain", options->domain)->required();
  one->add_option("selector", options->selector);

  auto* next =
      add_action(dkim, invocation, options, "rotate", "make the keys that sign next, as soon as DNS has them", rotate);
  next->add_option("domain", options->domain)->required();
  next->add_option("--kind", options->kind, "rsa or ed25519 (default: one of each)")
      ->check(CLI::IsMember({"rsa", "ed25519"}));
  next->add_option("--selector", options->selector, "its name, with --kind or --key (default: made of the time)");
  next->add_option("--key", options->key_file, "a private key to take instead of a new one: a PEM file");

  auto* look = add_action(dkim, invocation, options, "check", "look for a domain's keys in DNS now", check);
  look->add_option("domain", options->domain)->required();
  auto* now = add_action(dkim, invocation, options, "activate", "sign with a key now, whatever DNS says", activate);
  now->add_option("domain", options->domain)->required();
  now->add_option("selector", options->selector)->required();
  auto* away = add_action(dkim, invocation, options, "remove", "forget a key", remove);
  away->add_option("domain", options->domain)->required();
  away->add_option("selector", options->selector)->required();
  away->add_flag("--force", options->force, "also one that signs, or that mail under way is checked with");
}

}  // namespace veredus::app::cli
