#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "base/codec/ascii.h"
#include "base/types/result.h"
#include "io/dns/name.h"
#include "io/dns/rdata.h"

using namespace veredus;
using namespace veredus::io::dns;

/// The octets of a name that needed no escapes.
static std::string plain_rdata(std::string_view name) {
  std::string out;
  while (name != "." && !name.empty()) {
    const auto dot = name.find('.');
    out.push_back(static_cast<char>(name.substr(0, dot).size()));
    out.append(name.substr(0, dot));
    name.remove_prefix(dot == std::string_view::npos ? name.size() : dot + 1);
  }
  return out + '\0';
}

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* octets, std::size_t size) {
  const std::string_view rdata(reinterpret_cast<const char*>(octets), size);
  if (const auto name = parse_target(rdata)) {
    for (const char c : *name) VEREDUS_CHECK(c > ' ' && c < 0x7F);
    VEREDUS_CHECK(escaped_query_name(*name) == name);
    if (query_name(*name))
      VEREDUS_CHECK(query_name(*name) == name && plain_rdata(*name) == base::codec::to_lower_ascii(rdata));
  }
  if (const auto mx = parse_mx(rdata)) VEREDUS_CHECK(parse_target(rdata.substr(2)) == mx->exchange);
  if (const auto srv = parse_srv(rdata)) VEREDUS_CHECK(parse_target(rdata.substr(6)) == srv->target);
  if (const auto txt = parse_txt(rdata)) VEREDUS_CHECK(txt->size() < size);
  if (const auto tlsa = parse_tlsa(rdata)) VEREDUS_CHECK(rdata.ends_with(tlsa->association));
  if (const auto a = parse_a(rdata)) VEREDUS_CHECK(a->octets() == rdata);
  if (const auto aaaa = parse_aaaa(rdata)) VEREDUS_CHECK(aaaa->octets() == rdata);
  if (const auto name = query_name(rdata)) VEREDUS_CHECK(query_name(*name) == name);
  if (const auto name = escaped_query_name(rdata)) VEREDUS_CHECK(escaped_query_name(*name) == name);
  return 0;
}
