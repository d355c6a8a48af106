#pragma once

#include <memory>
#include <string>
#include <vector>

#include "state/search/index_answer.h"
#include "state/search/program.h"
#include "state/search/search_memory.h"
#include "state/search/stored_pass.h"

namespace veredus::state::search {

/// A message whose octets must be looked at.
struct OpenBody {
  const mailbox::Message* message;
  std::vector<Verdict> known;  // of each leaf
  std::string part_table;      // empty: not stored, the message must be parsed
};

/// Memory that a message takes while it is decided about, without its part table; and an octet for each condition.
inline constexpr std::size_t kOpenOctets = 256;

/// Decides about messages by their rows, the index and what is stored about them.
class SummaryPass final : public StoredPass {
 public:
  /// `index` may be null. All outlive it. `memory` was granted kOpenOctets for each message; it is asked
  /// for part tables.
  SummaryPass(const Scene& scene, const Program& program, const IndexAnswer* index, SearchMemory& memory,
              Rows messages);

  /// After the pass.
  [[nodiscard]] bool found(std::size_t index) const { return verdicts_[index] == Verdict::kYes; }
  [[nodiscard]] std::vector<OpenBody> take_open();

 private:
  void see(std::size_t index, const mailbox::EmailView& email) override;
  Outcome seen(std::size_t begin, std::size_t end) override;

  const Program& program_;
  const IndexAnswer* index_;
  SearchMemory& memory_;
  std::vector<Verdict> verdicts_;
  std::vector<std::unique_ptr<OpenBody>> open_;
};

/// What the row and the index say of one message. `index` may be null.
[[nodiscard]] Verdict decide_by_index(const Program& program, const mailbox::Message& message,
                                      const IndexAnswer* index);

}  // namespace veredus::state::search
