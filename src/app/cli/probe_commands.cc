#include <fmt/format.h>
#include <unistd.h>

#include <array>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <exception>
#include <filesystem>
#include <iostream>
#include <memory>
#include <optional>
#include <variant>

#include "app/cli/commands.h"
#include "app/cli/terminal.h"
#include "base/observe/metrics.h"
#include "base/types/read_file.h"
#include "base/types/result.h"
#include "io/dns/name.h"
#include "io/net/reactor.h"
#include "work/probe/presentation.h"
#include "work/probe/probe.h"

namespace veredus::app::cli {
namespace {

using namespace work;

struct Wishes {
  std::string target;
  std::string tls = "auto";
  std::string user, from, to, hello;
  unsigned port = 25;
  unsigned timeout = 30;
  bool send = false;
  bool dialogue = false;
  bool only_v4 = false;
  bool only_v6 = false;
  bool no_relay_test = false;
  bool no_recipient_test = false;
  std::string trusted;
};
using Shared = std::shared_ptr<Wishes>;

int usage(std::string_view what) {
  std::cerr << "veredus: " << what << "\n";
  return kUsage;
}

std::string machine_name() {
  std::array<char, 256> name{};
  ::gethostname(name.data(), name.size() - 1);
  const auto known = io::dns::query_name(name.data());
  return known && *known != "." ? *known : "localhost";
}

/// The configuration is of use (whom to ask in DNS, our name) and not needed. nullopt: it is there, and wrong.
std::optional<config::Configuration> configuration_of(const Invocation& invocation) {
  std::error_code ignored;
  config::Configuration nothing;
  nothing.hostname = machine_name();
  const Invocation usual;
  if (invocation.config_path == usual.config_path && !std::filesystem::exists(invocation.config_path, ignored))
    return nothing;
  auto read = config::load_configuration(invocation.config_path);
  if (read) return *std::move(read);
  std::cerr << to_string(read.error());
  return std::nullopt;
}

std::expected<std::optional<wire::smtp::Address>, std::string> address_of(const std::string& text) {
  if (text.empty()) return std::nullopt;
  auto address = wire::smtp::parse_mailbox(text);
  if (!address) return std::unexpected(fmt::format("'{}' is no address: {}", text, to_string(address.error())));
  return *std::move(address);
}

std::optional<probe::TlsMode> tls_mode_of(const std::string& word) {
  if (word == "auto") return probe::TlsMode::kAutomatic;
  if (word == "implicit") return probe::TlsMode::kImplicit;
  if (word == "starttls") return probe::TlsMode::kStartTls;
  if (word == "none") return probe::TlsMode::kNone;
  return std::nullopt;
}

std::expected<probe::Options, std::string> options_of(const Wishes& wishes, const std::string& hostname) {
  probe::Options options;
  options.hello_name = wishes.hello.empty() ? hostname : wishes.hello;
  if (!wire::smtp::check_domain(options.hello_name))
    return std::unexpected(fmt::format("'{}' is no name to say hello with", options.hello_name));
  const auto tls = tls_mode_of(wishes.tls);
  if (!tls) return std::unexpected("--tls wants auto, implicit, starttls or none");
  options.tls = *tls;
  VEREDUS_TRY(options.sender, address_of(wishes.from));
  VEREDUS_TRY(options.recipient, address_of(wishes.to));
  if (wishes.send && !options.recipient) return std::unexpected("--send needs --to");
  options.send = wishes.send;
  options.use_ipv4 = !wishes.only_v6;
  options.use_ipv6 = !wishes.only_v4;
  options.relay_trials = !wishes.no_relay_test;
  options.recipient_trials = !wishes.no_recipient_test;
  options.reply_wait = std::chrono::seconds(wishes.timeout);
  options.connect_wait = std::chrono::seconds(std::min(wishes.timeout, 60U));
  options.mail_port = static_cast<std::uint16_t>(wishes.port);
  options.user = wishes.user;
  if (!wishes.trusted.empty()) {
    auto pem = read_file(wishes.trusted);
    if (!pem) return std::unexpected(fmt::format("{} cannot be read", wishes.trusted));
    options.trusted_pem = *std::move(pem);
  }
  return options;
}

void show_progress(const probe::Progress& progress) {
  if (::isatty(STDERR_FILENO) == 0) return;
  if (progress.total == 0)
    std::cerr << progress.doing << " …\n";
  else if (progress.done < progress.total)
    std::cerr << fmt::format("{} of {}: {} …\n", progress.done + 1, progress.total, progress.doing);
}

using Question = std::variant<probe::Target, std::string>;

probe::Report run(const Question& question, const probe::Options& options, io::net::Reactor& reactor,
                  io::dns::Resolver& resolver) {
  const MachineClock clock;
  reactor.start_sweeping();
  const probe::Surroundings surroundings{.reactor = &reactor, .resolver = &resolver, .clock = &clock};
  auto asking = std::holds_alternative<probe::Target>(question)
                    ? probe_server(surroundings, std::get<probe::Target>(question), options, show_progress)
                    : probe_domain(surroundings, std::get<std::string>(question), options, show_progress);
  std::optional<probe::Report> report;
  std::exception_ptr failure;
  asio::co_spawn(reactor.executor(), std::move(asking), [&](std::exception_ptr thrown, probe::Report made) {
    failure = std::move(thrown);
    report = std::move(made);
    reactor.context().stop();
  });
  reactor.context().run();
  if (failure) std::rethrow_exception(failure);
  return std::move(report).value();
}

int probe_and_show(const Invocation& invocation, const Wishes& wishes, const Question& question) {
  auto configuration = configuration_of(invocation);
  if (!configuration) return kBadConfig;
  auto options = options_of(wishes, configuration->hostname);
  if (!options) return usage(options.error());
  if (!wishes.user.empty()) {
    auto password = read_password(wishes.user);
    if (!password) return kFailed;
    options->password = *std::move(password);
  }
  base::observe::Metrics metrics;
  io::net::Reactor reactor;  // before the resolver, whose thread may still look at it when all is answered
  auto resolver = io::dns::UnboundResolver::start(configuration->dns, metrics);
  if (!resolver) {
    std::cerr << "veredus: DNS: " << to_string(resolver.error()) << "\n";
    return kFailed;
  }
  const auto report = run(question, *options, reactor, **resolver);
  if (invocation.json)
    std::cout << json_of(report) << "\n";
  else
    std::cout << text_of(report, wishes.dialogue ? probe::Detail::kDialogue : probe::Detail::kSummary);
  return report.grade == 'F' ? kFailed : kOk;
}

int probe_smtp(const Invocation& invocation, const Wishes& wishes) {
  auto target = probe::parse_target(wishes.target);
  if (!target) return usage(fmt::format("'{}': {}", wishes.target, to_string(target.error())));
  return probe_and_show(invocation, wishes, *std::move(target));
}

int probe_mail_of(const Invocation& invocation, const Wishes& wishes) {
  const auto name = io::dns::query_name(wishes.target);
  if (!name || *name == ".") return usage(fmt::format("'{}' is no domain", wishes.target));
  return probe_and_show(invocation, wishes, *name);
}

void add_shared_options(CLI::App& command, const Shared& wishes) {
  command.add_option("--hello", wishes->hello, "the name to say hello with (default: as the configuration says)");
  command.add_option("--from", wishes->from, "the sender's address");
  command.add_option("--trust", wishes->trusted, "PEM file of roots to trust instead of the system's");
  command.add_option("--timeout", wishes->timeout, "seconds to wait for each reply")
      ->check(CLI::Range(1, 600))
      ->capture_default_str();
  command.add_flag("--dialogue", wishes->dialogue, "show all that was said, with times");
  command.add_flag("--no-relay-test", wishes->no_relay_test, "do not try whether it relays for everybody");
  command.add_flag("--no-recipient-test", wishes->no_recipient_test, "do not try an unknown recipient and postmaster");
  auto* v4 = command.add_flag("-4,--ipv4", wishes->only_v4, "IPv4 alone");
  command.add_flag("-6,--ipv6", wishes->only_v6, "IPv6 alone")->excludes(v4);
}

}  // namespace

void add_probe_commands(CLI::App& app, Invocation& invocation) {
  auto* probing =
      app.add_subcommand("probe", "talk to mail servers and see what they are like; needs no running server");
  probing->require_subcommand(1);
  const auto wishes = std::make_shared<Wishes>();
  auto* smtp = add_command(*probing, invocation, "smtp", "one server, at all its addresses");
  smtp->add_option("server", wishes->target, "HOST, HOST:PORT or an address; port 25 by default")->required();
  smtp->add_option("--tls", wishes->tls, "auto, implicit, starttls or none")->capture_default_str();
  smtp->add_option("--user", wishes->user, "log in; the password is asked for or read from standard input");
  smtp->add_option("--to", wishes->to, "the recipient of the message; unknown ones are tried at its domain");
  smtp->add_flag("--send", wishes->send, "send a test message");
  add_shared_options(*smtp, wishes);
  smtp->callback([&invocation, wishes] {
    invocation.command = [&invocation, wishes] { return probe_smtp(invocation, *wishes); };
  });
  auto* domain = add_command(*probing, invocation, "domain", "all servers that take a domain's mail");
  domain->add_option("domain", wishes->target)->required();
  domain->add_option("--port", wishes->port, "instead of 25")->check(CLI::Range(1, 65535));
  add_shared_options(*domain, wishes);
  domain->callback([&invocation, wishes] {
    invocation.command = [&invocation, wishes] { return probe_mail_of(invocation, *wishes); };
  });
}

}  // namespace veredus::app::cli
