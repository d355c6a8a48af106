#include "doors/imap/special_use.h"

#include "base/codec/ascii.h"

namespace veredus::doors::imap {

using state::mailbox::SpecialUse;

std::string_view to_attribute(SpecialUse use) {
  switch (use) {
    case SpecialUse::kNone:
      return {};
    case SpecialUse::kArchive:
      return "\\Archive";
    case SpecialUse::kDrafts:
      return "\\Drafts";
    case SpecialUse::kFlagged:
      return "\\Flagged";
    case SpecialUse::kJunk:
      return "\\Junk";
    case SpecialUse::kSent:
      return "\\Sent";
    case SpecialUse::kTrash:
      return "\\Trash";
    case SpecialUse::kAll:
      return "\\All";
    case SpecialUse::kImportant:
      return "\\Important";
  }
  return {};
}

std::optional<SpecialUse> parse_special_use(std::string_view attribute) {
  for (const auto use : {SpecialUse::kArchive, SpecialUse::kDrafts, SpecialUse::kJunk, SpecialUse::kSent,
                         SpecialUse::kTrash, SpecialUse::kImportant})
    if (base::codec::iequals_ascii(attribute, to_attribute(use))) return use;
  return std::nullopt;
}

}  // namespace veredus::doors::imap
