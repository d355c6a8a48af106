#pragma once

#include <cstdint>
#include <expected>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/types/clock.h"
#include "base/types/ids.h"
#include "state/mailbox/flags.h"

namespace veredus::work::transfer {

/// A message on its way between files and a mailbox.
struct BatchMessage {
  Uid uid;  // in the mailbox it comes from; 0: from a file
  state::mailbox::FlagSet flags;
  std::vector<std::string> keywords;
  SystemTime date;
  std::uint32_t nth = 0;  // among messages of the same octets
  std::string_view octets;
};

enum class BatchError : std::uint8_t { kNoHead, kBadField, kCutShort };
[[nodiscard]] std::string_view to_string(BatchError error);

/// Takes away what can be no keyword here, and what is more than a mailbox has room for; answers it.
std::vector<std::string> take_bad_keywords(std::vector<std::string>& keywords);

/// Appends a message: a line of JSON with its properties and its size, then its octets and a line feed.
void append_to_batch(std::string& out, const BatchMessage& message);

/// Reads a batch message by message. The octets are views into it.
class BatchReader {
 public:
  explicit BatchReader(std::string_view batch) : rest_(batch) {}
  /// nullopt: that was the last. After an error no more.
  std::expected<std::optional<BatchMessage>, BatchError> next();

 private:
  std::string_view rest_;
};

}  // namespace veredus::work::transfer
