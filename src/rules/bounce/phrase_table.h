#pragma once

#include <span>
#include <string_view>

#include "rules/bounce/category.h"

namespace veredus::rules::bounce {

/// Words that servers use. Lower case; '*' stands for up to 80 octets of anything.
struct Phrase {
  Category category;
  std::string_view words;
};

/// All phrases, the most telling first: of two that fit one text the first one counts.
[[nodiscard]] std::span<const Phrase> phrase_table();

}  // namespace veredus::rules::bounce
