#include <fmt/format.h>

#include <filesystem>
#include <fstream>
#include <iostream>
#include <memory>

#include "app/cli/commands.h"
#include "app/cli/terminal.h"
#include "app/server/bootstrap.h"
#include "app/server/privileges.h"
#include "base/types/result.h"
#include "io/net/socket_address.h"

namespace veredus::app::cli {
namespace {

struct Options {
  std::string hostname;
  std::string account;
  std::string data_directory = "/var/lib/veredus";
  std::string run_as;
};

constexpr const char* kConfiguration =
    R"(# Veredus. Every key: docs/configuration.md. After a change: veredus config check, then restart.

hostname = "{hostname}"
data_directory = "{data}"
{run_as}
{listeners}# Made by `veredus init`, signed by itself: put one here that mail programs trust.
[[tls.certificate]]
chain = "{folder}/certificate.pem"
key = "{folder}/key.pem"
)";

struct Door {
  const char* protocol;
  int port;
  const char* note;
};
constexpr Door kDoors[] = {{"smtp", 25, "from other servers"},
                           {"submission", 587, "from mail programs, STARTTLS"},
                           {"submissions", 465, "from mail programs, TLS from the start"},
                           {"pop3", 110, "STLS"},
                           {"pop3s", 995, "TLS from the start"},
                           {"imap", 143, "STARTTLS"},
                           {"imaps", 993, "TLS from the start"}};

/// At all addresses; those of IPv6 only where the system has it, for a server that cannot listen does not start.
std::string listeners() {
  std::vector<const char*> all = {"0.0.0.0"};
  if (io::net::open_socket(*io::net::Endpoint::parse("[::]:0"))) all.push_back("[::]");
  std::string out;
  for (const auto& door : kDoors)
    for (const char* const any : all)
      out += fmt::format("[[listener]]\nprotocol = {:14} # {}\naddress = \"{}:{}\"\n\n",
                         fmt::format("\"{}\"", door.protocol), door.note, any, door.port);
  return out;
}

std::string configuration_text(const Options& options, const std::string& folder) {
  const auto run_as = options.run_as.empty() ? std::string() : fmt::format("run_as = \"{}\"\n", options.run_as);
  return fmt::format(fmt::runtime(kConfiguration), fmt::arg("hostname", options.hostname),
                     fmt::arg("data", options.data_directory), fmt::arg("run_as", run_as),
                     fmt::arg("listeners", listeners()), fmt::arg("folder", folder));
}

void print_records(const Options& options, const std::vector<std::string>& keys) {
  const auto domain = options.account.substr(options.account.rfind('@') + 1);
  std::string signing;
  for (const auto& line : keys) signing += fmt::format("  {}\n", line);
  std::cout << fmt::format(
      "\nPublish these in DNS:\n\n"
      "  {0}.  A     <this machine's IPv4 address>      (and AAAA, if it has IPv6)\n"
      "  {1}.  MX    10 {0}.\n"
      "  {1}.  TXT   \"v=spf1 mx -all\"\n"
      "  _dmarc.{1}.  TXT   \"v=DMARC1; p=quarantine; rua=mailto:postmaster@{1}\"\n"
      "  _submissions._tcp.{1}.  SRV   0 1 465 {0}.\n"
      "  _submission._tcp.{1}.   SRV   0 1 587 {0}.\n"
      "  _imaps._tcp.{1}.        SRV   0 1 993 {0}.\n"
      "  _imap._tcp.{1}.         SRV   10 1 143 {0}.\n"
      "  _pop3s._tcp.{1}.        SRV   20 1 995 {0}.\n"
      "  autoconfig.{1}.         CNAME {0}.     (for mail programs that look for it)\n"
      "{2}"
      "\nand have your provider point the PTR record of the address back to {0}. Mail is signed as soon as the keys "
      "are\n"
      "there; `veredus domain dns {1}` tells what is still missing.\n",
      options.hostname, domain, signing);
}

int fail(const std::string& why) {
  std::cerr << "veredus: " << why << "\n";
  return kFailed;
}

std::expected<void, std::string> write_files(const Options& options, const std::string& config_path) {
  const auto folder = std::filesystem::absolute(config_path).parent_path().string();
  std::error_code error;
  std::filesystem::create_directories(folder, error);
  if (error) return std::unexpected(fmt::format("{}: {}", folder, error.message()));
  if (!std::filesystem::exists(folder + "/certificate.pem"))
    VEREDUS_TRY(server::write_self_signed(options.hostname, folder + "/certificate.pem", folder + "/key.pem"));
  VEREDUS_TRY(server::give_to(folder + "/key.pem", options.run_as));
  std::ofstream file(config_path, std::ios::binary);
  file << configuration_text(options, folder);
  file.close();
  if (!file) return std::unexpected(fmt::format("{} cannot be written", config_path));
  return {};
}

int init(const Invocation& invocation, Options options) {
  if (std::filesystem::exists(invocation.config_path))
    return fail(invocation.config_path + " is there already; `veredus init` only begins from nothing");
  options.data_directory = std::filesystem::absolute(options.data_directory).string();
  auto password = read_new_password(options.account);
  if (!password) return kUsage;
  if (const auto written = write_files(options, invocation.config_path); !written) return fail(written.error());
  const auto configuration = config::load_configuration(invocation.config_path);
  if (!configuration) {
    std::filesystem::remove(invocation.config_path);
    return fail("\n" + to_string(configuration.error()));
  }
  const auto made = server::bootstrap(*configuration, {options.account, std::move(*password)});
  if (!made) {
    std::filesystem::remove(invocation.config_path);
    return fail(made.error());
  }
  std::cout << fmt::format("wrote {}\nmade the store in {} and the account {}\n", invocation.config_path,
                           options.data_directory, options.account);
  print_records(options, *made);
  std::cout << fmt::format("\nStart it: veredus --config {} serve\n", invocation.config_path);
  return kOk;
}

}  // namespace

void add_init_command(CLI::App& app, Invocation& invocation) {
  const auto options = std::make_shared<Options>();
  auto* command =
      app.add_subcommand("init", "write a configuration, a key and certificate, and make the first domain and account");
  command->add_option("hostname", options->hostname, "this server's name in DNS: mx.example.org")->required();
  command->add_option("account", options->account, "the first account: you@example.org; its password is asked for")
      ->required();
  command->add_option("--data-directory", options->data_directory, "where all mail is kept")->capture_default_str();
  command->add_option("--run-as", options->run_as, "the user to become after binding the ports");
  command->callback(
      [&invocation, options] { invocation.command = [&invocation, options] { return init(invocation, *options); }; });
}

}  // namespace veredus::app::cli
