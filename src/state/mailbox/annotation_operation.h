#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "state/mailbox/annotation.h"
#include "state/mailbox/naming_operations.h"
#include "state/mailbox/operation.h"

namespace veredus::state::mailbox {

/// Sets and removes annotations, and gives a mailbox its special use: all or nothing.
class AnnotateOperation final : public Operation {
 public:
  AnnotateOperation(std::vector<AnnotationChange> changes, std::optional<GivenUse> use, std::size_t most,
                    std::string author)
      : changes_(std::move(changes)), most_(most), author_(std::move(author)) {
    if (use) use_.emplace(*use);
  }
  [[nodiscard]] bool reads() const override { return true; }
  AsyncOutcome<void> read(Turn* turn) override;
  Outcome<void> perform(Turn& turn) override;

 private:
  [[nodiscard]] Outcome<void> check(const Turn& turn) const;

  std::vector<AnnotationChange> changes_;
  std::optional<SetSpecialUse> use_;
  std::size_t most_;
  std::string author_;
  std::size_t there_ = 0;
};

}  // namespace veredus::state::mailbox
