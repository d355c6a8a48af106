#include <cstddef>
#include <cstdint>
#include <string_view>

#include "base/codec/utf8.h"
#include "base/types/result.h"
#include "wire/mime/address.h"
#include "wire/mime/address_syntax.h"
#include "wire/mime/imap_grammar.h"
#include "wire/mime/summary.h"

using namespace veredus::wire::mime;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* octets, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(octets), size);
  int open_groups = 0;
  for (const Address& address : parse_address_list(text)) {
    open_groups += address.kind == AddressKind::kGroupStart ? 1 : 0;
    open_groups -= address.kind == AddressKind::kGroupEnd ? 1 : 0;
    VEREDUS_CHECK(open_groups == 0 || open_groups == 1);
    VEREDUS_CHECK(veredus::base::codec::is_valid_utf8(display_name(address)));
  }
  VEREDUS_CHECK(open_groups == 0);
  if (category(diagnose_address(text)) == AddressCategory::kValid) {
    const auto list = parse_address_list(text);
    VEREDUS_CHECK(list.size() == 1 && list.front().kind == AddressKind::kMailbox && address_text(list.front()) == text);
  }
  VEREDUS_CHECK(test::ImapGrammar::is_envelope(envelope("From: " + std::string(text))));
  return 0;
}
