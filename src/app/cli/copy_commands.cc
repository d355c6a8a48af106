#include <fmt/format.h>
#include <unistd.h>

#include <boost/json.hpp>
#include <chrono>
#include <iostream>
#include <memory>
#include <optional>
#include <thread>

#include "app/cli/commands.h"
#include "app/cli/terminal.h"
#include "io/http/percent.h"

/// `mailbox copy-from`.
namespace veredus::app::cli {
namespace {

using boost::json::object;
using boost::json::value;
using io::http::Method;

struct Options {
  std::string address;
  std::string url;
  std::string user;
  bool starttls = false;
  bool insecure = false;
  bool token = false;
};

/// `imaps://[user@]host[:port]`, `imap://…`.
struct Place {
  std::string tls;
  std::string user;
  std::string host;
  std::optional<std::uint16_t> port;
};

std::optional<Place> parse_place(std::string_view url, bool starttls) {
  Place place;
  if (url.starts_with("imaps://")) {
    place.tls = "implicit";
    url.remove_prefix(8);
  } else if (url.starts_with("imap://")) {
    place.tls = starttls ? "starttls" : "none";
    url.remove_prefix(7);
  } else {
    return std::nullopt;
  }
  while (url.ends_with('/')) url.remove_suffix(1);
  if (const auto at = url.rfind('@'); at != std::string_view::npos) {
    const auto user = url.substr(0, at);
    place.user = io::http::percent_decode(user).value_or(std::string(user));  // alice%40example.org
    url.remove_prefix(at + 1);
  }
  const auto bracket = url.rfind(']');
  const auto colon = url.find(':', bracket == std::string_view::npos ? 0 : bracket);
  if (colon != std::string_view::npos) {
    unsigned port = 0;
    for (const char digit : url.substr(colon + 1)) {
      if (digit < '0' || digit > '9' || port > 65535) return std::nullopt;
      port = port * 10 + static_cast<unsigned>(digit - '0');
    }
    if (port == 0 || port > 65535) return std::nullopt;
    place.port = static_cast<std::uint16_t>(port);
    url = url.substr(0, colon);
  }
  if (url.starts_with('[') && url.ends_with(']')) url = url.substr(1, url.size() - 2);
  place.host = url;
  if (place.host.empty()) return std::nullopt;
  return place;
}

std::uint64_t number(const value& copy, const char* name) { return copy.at(name).to_number<std::uint64_t>(); }

void show_progress(const value& copy) {
  std::cerr << fmt::format("\r\x1b[K{}/{} mailboxes, {} copied ({}), {} already there, {} skipped  {}",
                           number(copy, "mailboxes_done"), number(copy, "mailboxes"), number(copy, "copied"),
                           shown_size(number(copy, "octets")), number(copy, "already_there"), number(copy, "skipped"),
                           printable(copy.at("doing").as_string()))
            << std::flush;
}

int show_result(const Invocation& invocation, const value& copy) {
  const bool done = copy.at("state").as_string() == "done";
  if (invocation.json) {
    std::cout << boost::json::serialize(copy) << "\n";
    return done ? kOk : kFailed;
  }
  for (const auto& complaint : copy.at("complaints").as_array())
    std::cerr << "skipped " << printable(complaint.as_string()) << "\n";
  std::cout << fmt::format(
      "{} copied ({}), {} already there ({} with other flags than before), {} skipped, {} of {} "
      "mailboxes\n",
      number(copy, "copied"), shown_size(number(copy, "octets")), number(copy, "already_there"),
      number(copy, "flags_renewed"), number(copy, "skipped"), number(copy, "mailboxes_done"),
      number(copy, "mailboxes"));
  if (done) return kOk;
  std::cerr << "veredus: " << printable(copy.at("failure").as_string()) << "; the same command goes on from here\n";
  return kFailed;
}

int follow(const Invocation& invocation, AdminClient& client, const std::string& id) {
  const bool terminal = ::isatty(STDERR_FILENO) != 0;
  while (true) {
    const auto copy = client.call(Method::kGet, "/v1/copies/" + id);
    if (!copy) return client.exit_code();
    if (terminal) show_progress(*copy);
    if (copy->at("state").as_string() != "running") {
      if (terminal) std::cerr << "\n";
      return show_result(invocation, *copy);
    }
    std::this_thread::sleep_for(std::chrono::milliseconds(300));
  }
}

int copy_from(const Invocation& invocation, const Options& options) {
  const auto place = parse_place(options.url, options.starttls);
  if (!place) {
    std::cerr << "veredus: where from? imaps://[USER@]HOST[:PORT], or imap:// with --starttls\n";
    return kUsage;
  }
  const auto user = options.user.empty() ? place->user : options.user;
  if (user.empty()) {
    std::cerr << "veredus: --user is needed\n";
    return kUsage;
  }
  const auto secret = read_password(user + " at " + place->host);
  if (!secret) return kUsage;
  auto client = invocation.client();
  if (!client) return kUsage;
  object order{{"host", place->host}, {"user", user}, {"tls", place->tls}, {"verify", !options.insecure}};
  order[options.token ? "token" : "password"] = secret->reveal();
  if (place->port) order["port"] = *place->port;
  const auto begun = client->call(Method::kPost, path_of("accounts", options.address) + "/copies", order);
  if (!begun) return client->exit_code();
  return follow(invocation, *client, std::string(begun->at("id").as_string()));
}

}  // namespace

void add_copy_command(CLI::App& mailbox, Invocation& invocation) {
  const auto options = std::make_shared<Options>();
  auto* copy = add_command(mailbox, invocation, "copy-from",
                           "copy an account from another server; again to go on or to fetch what is new");
  copy->add_option("address", options->address, "the account copied into")->required();
  copy->add_option("url", options->url, "imaps://[USER@]HOST[:PORT], or imap://")->required();
  copy->add_option("--user", options->user, "the login there; its password or token is asked for");
  copy->add_flag("--token", options->token, "the secret is an OAuth 2 token");
  copy->add_flag("--starttls", options->starttls, "with imap://: begin TLS before the login");
  copy->add_flag("--insecure", options->insecure, "whatever its certificate says");
  copy->callback([&invocation, options] {
    invocation.command = [&invocation, options] { return copy_from(invocation, *options); };
  });
}

}  // namespace veredus::app::cli
