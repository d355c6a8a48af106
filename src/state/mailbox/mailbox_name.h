#pragma once

#include <cstddef>
#include <expected>
#include <string>
#include <string_view>

#include "base/types/clock.h"
#include "base/types/ids.h"
#include "state/mailbox/mailbox.h"
#include "state/mailbox/mailbox_error.h"

namespace veredus::state::mailbox {

inline constexpr std::string_view kInboxName = "INBOX";
/// What others share stands below this name; nobody's own mailboxes do.
inline constexpr std::string_view kSharedPrefix = "Shared";

/// The one spelling of a name: "inbox" as the whole name or as the first level becomes INBOX (RFC 9051 s5.1), a
/// trailing separator (CREATE "a/", RFC 9051 s6.3.4) goes, letters are composed (RFC 5198 s3, RFC 6855 s3): what looks
/// the same is the same. Errors: kBadName, kNameTooLong.
[[nodiscard]] std::expected<std::string, MailboxError> canonical_name(std::string_view name,
                                                                      std::size_t most_octets = std::string_view::npos);

/// Whether the name is kSharedPrefix or below it.
[[nodiscard]] bool is_reserved(std::string_view name);

/// "a/b" for "a/b/c"; empty for a name of one level.
[[nodiscard]] std::string_view name_above(std::string_view name);

/// Whether `name` stands below `parent`, at any depth.
[[nodiscard]] bool is_below(std::string_view name, std::string_view parent);

/// The next UIDVALIDITY of an account: its time in seconds, but always greater than the last one.
[[nodiscard]] UidValidity uid_validity_after(UidValidity last, SystemTime now);

}  // namespace veredus::state::mailbox
