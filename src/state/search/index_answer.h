#pragma once

#include <algorithm>
#include <cstdint>
#include <memory>
#include <optional>
#include <vector>

#include "base/types/ids.h"
#include "state/search/program.h"

namespace veredus::state::search {

/// The emails in an index: (email, number of its document), ascending.
using IndexedEmails = std::vector<std::pair<EmailId, std::uint32_t>>;

/// What the index of an account says to the leaves of one program. Immutable; outlives changes of the index.
struct IndexAnswer {
  struct OfLeaf {
    std::vector<bool> documents;  // those that may have the text, by number
    bool exact = false;           // and do have it
  };

  std::shared_ptr<const IndexedEmails> emails;
  std::vector<std::optional<OfLeaf>> leaves;  // nullopt: the index says nothing

  /// Where an email stands in the index; nullopt: it is not in it.
  [[nodiscard]] std::optional<std::uint32_t> document(EmailId email) const {
    const auto at = std::ranges::lower_bound(*emails, email, {}, [](const auto& one) { return one.first; });
    if (at == emails->end() || at->first != email) return std::nullopt;
    return at->second;
  }
  /// kUnknown: the email itself must be asked.
  [[nodiscard]] Verdict ask(std::uint32_t leaf, std::uint32_t document) const {
    const auto& said = leaves[leaf];
    if (!said) return Verdict::kUnknown;
    if (document >= said->documents.size() || !said->documents[document]) return Verdict::kNo;
    return said->exact ? Verdict::kYes : Verdict::kUnknown;
  }
};

}  // namespace veredus::state::search
