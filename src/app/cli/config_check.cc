#include "app/cli/config_check.h"

#include <fmt/format.h>
#include <pwd.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <string_view>
#include <utility>

#include "io/net/tls_context.h"

namespace veredus::app::cli {
namespace {

/// The first line of `file` with `text` on it that is no comment; 0: none.
unsigned line_with(const std::string& file, std::string_view text) {
  std::ifstream in(file);
  std::string line;
  for (unsigned number = 1; std::getline(in, line); ++number)
    if (!line.starts_with('#') && line.contains(text)) return number;
  return 0;
}

std::string name_of(const std::string& path) { return std::filesystem::path(path).filename().string(); }

bool is_readable(const std::string& path) { return std::ifstream(path).good(); }

void check_certificate(const io::net::TlsContext::Certificate& certificate, const std::string& file,
                       std::vector<config::ConfigError>& errors) {
  io::net::TlsContext::ServerOptions options;
  options.certificates.push_back(certificate);
  const auto loaded = io::net::TlsContext::server(std::move(options));
  if (loaded) return;
  const bool of_key = loaded.error() == io::net::TlsError::kKeyFile;
  const std::string& path = of_key ? certificate.key_file : certificate.chain_file;
  const int refused = is_readable(path) ? 0 : errno;
  if (refused == EACCES && ::geteuid() != 0) return;  // the server is started by somebody who may read it
  const std::string why =
      refused == 0 ? std::string(to_string(loaded.error())) : fmt::format("cannot be read: {}", std::strerror(refused));
  const unsigned line = line_with(file, path);  // it may be written below the data directory
  errors.push_back({file, line != 0 ? line : line_with(file, name_of(path)),
                    fmt::format("'tls.certificate.{}': {}: {}", of_key ? "key" : "chain", path, why)});
}

}  // namespace

std::vector<config::ConfigError> errors_on_this_machine(const config::Configuration& configuration,
                                                        const std::string& file) {
  std::vector<config::ConfigError> errors;
  for (const auto& certificate : configuration.certificates) check_certificate(certificate, file, errors);
  const auto& user = configuration.run_as;
  if (!user.empty() && ::getpwnam(user.c_str()) == nullptr)
    errors.push_back({file, line_with(file, "run_as"), fmt::format("'run_as': there is no user '{}'", user)});
  return errors;
}

}  // namespace veredus::app::cli
