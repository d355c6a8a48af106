#pragma once

#include <cstddef>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "state/mailbox/annotation.h"
#include "state/mailbox/naming_operations.h"
#include "state/mailbox/operation.h"

namespace veredus::state::mailbox {

/// So many annotations one reader may keep to itself (/private) in another's account. They do not count as the owner's,
/// who can neither see nor remove them.
constexpr std::size_t kReaderAnnotations = 100;

/// Sets and removes annotations, and gives a mailbox its special use: all or nothing.
class AnnotateOperation final : public Operation {
 public:
  /// `most`: of the owner, with those that everybody sees.
  AnnotateOperation(AccountId owner, std::vector<AnnotationChange> changes, std::optional<GivenUse> use,
                    std::size_t most, std::string author)
      : owner_(owner), changes_(std::move(changes)), most_(most), author_(std::move(author)) {
    if (use) use_.emplace(*use);
  }
  [[nodiscard]] bool reads() const override { return true; }
  AsyncOutcome<void> read(Turn* turn) override;
  Outcome<void> perform(Turn& turn) override;

 private:
  [[nodiscard]] Outcome<void> check(const Turn& turn) const;
  /// Whose limit it counts against.
  [[nodiscard]] AccountId counted_for(AnnotationPlace place) const;

  AccountId owner_;
  std::vector<AnnotationChange> changes_;
  std::optional<SetSpecialUse> use_;
  std::size_t most_;
  std::string author_;
  std::map<AccountId, std::size_t> there_;  // by whose limit they count against
};

}  // namespace veredus::state::mailbox
