#pragma once

#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "state/spool/queue_rows.h"

namespace veredus::work::queue {

/// What administrators have paused. Thread-safe.
class PauseList {
 public:
  void set(std::vector<state::spool::Pause> all);
  void put(state::spool::Pause pause);
  /// Answers whether it was there.
  bool erase(state::spool::PauseOf of, std::string_view subject);

  [[nodiscard]] bool everything() const;
  /// `sender` as text; nullopt: the null sender, whose pause has the subject "<>".
  [[nodiscard]] bool holds_sender(const std::optional<std::string>& sender) const;
  [[nodiscard]] std::vector<state::spool::Pause> all() const;

 private:
  mutable std::mutex mutex_;
  std::vector<state::spool::Pause> pauses_;
  bool any_sender_ = false;
};

/// Subjects are an address, `@` and a domain, or "<>".
[[nodiscard]] bool is_sender(std::string_view subject, const std::optional<std::string>& sender);

}  // namespace veredus::work::queue
