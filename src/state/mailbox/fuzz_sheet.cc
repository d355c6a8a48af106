#include <cstddef>
#include <cstdint>
#include <string_view>

#include "base/types/result.h"
#include "state/mailbox/sheet_rows.h"

/// What decodes is walked through as FETCH does, and encodes to something that decodes to the same again.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* octets, std::size_t size) {
  using namespace veredus::state::mailbox;
  const std::string_view input(reinterpret_cast<const char*>(octets), size);
  for (const auto column : kSheetColumns) {
    const auto sheet = decode_sheet(column, input);
    if (!sheet) continue;
    std::size_t walked = 0;
    sheet->for_each(3, [&](SheetMessage, std::string_view value) {
      if (column == SheetColumn::kFields)
        for_each_sheet_field(value, [&walked](std::size_t, std::string_view line) { walked += line.size(); });
    });
    VEREDUS_CHECK(walked <= kSheetOctets);
    const auto row = encode_sheet(3, *sheet, UidSet::all());
    if (row.empty()) continue;
    const auto again = decode_sheet(column, row);
    VEREDUS_CHECK(again && encode_sheet(3, *again, UidSet::all()) == row);
  }
  return 0;
}
