#pragma once

#include <expected>
#include <string_view>

#include "rules/dkim/key_record.h"

namespace veredus::rules::dkim {

/// parse_key_record(), its answers remembered by each thread: to read an RSA key takes ten times as long as to check a
/// signature with it, and a busy domain's key comes with thousands of messages.
std::expected<KeyRecord, KeyRecordError> known_key_record(std::string_view text);

}  // namespace veredus::rules::dkim
