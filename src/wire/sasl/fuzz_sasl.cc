#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "base/types/result.h"
#include "wire/sasl/client.h"
#include "wire/sasl/exchange.h"
#include "wire/sasl/response_line.h"
#include "wire/sasl/scram_message.h"

using namespace veredus::wire::sasl;

// The first octet chooses the mechanism, the lines behind it are what a client sends. The directory knows nobody.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* octets, std::size_t size) {
  if (size == 0) return 0;
  std::string_view rest(reinterpret_cast<const char*>(octets) + 1, size - 1);
  auto exchange = *Exchange::create(
      mechanisms(Protection::kEncryptedWithBinding)[octets[0] % 4],
      {.channel_bindings = {{.type = "tls-exporter", .octets = "key"}}, .nonce = [] { return std::string("n"); }});
  Step step = exchange->start(std::nullopt);
  while (!std::holds_alternative<Failure>(step)) {
    VEREDUS_CHECK(!std::holds_alternative<Success>(step));
    if (std::holds_alternative<NeedScramKeys>(step)) {
      step = exchange->scram_keys({});
    } else if (std::holds_alternative<CheckPassword>(step)) {
      step = exchange->password_checked(false);
    } else {
      if (rest.empty()) break;
      const auto line = rest.substr(0, rest.find('\n'));
      rest.remove_prefix(line.size() == rest.size() ? line.size() : line.size() + 1);
      step = exchange->resume(std::string(line));
    }
  }
  if (const auto first = parse_server_first(rest))
    VEREDUS_CHECK(parse_server_first(to_message(*first))->salt == first->salt);
  (void)parse_server_final(rest);
  (void)decode_initial_response(rest);
  return 0;
}
