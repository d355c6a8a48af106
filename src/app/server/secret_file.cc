#include "app/server/secret_file.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <filesystem>

#include "base/crypto/digest.h"
#include "base/crypto/random.h"
#include "base/types/read_file.h"
#include "base/types/result.h"

namespace veredus::app::server {

namespace {
constexpr std::size_t kSecretOctets = 32;
constexpr std::string_view kSealingKeyName = "veredus sealing key";
}  // namespace

base::crypto::Secret sealing_key_of(std::string_view secret) {
  return base::crypto::Secret(base::crypto::hmac_sha256(secret, kSealingKeyName));
}

std::expected<void, std::string> write_new_file(const std::string& path, std::string_view octets, unsigned mode) {
  const int file = ::open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, mode);
  if (file < 0) return std::unexpected(fmt::format("{}: {}", path, std::strerror(errno)));
  const bool written =
      ::write(file, octets.data(), octets.size()) == static_cast<ssize_t>(octets.size()) && ::fsync(file) == 0;
  const int error = errno;
  ::close(file);
  if (!written) return std::unexpected(fmt::format("{}: {}", path, std::strerror(error)));
  return {};
}

std::expected<std::string, std::string> load_or_make_secret(const std::string& path) {
  if (!std::filesystem::exists(path)) {
    std::string made = base::crypto::random_octets(kSecretOctets);
    VEREDUS_TRY(write_new_file(path, made, 0600));
    return made;
  }
  auto octets = read_file(path).value_or("");
  if (octets.size() != kSecretOctets)
    return std::unexpected(fmt::format("{}: {} octets expected", path, kSecretOctets));
  return octets;
}

}  // namespace veredus::app::server
