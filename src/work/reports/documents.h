#pragma once

#include <functional>
#include <optional>
#include <string>

#include "base/types/clock.h"
#include "state/reports/tally.h"

namespace veredus::work::reports {

/// All that a report says beside what was counted.
struct DocumentFacts {
  std::string organization;
  std::string contact;
  std::string extra_contact;
  std::string submitter;
  std::string report_id;
  SystemTime now;
  state::reports::Period period;
  state::reports::Subject subject;
};

struct Document {
  std::string packed;  // in gzip
  /// The message to an address that carries it.
  std::function<std::string(std::string to, std::string message_id)> letter;
};

/// The report of what was counted; nullopt: there is nothing in it that can be read. May take long: for a worker.
[[nodiscard]] std::optional<Document> document_of(const DocumentFacts& facts, const state::reports::Tally::Rows& rows);

/// The last second of a period.
[[nodiscard]] SystemTime last_second(const state::reports::Period& period);

}  // namespace veredus::work::reports
