#pragma once

#include <string>
#include <string_view>

namespace veredus::rules::bounce {

/// What a message reports, as one line of JSON for `veredus check bounce --json`: an array, one entry for each
/// recipient: {recipient, status, reply, reason, hard, action, diagnostic, remote_mta, original_recipient,
/// feedback_type}; texts that are not known are "". [] when the message is no report.
[[nodiscard]] std::string check_bounce_json(std::string_view message);

/// What a reply means, for `veredus check reply --json`: {reply, status, reason, hard, provider, happened, advice}.
[[nodiscard]] std::string check_reply_json(std::string_view text);

/// The same for people, a line or more each.
[[nodiscard]] std::string check_bounce_text(std::string_view message);
[[nodiscard]] std::string check_reply_text(std::string_view text);

}  // namespace veredus::rules::bounce
