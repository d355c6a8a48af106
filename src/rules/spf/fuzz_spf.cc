#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

#include "rules/spf/check_host.h"
#include "rules/spf/record.h"

namespace spf = veredus::rules::spf;
namespace inquiry = veredus::rules::inquiry;

/// Lines are what DNS answers, one after the other: whatever it says, a check ends within its limits.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* octets, std::size_t size) {
  std::string_view rest(reinterpret_cast<const char*>(octets), size);
  spf::Subject subject;
  subject.address = *veredus::base::codec::parse_ip("192.0.2.1");
  subject.mail_from = "alice@example.org";
  auto check = spf::check_host(subject, spf::Options());
  std::size_t asked = 0;
  while (check.question() != nullptr) {
    if (++asked > 500) std::abort();
    const auto line = rest.substr(0, rest.find('\n'));
    rest.remove_prefix(std::min(rest.size(), line.size() + 1));
    inquiry::Reply reply;
    reply.status = line.empty() ? inquiry::ReplyStatus::kNoRecord : inquiry::ReplyStatus::kFound;
    reply.texts = {std::string(line)};
    reply.names = {std::string(line)};
    reply.exchanges = {{.preference = 1, .host = std::string(line)}};
    check.answer(std::move(reply));
  }
  static_cast<void>(check.take());
  return 0;
}
