#include <cstddef>
#include <cstdint>
#include <string_view>

#include "base/types/result.h"
#include "wire/smtp/capabilities.h"
#include "wire/smtp/reply.h"

using namespace veredus::wire::smtp;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* octets, std::size_t size) {
  std::string_view rest(reinterpret_cast<const char*>(octets), size);
  ReplyReader reader;
  while (!rest.empty()) {
    const auto line = rest.substr(0, rest.find('\n'));
    rest.remove_prefix(line.size() == rest.size() ? line.size() : line.size() + 1);
    auto read = reader.feed(line);
    if (!read) return 0;
    if (!*read) continue;
    const Reply& reply = **read;
    VEREDUS_CHECK(reply.code >= 200 && reply.code <= 599);
    VEREDUS_CHECK(reply.status.klass == 0 || reply.status.klass == reply.code / 100);
    const auto capabilities = parse_capabilities(reply);
    VEREDUS_CHECK(capabilities.deliver_by_min >= 0);
    // What is written of it reads back with the same code.
    ReplyReader again;
    auto written = to_string(reply);
    std::string_view lines = written;
    while (!lines.empty()) {
      auto once_more = again.feed(lines.substr(0, lines.find("\r\n")));
      VEREDUS_CHECK(once_more);
      if (*once_more) VEREDUS_CHECK((*once_more)->code == reply.code);
      lines.remove_prefix(lines.find("\r\n") + 2);
    }
    VEREDUS_CHECK(!again.within_reply());
  }
  return 0;
}
