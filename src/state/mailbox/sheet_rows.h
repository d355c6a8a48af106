#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/types/ids.h"
#include "state/mailbox/email_sheet.h"
#include "state/mailbox/mailbox_error.h"
#include "state/mailbox/uid_set.h"

/// Sheets in the store: w|mailbox4|sheet4|column1, compressed. Layout: docs/formats/account.md
namespace veredus::state::mailbox {

constexpr std::size_t kSheetRowOctets = 768 * 1024;  // of one row; a sheet that takes more is not stored
constexpr std::size_t kSheetWorthStoring = 128;      // messages; fewer are read as quickly one by one
constexpr std::size_t kListedOctets = 16;            // of one message besides its value, at most
/// Of one sheet before it is compressed: what SheetMaker makes at most.
constexpr std::size_t kSheetOctets =
    SheetMaker::kFullOctets + EmailSheet::kUids * (SheetMaker::kShortOctets + kListedOctets);

/// `only`: UIDs of the others are left out. Empty: it is too large for a row.
[[nodiscard]] std::string encode_sheet(std::uint32_t number, const EmailSheet& sheet, const UidSet& only);
/// nullopt: damaged, or longer than any is made.
[[nodiscard]] std::optional<EmailSheet> decode_sheet(SheetColumn column, std::string_view octets);

}  // namespace veredus::state::mailbox
