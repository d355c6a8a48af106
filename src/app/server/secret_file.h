#pragma once

#include <expected>
#include <string>
#include <string_view>

#include "base/crypto/secret.h"

namespace veredus::app::server {

/// The server's own secret: 32 random octets kept in `path` (mode 0600), made when the file is missing. It must stay
/// the same over restarts. Errors: a sentence for people.
std::expected<std::string, std::string> load_or_make_secret(const std::string& path);

/// The key that secrets in the store are sealed with, made of the server's own: docs/formats/directory.md.
base::crypto::Secret sealing_key_of(std::string_view secret);

/// Writes a new file, on disk when this returns. Errors: it exists already, or cannot be written.
std::expected<void, std::string> write_new_file(const std::string& path, std::string_view octets, unsigned mode);

}  // namespace veredus::app::server
