#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

#include "io/net/proxy_protocol.h"

using namespace veredus::io::net;

namespace {

void require(bool holds) {
  if (!holds) std::abort();
}

void comes_back(const ProxyHeader& header, const std::string& formatted) {
  const auto again = parse_proxy_header(formatted);
  require(again && *again && (*again)->octets == formatted.size());
  require((*again)->source == header.source && (*again)->destination == header.destination);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* octets, std::size_t size) {
  const std::string_view input(reinterpret_cast<const char*>(octets), size);
  const auto parsed = parse_proxy_header(input);
  if (!parsed || !*parsed) return 0;
  const auto& header = **parsed;
  require(header.octets <= size && header.octets <= kProxyHeaderLimit);
  for (std::size_t cut = 0; cut < header.octets && cut < 300; ++cut) {
    const auto part = parse_proxy_header(input.substr(0, cut));
    require(part && !*part);  // a header cut short is never one, nor an error
  }
  if (header.command != ProxyHeader::Command::kProxy) return 0;
  const bool one_family = header.source.address.family() == header.destination.address.family();
  if (!one_family) return 0;  // an IPv4-mapped address beside a real IPv6 one
  comes_back(header, format_proxy_v2(header.source, header.destination));
  if (!header.source.is_unix()) comes_back(header, format_proxy_v1(header.source, header.destination));
  return 0;
}
