#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "rules/bounce/phrase_table.h"

namespace veredus::rules::bounce {

/// Text as the phrases are written: lower case, single spaces, addresses as "@", no reply codes within lines that
/// continue a reply, web addresses without their fragment. UTF-8 stays.
[[nodiscard]] std::string normal_text(std::string_view text);

/// What words say. kUserUnknown is not to be believed yet: classify.cc.
struct Saying {
  Category category;
  Proof proof;
};

/// What the first fitting phrase says, from the most telling phrases to the vaguest; nullopt: none fits. `normal` is of
/// normal_text().
[[nodiscard]] std::optional<Saying> find_saying(std::string_view normal);

}  // namespace veredus::rules::bounce
