#include <algorithm>
#include <cstddef>
#include <cstdint>

#include "wire/imap/response.h"

using namespace veredus::wire::imap;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* octets, std::size_t size) {
  std::string_view input(reinterpret_cast<const char*>(octets), size);
  ResponseReader reader({.literal_octets = 4096});
  while (!input.empty()) {
    const auto end = std::min(input.find('\n'), input.size());
    auto step = reader.feed_line(input.substr(0, end));
    input.remove_prefix(std::min(end + 1, input.size()));
    if (step && std::holds_alternative<NeedResponseLiteral>(*step)) {
      const auto wanted = std::get<NeedResponseLiteral>(*step).octets;
      if (wanted > input.size()) return 0;
      step = wanted > 100 ? reader.passed() : reader.feed_literal(input.substr(0, wanted));
      input.remove_prefix(wanted);
    }
    if (!step) return 0;
    if (const auto* response = std::get_if<Response>(&*step)) {
      (void)read_list(*response, Names::kModifiedUtf7);
      (void)read_status(*response, Names::kUtf8);
      (void)read_fetch(*response);
      (void)read_search(*response);
      (void)read_capability(*response);
    }
  }
  return 0;
}
