#pragma once

#include <chrono>
#include <cstdint>
#include <vector>

#include "state/mailbox/keys.h"
#include "state/mailbox/operation.h"

namespace veredus::state::mailbox {

/// Removes some of what is due: bodies of expunged emails, abandoned staged bodies, dedupe keys that expired, change
/// log older than `log_age`. Relaxed: after a crash it is due again.
class SweepOperation final : public Operation {
 public:
  explicit SweepOperation(std::chrono::milliseconds log_age) : log_age_(log_age) {}

  [[nodiscard]] bool reads() const override { return true; }
  AsyncOutcome<void> read(Turn* turn) override;
  Outcome<void> perform(Turn& turn) override;

  [[nodiscard]] std::uint64_t removed() const { return removed_; }
  /// There may be more that is due.
  [[nodiscard]] bool more() const { return more_; }

 private:
  AsyncOutcome<void> read_due(Turn* turn);
  AsyncOutcome<void> read_staged(Turn* turn);
  AsyncOutcome<void> read_log(Turn* turn);
  AsyncOutcome<void> read_threads(Turn* turn);
  void erase(Turn& turn, std::string key);
  Outcome<void> remove_email(Turn& turn, EmailId email);
  Outcome<void> remove_dedupe(Turn& turn, const keys::DueKey& due);
  void compact_log(Turn& turn);

  std::chrono::milliseconds log_age_;
  std::vector<std::pair<std::string, keys::DueKey>> due_;
  std::vector<std::string> staged_;  // keys of abandoned bodies' rows
  std::vector<std::pair<std::string, rows::ChangeRow>> log_;
  std::uint64_t removed_ = 0;
  bool more_ = false;
};

}  // namespace veredus::state::mailbox
