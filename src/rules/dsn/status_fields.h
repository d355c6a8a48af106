#pragma once

#include <cstdint>
#include <string>

#include "rules/dsn/report.h"

namespace veredus::rules::dsn {

enum class Form : std::uint8_t {
  kAscii,   // message/delivery-status: RFC 3464 s2.1
  kGlobal,  // message/global-delivery-status: RFC 6533 s4
};

/// The fields of the machine's part: one group for the message, one for each recipient. CRLF lines.
/// Source: RFC 3464 s2.2, s2.3; RFC 6533 s3, s4.
[[nodiscard]] std::string status_fields(const Report& report, Form form);

/// The status a recipient's group gives: `status`, else the reply's, else what `action` allows, always with a class
/// that fits `action`. Source: RFC 3464 s2.3.4.
[[nodiscard]] wire::smtp::EnhancedStatus status_of(const ReportedRecipient& recipient);

}  // namespace veredus::rules::dsn
