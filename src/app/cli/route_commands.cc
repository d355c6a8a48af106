#include <boost/json.hpp>
#include <iostream>
#include <memory>

#include "app/cli/commands.h"
#include "app/cli/exit_codes.h"
#include "app/cli/terminal.h"

namespace veredus::app::cli {
namespace {

using boost::json::array;
using boost::json::object;
using boost::json::value;
using io::http::Method;

struct RouteOptions {
  std::string name;
  std::vector<std::string> hosts;
  std::vector<std::string> destinations;
  std::vector<std::string> senders;
  std::vector<std::string> recipients;
  std::string tls;
  std::string protocol;
  std::string user;
  bool implicit_tls = false;
  bool ask_password = false;
  bool is_default = false;
  bool not_default = false;
};
using Shared = std::shared_ptr<RouteOptions>;

std::string joined(const value& strings) {
  std::string all;
  for (const auto& one : strings.as_array()) all += (all.empty() ? "" : ", ") + std::string(one.as_string());
  return all;
}

std::string takes(const value& route) {
  std::string all = joined(route.at("destinations"));
  const auto senders = joined(route.at("senders"));
  if (!senders.empty()) all += (all.empty() ? "from " : "; from ") + senders;
  if (route.at("default").as_bool()) all += all.empty() ? "everything else" : "; everything else";
  return all;
}

void show_routes(const value& answer) {
  std::vector<std::vector<std::string>> rows;
  for (const auto& route : answer.at("routes").as_array())
    rows.push_back({std::string(route.at("name").as_string()), joined(route.at("hosts")), takes(route)});
  print_table({"ROUTE", "HOSTS", "TAKES"}, rows);
}

void show_route(const value& route) {
  std::cout << route.at("name").as_string().c_str() << " -> " << joined(route.at("hosts")) << "\n"
            << "  takes:    " << takes(route) << "\n"
            << "  tls:      " << route.at("tls").as_string().c_str()
            << (route.at("implicit_tls").as_bool() ? ", from the first octet" : "") << "\n"
            << "  protocol: " << route.at("protocol").as_string().c_str() << "\n";
  if (const auto* user = route.as_object().if_contains("user"))
    std::cout << "  logs in:  as " << user->as_string().c_str() << ", with a " << route.at("login").as_string().c_str()
              << "\n";
}

array array_of(const std::vector<std::string>& strings) { return array(strings.begin(), strings.end()); }

int set_route(const Invocation& invocation, const RouteOptions& options) {
  object body;
  if (!options.hosts.empty()) body["hosts"] = array_of(options.hosts);
  if (!options.destinations.empty()) body["destinations"] = array_of(options.destinations);
  if (!options.senders.empty()) body["senders"] = array_of(options.senders);
  if (!options.tls.empty()) body["tls"] = options.tls;
  if (!options.protocol.empty()) body["protocol"] = options.protocol;
  if (options.implicit_tls) body["implicit_tls"] = true;
  if (options.is_default || options.not_default) body["default"] = options.is_default;
  if (!options.user.empty()) body["user"] = options.user;
  if (options.ask_password) {
    const auto password = read_password("the relay's login");
    if (!password) return kUsage;
    body["password"] = password->reveal();
  }
  return call_and_show(invocation, Method::kPut, path_of("routes", options.name), body, show_route);
}

void add_removal(CLI::App& parent, Invocation& invocation, const Shared& options, const char* collection) {
  auto* remove = add_command(parent, invocation, "remove", "remove one");
  remove->add_option("name", options->name)->required();
  remove->callback([&invocation, options, collection] {
    invocation.command = [&invocation, options, collection] {
      return call_and_show(invocation, Method::kDelete, path_of(collection, options->name), nullptr,
                           [options](const value&) { std::cout << "removed " << options->name << "\n"; });
    };
  });
}

void add_routes(CLI::App& app, Invocation& invocation, const Shared& options) {
  auto* route = app.add_subcommand("route", "hosts that take some of the mail for others, in place of its MX");
  route->require_subcommand(1);
  auto* all = add_command(*route, invocation, "list", "list them");
  all->callback([&invocation] {
    invocation.command = [&invocation] {
      return call_and_show(invocation, Method::kGet, "/v1/routes", nullptr, show_routes);
    };
  });
  auto* show = add_command(*route, invocation, "show", "show one");
  show->add_option("name", options->name)->required();
  show->callback([&invocation, options] {
    invocation.command = [&invocation, options] {
      return call_and_show(invocation, Method::kGet, path_of("routes", options->name), nullptr, show_route);
    };
  });
  auto* set = add_command(*route, invocation, "set", "make one, or change what is given");
  set->add_option("name", options->name)->required();
  set->add_option("--host", options->hosts, "host, host:port; several in the order to try");
  set->add_option("--to", options->destinations, "mail for this domain, or \"*.domain\" for all below it");
  set->add_option("--from", options->senders, "mail of this sender, or \"@domain\" for all of a domain");
  set->add_flag("--default", options->is_default, "mail that no other route takes: a smart host");
  set->add_flag("--no-default", options->not_default);
  set->add_option("--tls", options->tls)->check(CLI::IsMember({"never", "opportunistic", "encrypt", "verify"}));
  set->add_flag("--implicit-tls", options->implicit_tls, "TLS from the first octet (port 465)");
  set->add_option("--protocol", options->protocol)->check(CLI::IsMember({"smtp", "lmtp"}));
  set->add_option("--user", options->user, "log in there as");
  set->add_flag("--password", options->ask_password, "ask for the password (or read a line of standard input)");
  set->callback([&invocation, options] {
    invocation.command = [&invocation, options] { return set_route(invocation, *options); };
  });
  add_removal(*route, invocation, options, "routes");
}

void show_relay_domains(const value& answer) {
  std::vector<std::vector<std::string>> rows;
  for (const auto& domain : answer.at("relay_domains").as_array()) {
    const auto count = domain.at("recipients").as_array().size();
    rows.push_back({std::string(domain.at("name").as_string()), count == 0 ? "all" : std::to_string(count)});
  }
  print_table({"DOMAIN", "RECIPIENTS"}, rows);
}

void show_relay_domain(const value& domain) {
  const auto recipients = joined(domain.at("recipients"));
  std::cout << domain.at("name").as_string().c_str() << ": " << (recipients.empty() ? "all recipients" : recipients)
            << "\n";
}

void add_relay_domains(CLI::App& app, Invocation& invocation, const Shared& options) {
  auto* relay = app.add_subcommand("relay-domain", "domains whose mail is taken here and handed on (backup MX)");
  relay->require_subcommand(1);
  auto* all = add_command(*relay, invocation, "list", "list them");
  all->callback([&invocation] {
    invocation.command = [&invocation] {
      return call_and_show(invocation, Method::kGet, "/v1/relay-domains", nullptr, show_relay_domains);
    };
  });
  auto* set = add_command(*relay, invocation, "set", "make one, or give it other recipients");
  set->add_option("name", options->name)->required();
  set->add_option("--recipient", options->recipients, "who has mail there; without any, all are taken");
  set->callback([&invocation, options] {
    invocation.command = [&invocation, options] {
      const object body{{"recipients", array_of(options->recipients)}};
      return call_and_show(invocation, Method::kPut, path_of("relay-domains", options->name), body, show_relay_domain);
    };
  });
  add_removal(*relay, invocation, options, "relay-domains");
}

void add_srs(CLI::App& app, Invocation& invocation) {
  auto* srs = app.add_subcommand("srs", "return paths of forwarded mail");
  srs->require_subcommand(1);
  auto* rotate = add_command(*srs, invocation, "rotate", "sign with a new secret; those before it are still read");
  rotate->callback([&invocation] {
    invocation.command = [&invocation] {
      return call_and_show(invocation, Method::kPost, "/v1/srs/rotate", nullptr,
                           [](const value&) { std::cout << "a new secret signs\n"; });
    };
  });
}

}  // namespace

void add_route_commands(CLI::App& app, Invocation& invocation) {
  const auto options = std::make_shared<RouteOptions>();
  add_routes(app, invocation, options);
  add_relay_domains(app, invocation, options);
  add_srs(app, invocation);
}

}  // namespace veredus::app::cli
