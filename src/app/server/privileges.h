#pragma once

#include <expected>
#include <string>

namespace veredus::app::server {

/// Makes `directory` (0700) when it is missing; when this is root and `user` is not empty, gives it to that user.
std::expected<void, std::string> prepare_directory(const std::string& directory, const std::string& user);

/// When this is root and `user` is not empty, gives the file to that user.
std::expected<void, std::string> give_to(const std::string& path, const std::string& user);

/// As many open files as the system lets us have: each session is one.
void raise_descriptor_limit();

/// Becomes `user`, for good. Empty: stays. Not root: only checks that it is that user already.
std::expected<void, std::string> become(const std::string& user);

}  // namespace veredus::app::server
