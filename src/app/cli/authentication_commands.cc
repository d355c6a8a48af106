#include <fmt/format.h>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/executor_work_guard.hpp>
#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>
#include <exception>
#include <filesystem>
#include <iostream>
#include <memory>
#include <optional>
#include <string>
#include <utility>

#include "app/cli/authentication_checks.h"
#include "app/cli/commands.h"
#include "app/cli/exit_codes.h"
#include "app/cli/terminal.h"
#include "base/codec/ascii.h"
#include "base/observe/metrics.h"
#include "base/types/read_file.h"
#include "base/types/result.h"
#include "io/dns/unbound_resolver.h"
#include "io/net/reactor.h"
#include "work/mailauth/lookup.h"
#include "work/mailauth/one_server.h"

namespace veredus::app::cli {
namespace {

namespace inquiry = rules::inquiry;
namespace json = boost::json;
namespace mailauth = work::mailauth;

using Check = CheckOutcome (*)(const AuthenticationInput&, const Asker&);

/// What all of these commands take.
struct Wishes {
  AuthenticationInput input;
  std::string resolver, key_file;
  std::int64_t now = -1;
  unsigned timeout = 10;
  bool batch = false;
  bool only_fields = false;
};
using Shared = std::shared_ptr<Wishes>;

enum class Stdin : std::uint8_t { kUnused, kMessage };

struct Command {
  Check check;
  Stdin input = Stdin::kMessage;
  bool prints_message = false;  // with what was made put before it
};

int usage(std::string_view what) {
  std::cerr << "veredus: " << what << "\n";
  return kUsage;
}

/// The resolver of the server's configuration, with its validation; blocks the command.
class ConfiguredResolver {
 public:
  static std::expected<std::shared_ptr<ConfiguredResolver>, std::string> start(const Invocation& invocation,
                                                                               std::chrono::seconds patience) {
    config::Configuration configuration;
    std::error_code ignored;
    if (std::filesystem::exists(invocation.config_path, ignored)) {
      auto read = config::load_configuration(invocation.config_path);
      if (!read) return std::unexpected(to_string(read.error()));
      configuration = *std::move(read);
    }
    configuration.dns.deadline = patience;
    auto out = std::make_shared<ConfiguredResolver>();
    auto resolver = io::dns::UnboundResolver::start(configuration.dns, out->metrics_);
    if (!resolver) return std::unexpected(fmt::format("DNS: {}", to_string(resolver.error())));
    out->resolver_ = *std::move(resolver);
    return out;
  }

  inquiry::Reply ask(const inquiry::Question& question) {
    std::exception_ptr failure;
    std::optional<inquiry::Reply> reply;
    auto asking = mailauth::look_up(resolver_.get(), question);
    asio::co_spawn(reactor_.executor(), std::move(asking), [&](std::exception_ptr thrown, inquiry::Reply answer) {
      failure = std::move(thrown);
      reply = std::move(answer);
    });
    const auto guard = asio::make_work_guard(reactor_.context());
    while (!reply) {  // the resolver's thread, done with the question before, may stop the context once more
      if (reactor_.context().stopped()) reactor_.context().restart();
      reactor_.context().run_one();
    }
    if (failure) std::rethrow_exception(failure);
    return *std::move(reply);
  }

 private:
  base::observe::Metrics metrics_;
  io::net::Reactor reactor_;  // before the resolver, whose thread may still look at it when all is answered
  std::unique_ptr<io::dns::UnboundResolver> resolver_;
};

std::expected<Asker, std::string> asker_of(const Invocation& invocation, const Wishes& wishes) {
  const std::chrono::seconds patience(wishes.timeout);
  if (wishes.resolver.empty()) {
    VEREDUS_TRY(auto resolver, ConfiguredResolver::start(invocation, patience));
    return Asker([resolver](const inquiry::Question& question) { return resolver->ask(question); });
  }
  const auto server = io::net::Endpoint::parse(wishes.resolver);
  if (!server || server->is_unix())
    return std::unexpected(fmt::format("'{}' is no address and port of a DNS server", wishes.resolver));
  auto one = std::make_shared<mailauth::OneServer>(*server, patience);
  return Asker([one](const inquiry::Question& question) { return one->ask(question); });
}

/// docs/cli.md lists them.
int exit_code_of(std::string_view result) {
  if (result == "pass" || result == "signed") return kOk;
  if (result == "none" || result == "neutral") return kNoStatement;
  if (result == "temperror") return kTemporary;
  if (result == "permerror") return kPermanentError;
  return kFailed;
}

/// One line: what came of one object, with its "id" when it has one.
std::string answer_line(const Command& command, const Wishes& wishes, const Asker& ask, const std::string& line,
                        bool& good) {
  boost::system::error_code error;
  const auto value = json::parse(line, error);
  const auto failed = [&good](std::string_view what) {
    good = false;
    return json::object{{"error", what}};
  };
  json::object out;
  if (error || !value.is_object()) {
    out = failed("the line is no JSON object");
  } else {
    auto input = read_input_line(value.as_object());
    if (input && !input->now) input->now = wishes.input.now;
    auto outcome = input ? command.check(*input, ask) : CheckOutcome(std::unexpected(input.error()));
    out = outcome ? *std::move(outcome) : failed(outcome.error());
    if (const auto* const id = value.as_object().if_contains("id")) out["id"] = *id;
  }
  return json::serialize(out);
}

int run_batch(const Command& command, const Wishes& wishes, const Asker& ask) {
  bool good = true;
  for (std::string line; std::getline(std::cin, line);) {
    if (base::codec::trim_ascii(line).empty()) continue;
    std::cout << answer_line(command, wishes, ask, line, good) << std::endl;  // flushed: somebody may wait for it
  }
  return good ? kOk : kFailed;
}

/// What was made, and unless told otherwise the message under it.
void print_made(const Wishes& wishes, const json::object& outcome) {
  const auto* const field = outcome.if_contains("field");
  const auto& made = field != nullptr ? *field : outcome.at("fields");
  if (made.as_string().empty())  // RFC 8617 s5.1
    std::cerr << "veredus: nothing is added: the chain ended broken, or is as long as it may be\n";
  std::cout << std::string_view(made.as_string());
  if (!wishes.only_fields) std::cout << wishes.input.message;
}

int run(const Invocation& invocation, const Command& command, Wishes wishes) {
  if (wishes.now >= 0) wishes.input.now = SystemTime(std::chrono::seconds(wishes.now));
  const auto ask = asker_of(invocation, wishes);
  if (!ask) return usage(ask.error());
  if (wishes.batch) return run_batch(command, wishes, *ask);
  if (!wishes.key_file.empty()) {
    auto key = read_file(wishes.key_file);
    if (!key) return usage(fmt::format("{} cannot be read", wishes.key_file));
    wishes.input.key = *std::move(key);
  }
  if (command.input == Stdin::kMessage && !wishes.input.domains_given) wishes.input.message = with_crlf(read_input());
  const auto outcome = command.check(wishes.input, *ask);
  if (!outcome) return usage(outcome.error());
  if (invocation.json)
    std::cout << json::serialize(*outcome) << "\n";
  else if (command.prints_message)
    print_made(wishes, *outcome);
  else
    std::cout << outcome_text(*outcome);
  return command.prints_message ? kOk : exit_code_of(outcome->at("result").as_string());
}

CLI::App* add_authentication(CLI::App& parent, Invocation& invocation, const std::string& name, const std::string& what,
                             const Shared& wishes, Command command) {
  auto* out = add_command(parent, invocation, name, what);
  out->add_option("--resolver", wishes->resolver,
                  "HOST:PORT of a DNS server: ask it and no other, without validation (default: as configured)");
  out->add_option("--timeout", wishes->timeout, "seconds to wait for DNS")
      ->check(CLI::Range(1, 120))
      ->capture_default_str();
  out->add_option("--now", wishes->now, "the time to judge by, in seconds since 1970 (default: the clock's)")
      ->check(CLI::NonNegativeNumber);
  out->add_flag("--batch", wishes->batch, "read one JSON object a line, answer one a line");
  out->callback([&invocation, wishes, command] {
    invocation.command = [&invocation, wishes, command] { return run(invocation, command, *wishes); };
  });
  return out;
}

void add_client_options(CLI::App& command, const Shared& wishes) {
  command.add_option("--ip", wishes->input.ip, "the address that connected");
  command.add_option("--helo", wishes->input.helo, "what it said in HELO or EHLO");
  command.add_option("--from", wishes->input.from, "MAIL FROM; empty or <> for the null sender");
  command.add_option("--server", wishes->input.server, "our own host name");
}

void add_signing_options(CLI::App& command, const Shared& wishes) {
  command.add_option("--domain", wishes->input.domain, "in whose name (d=)");
  command.add_option("--selector", wishes->input.selector, "which of its keys (s=)");
  command.add_option("--key", wishes->key_file, "file with the private key: PEM, or base64 of an Ed25519 seed");
  command.add_option("--canonical", wishes->input.canonical, "simple or relaxed, header/body")->capture_default_str();
  command.add_option("--fields", wishes->input.fields, "header fields to sign, in order (default: the usual ones)")
      ->delimiter(':');
  command.add_flag("--only-fields", wishes->only_fields, "print what was made, without the message");
}

void add_spf(CLI::App& check, Invocation& invocation) {
  const auto wishes = std::make_shared<Wishes>();
  auto* command = add_authentication(check, invocation, "spf", "may this address send for this domain", wishes,
                                     {.check = check_spf, .input = Stdin::kUnused});
  add_client_options(*command, wishes);
}

void add_dkim(CLI::App& parent, Invocation& invocation, const std::string& name) {
  add_authentication(parent, invocation, name, "check the DKIM signatures of a message on standard input",
                     std::make_shared<Wishes>(), {.check = check_dkim});
}

void add_arc(CLI::App& check, Invocation& invocation) {
  add_authentication(check, invocation, "arc", "check the ARC chain of a message on standard input",
                     std::make_shared<Wishes>(), {.check = check_arc});
}

void add_dmarc(CLI::App& check, Invocation& invocation) {
  const auto wishes = std::make_shared<Wishes>();
  auto* command = add_authentication(check, invocation, "dmarc",
                                     "what DMARC says of a message on standard input, and of the client if it is given",
                                     wishes, {.check = check_dmarc});
  add_client_options(*command, wishes);
  command->add_option("--author", wishes->input.author, "domain or address in From, instead of a message");
  const auto given = [wishes](const std::string& /*domain*/) { wishes->input.domains_given = true; };
  command
      ->add_option("--dkim-domain", wishes->input.dkim_domains, "a domain whose signature passed, instead of a message")
      ->each(given);
  command->add_option("--spf-domain", wishes->input.spf_domains, "a domain for which SPF passed")->each(given);
}

}  // namespace

void add_authentication_checks(CLI::App& check, Invocation& invocation) {
  add_spf(check, invocation);
  add_dkim(check, invocation, "dkim");
  add_arc(check, invocation);
  add_dmarc(check, invocation);
}

void add_signing_commands(CLI::App& app, Invocation& invocation) {
  auto* dkim = app.add_subcommand("dkim", "sign messages and check signatures; the keys that sign mail");
  dkim->require_subcommand(1);
  const auto signing = std::make_shared<Wishes>();
  auto* sign = add_authentication(*dkim, invocation, "sign", "sign a message on standard input", signing,
                                  {.check = sign_dkim, .prints_message = true});
  add_signing_options(*sign, signing);
  sign->add_option("--identity", signing->input.identity, "i=");
  add_dkim(*dkim, invocation, "verify");
  add_key_commands(*dkim, invocation);

  auto* arc = app.add_subcommand("arc", "seal messages for those they are forwarded to");
  arc->require_subcommand(1);
  const auto sealing = std::make_shared<Wishes>();
  auto* seal = add_authentication(*arc, invocation, "seal", "add an ARC set to a message on standard input", sealing,
                                  {.check = seal_arc, .prints_message = true});
  add_signing_options(*seal, sealing);
  seal->add_option("--server", sealing->input.server, "the name that Authentication-Results fields of ours begin with");
  seal->add_option("--results", sealing->input.results,
                   "what was found of the message: 'spf=pass …' (default: our fields in the message)");
}

}  // namespace veredus::app::cli
