#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "base/codec/date.h"
#include "state/mailbox/stored_email.h"
#include "state/search/needle.h"
#include "state/search/program.h"

namespace veredus::state::search {

/// Values of one message's header fields, each decoded once, however many keys ask for it. They outlive it.
class FieldTexts {
 public:
  /// Whether a value, as it stands in the message, has the text once it is decoded.
  [[nodiscard]] bool have(const Needle& needle, std::string_view value);

 private:
  struct Text {
    std::string folded;
    std::vector<std::string> addresses;  // folded; of a value that hides some
  };
  const Text& decoded(std::string_view value);

  std::unordered_map<const char*, Text> texts_;  // by where the value stands
};

/// The last field of that name among those stored with an email; nullopt: none.
[[nodiscard]] std::optional<std::string_view> stored_field(const mailbox::EmailView& email, std::string_view name);

/// The Date of a stored email by the clock it was written by.
[[nodiscard]] std::optional<base::codec::ZonedTime> sent(const mailbox::EmailView& email);

/// What is stored about an email says of one leaf. kUnknown: its row, or its body, must be asked. `texts` are the
/// email's.
[[nodiscard]] Verdict ask_summary(const Leaf& leaf, const mailbox::EmailView& email, FieldTexts& texts);

}  // namespace veredus::state::search
