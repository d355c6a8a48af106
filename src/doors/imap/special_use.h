#pragma once

#include <optional>
#include <string_view>

#include "state/mailbox/mailbox.h"

namespace veredus::doors::imap {

/// "\Sent" (RFC 6154 s2, RFC 8457 s3); empty for none.
[[nodiscard]] std::string_view to_attribute(state::mailbox::SpecialUse use);
/// In any case. nullopt: not known, or one that only views have, which are not made here (\All, \Flagged).
[[nodiscard]] std::optional<state::mailbox::SpecialUse> parse_special_use(std::string_view attribute);

}  // namespace veredus::doors::imap
