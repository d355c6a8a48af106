#include "io/net/socket_address.h"

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/un.h>

#include <algorithm>
#include <cerrno>
#include <cstddef>
#include <cstring>

namespace veredus::io::net {
namespace {

std::expected<SocketAddress, IoError> of_path(const std::string& path) {
  SocketAddress result;
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  if (path.empty() || path.size() >= sizeof(address.sun_path)) return std::unexpected(IoError::kAddress);
  std::ranges::copy(path, std::begin(address.sun_path));
  std::memcpy(&result.storage, &address, sizeof(address));
  result.length = static_cast<socklen_t>(offsetof(sockaddr_un, sun_path) + path.size() + 1);
  return result;
}

SocketAddress of_ip(const IpAddress& ip, std::uint16_t port) {
  SocketAddress result;
  if (ip.is_v6()) {
    sockaddr_in6 address{};
    address.sin6_family = AF_INET6;
    address.sin6_port = htons(port);
    std::memcpy(&address.sin6_addr, ip.octets().data(), sizeof(address.sin6_addr));
    std::memcpy(&result.storage, &address, sizeof(address));
    result.length = sizeof(address);
  } else {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(port);
    std::memcpy(&address.sin_addr, ip.octets().data(), sizeof(address.sin_addr));
    std::memcpy(&result.storage, &address, sizeof(address));
    result.length = sizeof(address);
  }
  return result;
}

}  // namespace

std::expected<SocketAddress, IoError> SocketAddress::of(const Endpoint& endpoint) {
  if (endpoint.kind == Endpoint::Kind::kUnix) return of_path(endpoint.path);
  if (endpoint.kind == Endpoint::Kind::kIp) return of_ip(endpoint.address, endpoint.port);
  return std::unexpected(IoError::kAddress);
}

Endpoint SocketAddress::endpoint() const {
  if (storage.ss_family == AF_INET) {
    sockaddr_in address{};
    std::memcpy(&address, &storage, sizeof(address));
    std::array<std::uint8_t, 4> octets{};
    std::memcpy(octets.data(), &address.sin_addr, octets.size());
    return Endpoint::ip(IpAddress::v4(octets), ntohs(address.sin_port));
  }
  if (storage.ss_family == AF_INET6) {
    sockaddr_in6 address{};
    std::memcpy(&address, &storage, sizeof(address));
    std::array<std::uint8_t, 16> octets{};
    std::memcpy(octets.data(), &address.sin6_addr, octets.size());
    return Endpoint::ip(IpAddress::v6(octets), ntohs(address.sin6_port));
  }
  if (storage.ss_family != AF_UNIX) return {};
  sockaddr_un address{};
  std::memcpy(&address, &storage, sizeof(address));
  const auto longest =
      static_cast<std::size_t>(length) - std::min<std::size_t>(length, offsetof(sockaddr_un, sun_path));
  return Endpoint::unix_socket(std::string(address.sun_path, strnlen(address.sun_path, longest)));
}

std::expected<UniqueFd, IoError> open_socket(const Endpoint& endpoint) {
  const int family = endpoint.is_unix() ? AF_UNIX : endpoint.address.is_v6() ? AF_INET6 : AF_INET;
  UniqueFd fd(::socket(family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
  if (!fd) return std::unexpected(io_error_of(errno));
  return fd;
}

Endpoint local_endpoint(int fd) {
  SocketAddress address;
  address.length = sizeof(address.storage);
  if (::getsockname(fd, address.get(), &address.length) != 0) return {};
  return address.endpoint();
}

void set_no_delay(int fd, const Endpoint& peer) {
  const int on = 1;
  if (!peer.is_unix()) ::setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
}

}  // namespace veredus::io::net
