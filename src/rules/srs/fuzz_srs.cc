#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "base/types/result.h"
#include "rules/srs/srs.h"

using namespace veredus;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* octets, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(octets), size);
  const std::vector<std::string> secrets{"new", "old"};
  const SystemTime now{std::chrono::days(20'000)};
  const auto address = wire::smtp::parse_mailbox(text);
  if (!address) return 0;
  (void)rules::srs::unwind(*address, secrets, now, {});
  const auto rewritten = rules::srs::rewrite(*address, "ours.test", secrets, now);
  if (!rewritten) return 0;
  // What was rewritten is an address of ours and leads back to where it came from, one hop at a time.
  VEREDUS_CHECK(wire::smtp::parse_mailbox(to_string(*rewritten)) == *rewritten && rewritten->domain == "ours.test");
  const auto back = rules::srs::unwind(*rewritten, secrets, now, {});
  VEREDUS_CHECK(back.has_value());
  if (!rules::srs::is_srs(address->local_part)) VEREDUS_CHECK(*back == *address);
  // One changed character of the hash is seen.
  auto forged = *rewritten;
  forged.local_part[5] = forged.local_part[5] == 'a' ? 'b' : 'a';
  VEREDUS_CHECK(!rules::srs::unwind(forged, secrets, now, {}));
  return 0;
}
