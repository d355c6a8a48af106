#pragma once

#include <memory>
#include <vector>

#include "state/search/body_scan.h"
#include "state/search/summary_pass.h"

namespace veredus::state::search {

/// Decides about messages by their octets.
class BodyPass final : public Pieces {
 public:
  /// `program` outlives it.
  BodyPass(const Scene& scene, const Program& program, std::vector<OpenBody> open);

  asio::awaitable<std::expected<bool, SearchError>> next() override;
  [[nodiscard]] const std::vector<OpenBody>& open() const { return open_; }
  [[nodiscard]] bool found(std::size_t index) const { return verdicts_[index] == Verdict::kYes; }

 private:
  using Scan = std::unique_ptr<BodyScan>;
  using Chunks = std::vector<std::optional<std::string>>;
  using Outcome = std::expected<void, SearchError>;

  [[nodiscard]] std::size_t end_of_batch(std::size_t begin) const;
  /// On the pool. Null: the message is gone, or its part table must be made first.
  std::vector<Scan> scan_first(std::size_t begin, const Chunks& chunks) const;
  asio::awaitable<Outcome> scan_rest(std::size_t index, BodyScan* scan);
  asio::awaitable<Outcome> scan_unparsed(std::size_t index);

  const Scene& scene_;
  const Program& program_;
  std::vector<OpenBody> open_;
  std::vector<Verdict> verdicts_;
  std::size_t next_ = 0;
};

}  // namespace veredus::state::search
