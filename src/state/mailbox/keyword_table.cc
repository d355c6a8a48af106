#include "state/mailbox/keyword_table.h"

#include <algorithm>

#include "base/codec/ascii.h"

namespace veredus::state::mailbox {

std::optional<std::size_t> find_keyword(const std::vector<std::string>& table, std::string_view name) {
  for (std::size_t i = 0; i < table.size(); ++i)
    if (base::codec::iequals_ascii(table[i], name)) return i;
  return std::nullopt;
}

KeywordSet known_keywords(const std::vector<std::string>& table, const std::vector<std::string>& names) {
  KeywordSet set;
  for (const auto& name : names)
    if (const auto index = find_keyword(table, name)) set.add(*index);
  return set;
}

void KeywordPlan::want(const Turn& turn, MailboxId mailbox, const std::vector<std::string>& names) {
  const auto& table = turn.mailbox(mailbox)->keywords;
  for (const auto& name : names) {
    if (find_keyword(table, name)) continue;
    auto& fresh = fresh_[mailbox];
    if (!find_keyword(fresh, name) && table.size() + fresh.size() < kKeywords) fresh.push_back(name);
  }
}

Outcome<void> KeywordPlan::require(const Turn& turn, MailboxId mailbox, const std::vector<std::string>& names) {
  want(turn, mailbox, names);
  const auto& table = turn.mailbox(mailbox)->keywords;
  const auto has_room = [&](const std::string& name) {
    return find_keyword(table, name) || find_keyword(fresh_[mailbox], name);
  };
  if (!std::ranges::all_of(names, has_room)) return std::unexpected(MailboxError::kTooManyKeywords);
  return {};
}

void KeywordPlan::settle(Turn& turn) const {
  for (const auto& [mailbox, names] : fresh_) {
    auto& table = turn.edit_mailbox(mailbox).keywords;
    table.insert(table.end(), names.begin(), names.end());
  }
}

}  // namespace veredus::state::mailbox
