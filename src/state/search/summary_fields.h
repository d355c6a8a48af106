#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "base/codec/date.h"
#include "state/mailbox/stored_email.h"
#include "state/search/needle.h"
#include "state/search/program.h"

namespace veredus::state::search {

/// Whether a header field's value, as it stands in the message, has the text once it is decoded.
[[nodiscard]] bool value_has(const Needle& needle, std::string_view value);

/// The last field of that name among those stored with an email; nullopt: none.
[[nodiscard]] std::optional<std::string_view> stored_field(const mailbox::EmailView& email, std::string_view name);

/// The Date of a stored email by the clock it was written by.
[[nodiscard]] std::optional<base::codec::ZonedTime> sent(const mailbox::EmailView& email);

/// What is stored about an email says of one leaf. kUnknown: its row, or its body, must be asked.
[[nodiscard]] Verdict ask_summary(const Leaf& leaf, const mailbox::EmailView& email);

}  // namespace veredus::state::search
