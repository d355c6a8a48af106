#include <fmt/format.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <boost/json.hpp>
#include <filesystem>
#include <iostream>
#include <memory>

#include "app/cli/commands.h"
#include "app/cli/demo_dialogue.h"
#include "app/server/bootstrap.h"
#include "app/server/server.h"
#include "base/codec/base32.h"
#include "base/crypto/random.h"
#include "base/types/clock.h"
#include "base/types/read_file.h"
#include "base/types/result.h"
#include "wire/mime/builder.h"

namespace veredus::app::cli {
namespace {

using boost::json::object;
using config::Protocol;

struct Options {
  bool once = false;
};

struct Port {
  Protocol protocol;
  std::uint16_t number;
};

struct Person {
  std::string address;
  std::string password;
};

/// A folder that goes when it does.
class TemporaryFolder {
 public:
  TemporaryFolder() {
    std::string pattern = (std::filesystem::temp_directory_path() / "veredus-demo-XXXXXX").string();
    if (::mkdtemp(pattern.data()) != nullptr) path_ = pattern;
  }
  ~TemporaryFolder() {
    std::error_code ignored;
    if (!path_.empty()) std::filesystem::remove_all(path_, ignored);
  }
  TemporaryFolder(const TemporaryFolder&) = delete;
  TemporaryFolder& operator=(const TemporaryFolder&) = delete;
  [[nodiscard]] const std::string& path() const { return path_; }

 private:
  std::string path_;
};

/// The first port from `wanted` up that nobody on loopback has.
std::uint16_t free_port(std::uint16_t wanted) {
  for (std::uint16_t port = wanted; port < wanted + 1000; ++port) {
    const int probe = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(port);
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    const int one = 1;
    ::setsockopt(probe, SOL_SOCKET, SO_REUSEADDR, &one, sizeof one);
    const bool free = ::bind(probe, reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0;
    ::close(probe);
    if (free) return port;
  }
  return wanted;
}

std::vector<Port> choose_ports() {
  return {{Protocol::kSmtp, free_port(2525)},        {Protocol::kSubmission, free_port(2587)},
          {Protocol::kSubmissions, free_port(2465)}, {Protocol::kPop3, free_port(2110)},
          {Protocol::kPop3s, free_port(2995)},       {Protocol::kImap, free_port(2143)},
          {Protocol::kImaps, free_port(2993)}};
}

std::uint16_t port_of(const std::vector<Port>& ports, Protocol protocol) {
  for (const auto& port : ports)
    if (port.protocol == protocol) return port.number;
  return 0;
}

constexpr const char* kHostname = "mx.demo.test";

std::string configuration_text(const std::string& folder, const std::vector<Port>& ports) {
  auto text = fmt::format(
      "hostname = \"{}\"\ndata_directory = \"{}/data\"\n[log]\nfile = \"{}/log\"\n"
      "[[tls.certificate]]\nchain = \"{}/certificate.pem\"\nkey = \"{}/key.pem\"\n",
      kHostname, folder, folder, folder, folder);
  for (const auto& port : ports)
    text += fmt::format("[[listener]]\nprotocol = \"{}\"\naddress = \"127.0.0.1:{}\"\n", to_string(port.protocol),
                        port.number);
  return text;
}

std::expected<std::unique_ptr<server::Server>, std::string> start_server(const std::string& folder,
                                                                         const std::vector<Port>& ports,
                                                                         const Person& first) {
  VEREDUS_TRY(server::write_self_signed(kHostname, folder + "/certificate.pem", folder + "/key.pem"));
  auto configuration = config::parse_configuration(configuration_text(folder, ports), "demo", folder);
  if (!configuration) return std::unexpected(to_string(configuration.error()));
  VEREDUS_TRY(server::bootstrap(*configuration, {first.address, base::crypto::Secret(first.password)}));
  return server::Server::start(std::move(*configuration));
}

std::string demo_message(const Person& from, const Person& to) {
  const MachineClock clock;
  wire::mime::Builder builder(base::crypto::random_octets(16));
  builder.from({.name = "Alice", .address = from.address})
      .to({{.name = "Bob", .address = to.address}})
      .subject("The horses are fresh ✓")
      .date(clock.now())
      .message_id(base::codec::base32_encode(base::crypto::random_octets(10)) + "@demo.test")
      .body(
          wire::mime::text_part("This message came by authenticated submission over TLS, was on disk before the server "
                                "said 250,\r\nand was read back by POP3.\r\n"));
  return builder.build();
}

void print_json(const std::vector<Port>& ports, const std::vector<Person>& people, const std::string& folder) {
  object out{{"hostname", kHostname},
             {"host", "127.0.0.1"},
             {"directory", folder},
             {"admin_socket", folder + "/data/admin.sock"},
             {"certificate", folder + "/certificate.pem"}};
  object numbers;
  for (const auto& port : ports) numbers[to_string(port.protocol)] = port.number;
  out["ports"] = std::move(numbers);
  boost::json::array accounts;
  for (const auto& person : people)
    accounts.push_back(object{{"address", person.address}, {"password", person.password}});
  out["accounts"] = std::move(accounts);
  std::cout << boost::json::serialize(out) << std::endl;
}

void print_how_to_connect(const std::vector<Port>& ports, const std::vector<Person>& people,
                          const std::string& folder) {
  std::cout << "\nIt works. Connect a mail program (the certificate is self-signed: accept it):\n\n";
  for (const auto& person : people) std::cout << fmt::format("  {}  password {}\n", person.address, person.password);
  std::cout << fmt::format(
      "\n  incoming  IMAP  127.0.0.1 port {} (STARTTLS) or {} (TLS)\n"
      "            POP3  127.0.0.1 port {} (STARTTLS) or {} (TLS)\n"
      "  outgoing  SMTP  127.0.0.1 port {} (STARTTLS) or {} (TLS), with password\n"
      "  from other servers: 127.0.0.1 port {}, no password\n\n"
      "  try:  swaks --server 127.0.0.1:{} --from you@example.org --to {}\n"
      "  see:  veredus --socket {}/data/admin.sock status\n\nCtrl-C ends it and removes {}.\n",
      port_of(ports, Protocol::kImap), port_of(ports, Protocol::kImaps), port_of(ports, Protocol::kPop3),
      port_of(ports, Protocol::kPop3s), port_of(ports, Protocol::kSubmission), port_of(ports, Protocol::kSubmissions),
      port_of(ports, Protocol::kSmtp), port_of(ports, Protocol::kSmtp), people[1].address, folder, folder);
  std::cout.flush();
}

int demo(const Invocation& invocation, const Options& options) {
  const auto fail = [](const std::string& why) {
    std::cerr << "veredus: the demo failed: " << why << "\n";
    return static_cast<int>(kFailed);
  };
  const TemporaryFolder folder;
  if (folder.path().empty()) return fail("no temporary directory");
  const auto ports = choose_ports();
  const auto password = [] { return base::codec::base32_encode(base::crypto::random_octets(10)); };
  const std::vector<Person> people{{"alice@demo.test", password()}, {"bob@demo.test", password()}};
  auto server = start_server(folder.path(), ports, people[0]);
  if (!server) return fail(server.error());
  AdminClient client(folder.path() + "/data/admin.sock");
  const object bob{{"address", people[1].address}, {"password", people[1].password}, {"display_name", "Bob"}};
  if (!client.call(io::http::Method::kPost, "/v1/accounts", bob)) return fail("bob's account was not made");

  if (invocation.json) print_json(ports, people, folder.path());
  DemoPlan plan{.hostname = kHostname,
                .certificate_pem = read_file(folder.path() + "/certificate.pem").value_or(""),
                .submission_port = port_of(ports, Protocol::kSubmission),
                .pop3_port = port_of(ports, Protocol::kPop3),
                .from = people[0].address,
                .from_password = people[0].password,
                .to = people[1].address,
                .to_password = people[1].password,
                .message = demo_message(people[0], people[1]),
                .say = [&](const std::string& line) {
                  if (!invocation.json) std::cout << line << "\n";
                }};
  if (const auto done = run_demo_dialogue(std::move(plan)); !done) return fail(done.error());
  if (!invocation.json) print_how_to_connect(ports, people, folder.path());
  if (options.once) (*server)->request_stop();
  (*server)->run();
  return kOk;
}

}  // namespace

void add_demo_command(CLI::App& app, Invocation& invocation) {
  const auto options = std::make_shared<Options>();
  auto* command = add_command(
      app, invocation, "demo",
      "a server on loopback with two accounts and a throw-away directory; sends a message and reads it back");
  command->add_flag("--once", options->once, "end after the dialogue: exit code 0 only when all of it worked");
  command->callback(
      [&invocation, options] { invocation.command = [&invocation, options] { return demo(invocation, *options); }; });
}

}  // namespace veredus::app::cli
