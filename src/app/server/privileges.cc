#include "app/server/privileges.h"

#include <fmt/format.h>
#include <grp.h>
#include <pwd.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <filesystem>
#include <vector>

#include "base/types/result.h"

namespace veredus::app::server {
namespace {

std::expected<struct passwd*, std::string> find_user(const std::string& user) {
  errno = 0;
  struct passwd* entry = ::getpwnam(user.c_str());  // NOLINT(concurrency-mt-unsafe): one thread at start
  if (entry == nullptr) return std::unexpected(fmt::format("there is no user '{}' to run as (run_as)", user));
  return entry;
}

}  // namespace

std::expected<void, std::string> prepare_directory(const std::string& directory, const std::string& user) {
  std::error_code error;
  const bool made = std::filesystem::create_directories(directory, error);
  if (error) return std::unexpected(fmt::format("{}: {}", directory, error.message()));
  if (made && ::chmod(directory.c_str(), 0700) != 0)
    return std::unexpected(fmt::format("{}: {}", directory, std::strerror(errno)));
  return made ? give_to(directory, user) : std::expected<void, std::string>();
}

std::expected<void, std::string> give_to(const std::string& path, const std::string& user) {
  if (user.empty() || ::geteuid() != 0) return {};
  const auto entry = find_user(user);
  if (!entry) return std::unexpected(entry.error());
  if (::chown(path.c_str(), (*entry)->pw_uid, (*entry)->pw_gid) != 0)
    return std::unexpected(fmt::format("{}: {}", path, std::strerror(errno)));
  return {};
}

std::expected<void, std::string> do_as(const std::string& user,
                                       const std::function<std::expected<void, std::string>()>& work) {
  if (user.empty() || ::geteuid() != 0) return work();
  const auto entry = find_user(user);
  if (!entry) return std::unexpected(entry.error());
  const auto uid = (*entry)->pw_uid;
  const auto gid = (*entry)->pw_gid;
  std::vector<gid_t> groups(static_cast<std::size_t>(std::max(::getgroups(0, nullptr), 0)));
  const auto own_group = ::getegid();
  if (::getgroups(static_cast<int>(groups.size()), groups.data()) < 0 || ::initgroups(user.c_str(), gid) != 0)
    return std::unexpected(fmt::format("cannot act as '{}': {}", user, std::strerror(errno)));
  const bool changed = ::setegid(gid) == 0 && ::seteuid(uid) == 0;
  auto done = changed ? work()
                      : std::expected<void, std::string>(
                            std::unexpect, fmt::format("cannot act as '{}': {}", user, std::strerror(errno)));
  VEREDUS_CHECK(::seteuid(0) == 0 && ::setegid(own_group) == 0 && ::setgroups(groups.size(), groups.data()) == 0);
  return done;
}

void raise_descriptor_limit() {
  struct rlimit limit{};
  if (::getrlimit(RLIMIT_NOFILE, &limit) != 0 || limit.rlim_cur == limit.rlim_max) return;
  limit.rlim_cur = limit.rlim_max;
  (void)::setrlimit(RLIMIT_NOFILE, &limit);  // what was there before serves fewer sessions
}

std::expected<void, std::string> become(const std::string& user) {
  if (user.empty()) return {};
  const auto entry = find_user(user);
  if (!entry) return std::unexpected(entry.error());
  if (::geteuid() == (*entry)->pw_uid) return {};
  if (::geteuid() != 0) return std::unexpected(fmt::format("only root can become '{}' (run_as)", user));
  if (::initgroups(user.c_str(), (*entry)->pw_gid) != 0 || ::setgid((*entry)->pw_gid) != 0 ||
      ::setuid((*entry)->pw_uid) != 0)
    return std::unexpected(fmt::format("cannot become '{}': {}", user, std::strerror(errno)));
  if (::setuid(0) == 0) return std::unexpected(fmt::format("became '{}', but could become root again", user));
  return {};
}

}  // namespace veredus::app::server
