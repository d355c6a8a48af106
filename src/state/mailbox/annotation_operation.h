#pragma once

#include <cstddef>
#include <string>
#include <utility>
#include <vector>

#include "state/mailbox/annotation.h"
#include "state/mailbox/operation.h"

namespace veredus::state::mailbox {

/// Sets and removes annotations, all or none.
class AnnotateOperation final : public Operation {
 public:
  AnnotateOperation(std::vector<AnnotationChange> changes, std::size_t most, std::string author)
      : changes_(std::move(changes)), most_(most), author_(std::move(author)) {}
  [[nodiscard]] bool reads() const override { return true; }
  AsyncOutcome<void> read(Turn* turn) override;
  Outcome<void> perform(Turn& turn) override;

 private:
  std::vector<AnnotationChange> changes_;
  std::size_t most_;
  std::string author_;
  std::size_t there_ = 0;
};

}  // namespace veredus::state::mailbox
