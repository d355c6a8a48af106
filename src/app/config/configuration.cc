#include "app/config/configuration.h"

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>

#include "app/config/sections.h"
#include "base/codec/idna.h"
#include "base/types/read_file.h"

namespace veredus::app::config {
namespace {

/// The keys that stand above all tables.
void read_top(const toml::table& file, const Place& place, Configuration& to, std::vector<ConfigError>& errors) {
  TableReader in(&file, "", place.file, errors);
  const auto* hostname = in.key("hostname");
  in.read(hostname, to.hostname);
  const auto ascii = base::codec::to_ascii(to.hostname);
  if (hostname == nullptr)
    in.fail(nullptr, "'hostname' is missing: the name this server has in DNS, such as \"mx.example.org\"");
  else if (!ascii || to.hostname.find('.') == std::string::npos)
    in.fail(hostname, "wants a full host name, such as \"mx.example.org\"");
  else
    to.hostname = *ascii;

  in.read(in.key("data_directory"), to.data_directory);
  if (to.data_directory.empty()) in.fail(nullptr, "'data_directory' is missing: where all mail is kept");
  in.read(in.key("run_as"), to.run_as);
  in.read(in.key("reactors"), to.reactors, 0, 1024);
  in.read(in.key("drain_wait"), to.drain_wait);
  in.read_size(in.key("memory"), to.memory_octets);
  for (const char* table :
       {"listener", "tls",   "acme",    "admin",   "dns",    "probe",   "log",   "sessions", "smtp",    "pop3",
        "imap",     "login", "storage", "mailbox", "search", "journal", "queue", "reports",  "signing", "mail_auth"})
    in.key(table);
  in.finish();
}

std::string absolute(const std::string& path, const std::string& folder) {
  if (path.empty() || path.front() == '/') return path;
  return (std::filesystem::path(folder) / path).lexically_normal().string();
}

void make_paths_absolute(Configuration& to, const std::string& folder) {
  to.data_directory = absolute(to.data_directory, folder);
  to.log_file = absolute(to.log_file, folder);
  to.acme.folder = absolute(to.acme.folder, folder);
  to.admin_socket = to.admin_socket.empty() ? to.data_directory + "/admin.sock" : absolute(to.admin_socket, folder);
  for (auto* file : {&to.dns.resolv_conf, &to.dns.trust_anchor_file, &to.dns.root_hints_file, &to.proven_anchor})
    *file = absolute(*file, folder);
  for (auto& certificate : to.certificates) {
    certificate.chain_file = absolute(certificate.chain_file, folder);
    certificate.key_file = absolute(certificate.key_file, folder);
  }
}

/// The certificate that is asked for is shown where none of the others fits better.
void use_acme(Configuration& to) {
  if (to.acme.directory.empty()) return;
  if (to.acme.names.empty()) to.acme.names = {to.hostname};
  to.acme.folder = to.data_directory + "/acme";
  io::net::TlsContext::Certificate file;
  file.chain_file = file.key_file = to.acme.certificate_file();
  to.certificates.push_back(std::move(file));
}

/// What follows from other keys, and what must fit together.
void complete(Configuration& to, const Place& place, std::vector<ConfigError>& errors) {
  to.engine.directory = to.data_directory + "/store";
  use_acme(to);
  to.smtp.hostname = to.hostname;
  to.smtp.offer_tls = !to.certificates.empty();
  to.reception.max_octets = to.smtp.max_message_octets;
  to.queue.hostname = to.hostname;
  if (to.mail_auth.authserv_id.empty()) to.mail_auth.authserv_id = to.hostname;
  to.sites.own_names.push_back(to.hostname);
  for (const auto& source : to.queue.sources)
    if (!source.hello_name.empty()) to.sites.own_names.push_back(source.hello_name);
  to.pop3.hostname = to.hostname;
  to.pop3.offer_tls = !to.certificates.empty();
  to.imap.hostname = to.hostname;
  to.imap.offer_tls = !to.certificates.empty();
  to.imap.max_message_octets = to.smtp.max_message_octets;
  if (to.listeners.empty()) errors.push_back({place.file, 0, "no [[listener]]: the server would hear nobody"});
  const bool needs_certificate =
      std::ranges::any_of(to.listeners, [](const auto& l) { return is_implicit_tls(l.protocol); });
  if (needs_certificate && to.certificates.empty())
    errors.push_back({place.file, 0, "a listener with TLS from the start needs a [[tls.certificate]] or [acme]"});
}

}  // namespace

std::expected<Configuration, std::vector<ConfigError>> parse_configuration(std::string_view text,
                                                                           const std::string& file,
                                                                           const std::string& folder) {
  const toml::parse_result parsed = toml::parse(text, std::string_view(file));
  if (!parsed) {
    const auto& error = parsed.error();
    return std::unexpected(std::vector{ConfigError{file, error.source().begin.line, std::string(error.description())}});
  }
  const toml::table& table = parsed.table();
  const Place place{file};
  std::vector<ConfigError> errors;
  Configuration to;
  read_top(table, place, to, errors);
  read_listeners(table, place, to, errors);
  read_tls(table, place, to, errors);
  read_acme(table, place, to, errors);
  read_admin(table, place, to, errors);
  read_dns(table, place, to, errors);
  read_probe(table, place, to, errors);
  read_signing(table, place, to, errors);
  read_queue(table, place, to, errors);
  read_reports(table, place, to, errors);
  read_log(table, place, to, errors);
  read_sessions(table, place, to, errors);
  read_smtp(table, place, to, errors);
  read_mail_auth(table, place, to, errors);
  read_pop3(table, place, to, errors);
  read_imap(table, place, to, errors);
  read_login(table, place, to, errors);
  read_storage(table, place, to, errors);
  if (errors.empty()) complete(to, place, errors);
  if (!errors.empty()) {
    std::ranges::sort(errors, {}, [](const ConfigError& e) { return std::pair(e.line, std::string_view(e.text)); });
    return std::unexpected(std::move(errors));
  }
  make_paths_absolute(to, folder);
  to.engine.directory = to.data_directory + "/store";
  return to;
}

std::expected<Configuration, std::vector<ConfigError>> load_configuration(const std::string& path) {
  const auto text = read_file(path);
  if (!text) return std::unexpected(std::vector{ConfigError{path, 0, "cannot be read; `veredus init` writes one"}});
  std::error_code ignored;
  const auto folder = std::filesystem::absolute(path, ignored).parent_path().string();
  auto read = parse_configuration(*text, path, folder);
  if (read) read->file = std::filesystem::absolute(path, ignored).string();
  return read;
}

}  // namespace veredus::app::config
