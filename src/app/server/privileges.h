#pragma once

#include <expected>
#include <functional>
#include <string>

namespace veredus::app::server {

/// Makes `directory` (0700) when it is missing; when this is root and `user` is not empty, gives it to that user.
std::expected<void, std::string> prepare_directory(const std::string& directory, const std::string& user);

/// When this is root and `user` is not empty, gives the file to that user.
std::expected<void, std::string> give_to(const std::string& path, const std::string& user);

/// Does `work` as `user`: where that user owns a folder, root could be led anywhere by what he has put there. When this
/// is not root, or `user` is empty, as who it is. All threads change; for start-up.
std::expected<void, std::string> do_as(const std::string& user,
                                       const std::function<std::expected<void, std::string>()>& work);

/// As many open files as the system lets us have: each session is one.
void raise_descriptor_limit();

/// Becomes `user`, for good. Empty: stays. Not root: only checks that it is that user already.
std::expected<void, std::string> become(const std::string& user);

}  // namespace veredus::app::server
