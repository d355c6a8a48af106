#pragma once

#include <utility>
#include <vector>

#include "state/mailbox/operation.h"
#include "state/mailbox/source_flags.h"

namespace veredus::state::mailbox {

/// Remembers what flags messages have at their source. Keys nobody knows any more are passed over.
class SourceFlagsOperation final : public Operation {
 public:
  explicit SourceFlagsOperation(std::vector<SourceFlagsOf> flags) : flags_(std::move(flags)) {}
  void collect(const Turn& turn, std::vector<std::string>& keys) const override;
  Outcome<void> perform(Turn& turn) override;

 private:
  std::vector<SourceFlagsOf> flags_;
};

}  // namespace veredus::state::mailbox
