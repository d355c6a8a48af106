#include "state/mailbox/mailbox_name.h"

#include <algorithm>

#include "base/codec/ascii.h"
#include "base/codec/nfc.h"
#include "base/codec/utf8.h"

namespace veredus::state::mailbox {

std::expected<std::string, MailboxError> canonical_name(std::string_view name, std::size_t most_octets) {
  if (name.ends_with(kHierarchySeparator)) name.remove_suffix(1);
  if (name.size() > most_octets) return std::unexpected(MailboxError::kNameTooLong);
  const bool controls =
      std::ranges::any_of(name, [](char octet) { return static_cast<unsigned char>(octet) < ' ' || octet == '\x7F'; });
  if (name.empty() || controls || name.front() == kHierarchySeparator || name.back() == kHierarchySeparator ||
      name.find("//") != std::string_view::npos || !base::codec::is_valid_utf8(name))
    return std::unexpected(MailboxError::kBadName);
  auto canonical = base::codec::to_nfc(name);
  if (canonical.size() > most_octets) return std::unexpected(MailboxError::kNameTooLong);
  const auto first_level = name.substr(0, name.find(kHierarchySeparator));
  if (base::codec::iequals_ascii(first_level, kInboxName)) canonical.replace(0, kInboxName.size(), kInboxName);
  return canonical;
}

bool is_reserved(std::string_view name) { return name == kSharedPrefix || is_below(name, kSharedPrefix); }

std::string_view name_above(std::string_view name) {
  const auto separator = name.rfind(kHierarchySeparator);
  return separator == std::string_view::npos ? std::string_view() : name.substr(0, separator);
}

bool is_below(std::string_view name, std::string_view parent) {
  return name.size() > parent.size() && name.starts_with(parent) && name[parent.size()] == kHierarchySeparator;
}

UidValidity uid_validity_after(UidValidity last, SystemTime now) {
  const auto seconds = std::chrono::duration_cast<std::chrono::seconds>(now.time_since_epoch()).count();
  const auto wanted = static_cast<std::uint32_t>(std::clamp<std::int64_t>(seconds, 1, 0xFFFFFFFF));
  return UidValidity(std::max(wanted, last.value + 1));
}

}  // namespace veredus::state::mailbox
