#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "state/mailbox/rows.h"

namespace {

namespace rows = veredus::state::mailbox::rows;

constexpr std::size_t kPageMessages = 3;

}  // namespace

/// A part that is surveyed has, once unpacked, the messages that decoding finds.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* octets, std::size_t size) {
  const std::string input(reinterpret_cast<const char*>(octets), size);
  const auto part = rows::decode_table_part(input);
  const auto survey = rows::survey_table_part(std::make_shared<const std::string>(input), kPageMessages);
  VEREDUS_CHECK(part.has_value() == survey.has_value());
  if (!survey) return 0;
  std::vector<veredus::state::mailbox::Message> messages;
  for (const auto& page : survey->pages) {
    const auto more = unpack(page.messages);
    veredus::state::mailbox::PageSummary summary;
    for (const auto& message : more) summary.add(message);
    VEREDUS_CHECK(summary == page.summary);
    messages.insert(messages.end(), more.begin(), more.end());
  }
  VEREDUS_CHECK(messages == part->messages);
  return 0;
}
