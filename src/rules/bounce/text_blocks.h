#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace veredus::rules::bounce {

/// One recipient a report names in its text for people, and what it says about it.
struct TextBlock {
  std::string recipient;                // local@domain
  std::vector<std::string> paragraphs;  // from the line that names it up to the next recipient; first: its own
};

/// Finds the recipients in a report's text by the forms mail systems use: `<a@b>: reason`, an address on a line of its
/// own, `a@b: 550 …`, "could not be delivered to: <a@b>", `550 <a@b>… reason`. `sender` is whom the report was sent to:
/// never a recipient. At most 256.
[[nodiscard]] std::vector<TextBlock> find_blocks(std::string_view text, std::string_view sender);

/// The addresses in `text`, at most 256.
[[nodiscard]] std::vector<std::string> find_addresses(std::string_view text);

/// Whether `text` is local@domain, roughly.
[[nodiscard]] bool looks_like_address(std::string_view text);

}  // namespace veredus::rules::bounce
