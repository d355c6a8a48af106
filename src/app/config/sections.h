#pragma once

#include <string>
#include <vector>

#include "app/config/configuration.h"
#include "app/config/table_reader.h"

namespace veredus::app::config {

/// Where the text came from, for errors.
struct Place {
  std::string file;
};

/// Each reads one table of the file into its part of the configuration.
void read_listeners(const toml::table& file, const Place& place, Configuration& to, std::vector<ConfigError>& errors);
void read_tls(const toml::table& file, const Place& place, Configuration& to, std::vector<ConfigError>& errors);
void read_acme(const toml::table& file, const Place& place, Configuration& to, std::vector<ConfigError>& errors);
void read_admin(const toml::table& file, const Place& place, Configuration& to, std::vector<ConfigError>& errors);
void read_queue(const toml::table& file, const Place& place, Configuration& to, std::vector<ConfigError>& errors);
void read_signing(const toml::table& file, const Place& place, Configuration& to, std::vector<ConfigError>& errors);
void read_probe(const toml::table& file, const Place& place, Configuration& to, std::vector<ConfigError>& errors);
void read_dns(const toml::table& file, const Place& place, Configuration& to, std::vector<ConfigError>& errors);
void read_reports(const toml::table& file, const Place& place, Configuration& to, std::vector<ConfigError>& errors);
void read_log(const toml::table& file, const Place& place, Configuration& to, std::vector<ConfigError>& errors);
void read_sessions(const toml::table& file, const Place& place, Configuration& to, std::vector<ConfigError>& errors);
void read_smtp(const toml::table& file, const Place& place, Configuration& to, std::vector<ConfigError>& errors);
void read_mail_auth(const toml::table& file, const Place& place, Configuration& to, std::vector<ConfigError>& errors);
void read_pop3(const toml::table& file, const Place& place, Configuration& to, std::vector<ConfigError>& errors);
void read_imap(const toml::table& file, const Place& place, Configuration& to, std::vector<ConfigError>& errors);
void read_login(const toml::table& file, const Place& place, Configuration& to, std::vector<ConfigError>& errors);
void read_storage(const toml::table& file, const Place& place, Configuration& to, std::vector<ConfigError>& errors);

/// The table called `name`; null when it is absent, an error when it is something else.
const toml::table* table_of(const toml::table& file, std::string_view name, const Place& place,
                            std::vector<ConfigError>& errors);

}  // namespace veredus::app::config
