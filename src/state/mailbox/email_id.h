#pragma once

#include "base/types/clock.h"
#include "base/types/ids.h"

/// Email ids: milliseconds since 2020, then 20 bits. Even ones are given inside the commit of an append and grow within
/// the account; odd ones are given to bodies that are staged before it. So the two never meet.
namespace veredus::state::mailbox {

[[nodiscard]] EmailId email_id_after(EmailId last, SystemTime now);
/// `random` tells apart programs that staged in the same millisecond; `last` is the last one this program gave.
[[nodiscard]] EmailId staged_email_id_after(EmailId last, SystemTime now, std::uint64_t random);
[[nodiscard]] constexpr bool is_staged_id(EmailId email) { return (email.value & 1) != 0; }

}  // namespace veredus::state::mailbox
