#include <cstddef>
#include <cstdint>
#include <string_view>

#include "state/mailbox/keys.h"
#include "state/mailbox/rows.h"

namespace {

namespace rows = veredus::state::mailbox::rows;

/// What decodes must encode to something that decodes to the same again.
template <class Decode, class Encode>
void check(std::string_view octets, const Decode& decode, const Encode& encode) {
  const auto row = decode(octets);
  if (!row) return;
  const auto encoded = encode(*row);
  const auto again = decode(encoded);
  VEREDUS_CHECK(again && encode(*again) == encoded);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* octets, std::size_t size) {
  const std::string_view input(reinterpret_cast<const char*>(octets), size);
  const auto encode = [](const auto& row) { return rows::encode(row); };
  check(input, rows::decode_account, encode);
  check(input, rows::decode_mailbox, encode);
  check(input, [](std::string_view in) { return rows::decode_message(veredus::Uid(1), in); }, encode);
  check(input, [](std::string_view in) { return rows::decode_flag_page(0, in); }, encode);
  check(input, rows::decode_table_part, encode);
  check(input, rows::decode_change, encode);
  check(input, rows::decode_email, encode);
  check(input, rows::decode_dedupe, encode);
  check(input, rows::decode_staged, encode);
  check(input, rows::decode_locations, rows::encode_locations);
  check(input, rows::decode_rights, rows::encode_rights);
  check(input, rows::decode_sharer, rows::encode_sharer);
  check(input, rows::decode_annotation, rows::encode_annotation);
  namespace keys = veredus::state::mailbox::keys;
  if (const auto due = keys::parse_due(input); due && due->what == keys::Due::kEmail)
    VEREDUS_CHECK(keys::due_email(due->at, due->email) == input || due->at < veredus::SystemTime());
  return 0;
}
