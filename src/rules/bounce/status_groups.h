#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "wire/smtp/reply.h"

namespace veredus::rules::bounce {

/// One recipient's group of a delivery-status part.
struct StatusGroup {
  std::string recipient;           // Final-Recipient without its type, or what stands for it
  std::string original_recipient;  // Original-Recipient without its type
  std::string action;              // lower case
  wire::smtp::EnhancedStatus status;
  std::string remote_mta;       // without its type
  std::string diagnostic_type;  // "smtp", "x-unix", lower case
  std::string diagnostic;       // without its type, one line
};

struct StatusReport {
  std::string envelope_id;
  std::string reporting_mta;
  std::vector<StatusGroup> groups;  // at most 256
};

/// Reads the fields of a delivery-status part, or such fields wherever they stand in a text, quoted with '>' too.
/// Lenient: any order, missing empty lines, unknown fields. Source: RFC 3464 s2.
[[nodiscard]] StatusReport read_status(std::string_view text);

/// The address in "rfc822; <a@b> (comment)", "a@b", "utf-8;a@b"; empty: none.
[[nodiscard]] std::string typed_address(std::string_view value);

}  // namespace veredus::rules::bounce
