#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "rules/bounce/category.h"

namespace veredus::rules::bounce {

/// One recipient of a report that came in.
struct BouncedRecipient {
  std::string recipient;  // local@domain as the report names it; empty: it names none
  std::string status;     // "5.1.1"; empty: none could be told
  std::string reply;      // "550"; empty: none
  Category reason = Category::kUndefined;
  bool hard = false;
  std::string action;              // "failed", "delayed", "delivered", "relayed", "expanded"; empty: none
  std::string diagnostic;          // the text the reason was read from, one line, UTF-8
  std::string remote_mta;          // who refused it; empty: not named
  std::string original_recipient;  // ORCPT's address; empty: none
  std::string feedback_type;       // "abuse", "fraud"… for kFeedback
};

/// What a message that came in reports about mail sent from here.
struct BounceReport {
  std::vector<BouncedRecipient> recipients;  // empty: no bounce, complaint, delivery notice or automatic reply
  std::string envelope_id;                   // Original-Envelope-Id, decoded; empty: none
  std::string original_message_id;           // of the message reported on, without brackets; empty: none
};

/// Recognises standard reports (RFC 3464, RFC 6533, RFC 5965, RFC 3834) and the many that follow no standard. Limits:
/// 256 recipients; the rest is left out. Never fails: what cannot be read is no bounce.
[[nodiscard]] BounceReport recognize(std::string_view message);

}  // namespace veredus::rules::bounce
