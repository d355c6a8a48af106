#pragma once

#include <cstddef>
#include <memory>

#include "state/mailbox/message_table.h"
#include "state/search/index_answer.h"
#include "state/search/program.h"
#include "state/search/stored_pass.h"

namespace veredus::state::search {

/// Decides about messages by their rows and the index, some at a time.
class RowPass {
 public:
  /// `index` may be null. All outlive it.
  RowPass(const Scene& scene, const Program& program, const IndexAnswer* index,
          std::shared_ptr<const mailbox::MessageTable> table);

  /// Memory that it may take, for each message of the table.
  static constexpr std::size_t kMessageOctets = 3 * sizeof(Rows::value_type);

  /// Goes on for some hundredths of a second. False: that was all, or it is stopped.
  bool go_on();
  /// Afterwards.
  [[nodiscard]] Rows take_found() { return std::move(found_); }
  [[nodiscard]] Rows take_open() { return std::move(open_); }

 private:
  const Scene& scene_;
  const Program& program_;
  const IndexAnswer* index_;
  mailbox::TableWalk walk_;
  Rows found_;
  Rows open_;  // undecided
};

}  // namespace veredus::state::search
