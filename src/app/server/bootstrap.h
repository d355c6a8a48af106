#pragma once

#include <expected>
#include <string>
#include <vector>

#include "app/config/configuration.h"
#include "base/crypto/secret.h"

namespace veredus::app::server {

/// The first domain and the first account, its administrator.
struct FirstAccount {
  std::string address;
  base::crypto::Secret password;
};

/// Makes the store of a server that has never run and puts the first account into it, and keys that sign its domain's
/// mail. The server must not be running. Answers what DNS needs for them, lines of a zone file. Errors: a sentence for
/// people.
std::expected<std::vector<std::string>, std::string> bootstrap(const config::Configuration& configuration,
                                                               FirstAccount first);

/// Writes a new key, readable by its owner alone, and a self-signed certificate for `hostname`. Errors: a file is there
/// already.
std::expected<void, std::string> write_self_signed(const std::string& hostname, const std::string& chain_file,
                                                   const std::string& key_file);

}  // namespace veredus::app::server
