#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace veredus::rules::bounce {

/// A message taken apart as a report: what it says itself, and what it returns.
struct ReportParts {
  std::string header;               // of the message, as sent
  std::string type;                 // "multipart/report", "text/plain", lower case
  std::string text;                 // what the report says to people, up to the message it returns; UTF-8, LF
  std::string uncut_text;           // the same with what it returns; UTF-8, LF
  std::vector<std::string> status;  // the bodies of its delivery-status parts
  std::string original;             // the message it returns, or its header; empty: none found
  bool has_original_part = false;   // it came as a part of its own
  bool is_receipt = false;          // a disposition notification: RFC 8098
};

/// Never fails; broken MIME is read as text.
[[nodiscard]] ReportParts take_apart(std::string_view message);

/// The value of the header field `name`, decoded and on one line; empty: not there.
[[nodiscard]] std::string field_value(std::string_view header, std::string_view name);

}  // namespace veredus::rules::bounce
