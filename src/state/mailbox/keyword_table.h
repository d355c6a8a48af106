#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/types/ids.h"
#include "state/mailbox/flags.h"
#include "state/mailbox/turn.h"

namespace veredus::state::mailbox {

/// Where `name` stands in a mailbox's keywords; case does not matter (RFC 9051 s2.3.2).
[[nodiscard]] std::optional<std::size_t> find_keyword(const std::vector<std::string>& table, std::string_view name);

/// Those of `names` that `table` has.
[[nodiscard]] KeywordSet known_keywords(const std::vector<std::string>& table, const std::vector<std::string>& names);

/// Keywords an operation will use: found room for in all mailboxes before any of them changes. The mailboxes must
/// exist.
class KeywordPlan {
 public:
  /// As many of `names` as there is room for: a message is worth more than its keywords.
  void want(const Turn& turn, MailboxId mailbox, const std::vector<std::string>& names);
  /// All of them. Errors: kTooManyKeywords.
  Outcome<void> require(const Turn& turn, MailboxId mailbox, const std::vector<std::string>& names);
  /// Adds what is new to the mailboxes.
  void settle(Turn& turn) const;

 private:
  std::map<MailboxId, std::vector<std::string>> fresh_;
};

}  // namespace veredus::state::mailbox
