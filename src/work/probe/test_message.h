#pragma once

#include <string>

#include "base/types/clock.h"

namespace veredus::work::probe {

struct TestMessage {
  std::string from;
  std::string to;
  std::string message_id;  // without brackets
  std::string server;      // whom it is given to
  SystemTime at{};
};

/// A small message that says what it is, lines ended with CRLF, no line beginning with a dot.
[[nodiscard]] std::string test_message(const TestMessage& message);

}  // namespace veredus::work::probe
