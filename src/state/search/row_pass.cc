#include "state/search/row_pass.h"

#include <algorithm>
#include <utility>

#include "state/search/summary_pass.h"

namespace veredus::state::search {
namespace {

constexpr std::size_t kConditionsAtOnce = 4'000'000;  // asked
constexpr std::size_t kLookEvery = 4096;              // messages

}  // namespace

RowPass::RowPass(const Scene& scene, const Program& program, const IndexAnswer* index,
                 std::shared_ptr<const mailbox::MessageTable> table)
    : scene_(scene), program_(program), index_(index), walk_(std::move(table), program.bounds()) {}

bool RowPass::go_on() {
  const auto conditions = std::max<std::size_t>(program_.leaves().size(), 1);
  const auto most = std::max(kConditionsAtOnce / conditions, kLookEvery);
  for (std::size_t seen = 1; seen <= most; ++seen) {
    if (seen % kLookEvery == 0 && scene_.stopped()) return false;
    const auto* message = walk_.next();
    if (message == nullptr) {
      found_.shrink_to_fit();
      open_.shrink_to_fit();
      return false;
    }
    Verdict verdict = program_.decide_by_row(*message);
    if (verdict == Verdict::kUnknown && index_ != nullptr) verdict = decide_by_index(program_, *message, index_);
    if (verdict == Verdict::kYes) found_.push_back(message);
    if (verdict == Verdict::kUnknown) open_.push_back(message);
  }
  return true;
}

}  // namespace veredus::state::search
