#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "rules/bounce/category.h"

namespace veredus::rules::bounce {

/// Text as the phrases are written: lower case, single spaces, addresses as "@", no reply codes within lines that
/// continue a reply, web addresses without their fragment. UTF-8 stays.
[[nodiscard]] std::string normal_text(std::string_view text);

/// The category that the first fitting phrase names, from the most telling phrases to the vaguest; nullopt: none fits.
/// kUserUnknown means only that the words say so. `normal` is of normal_text().
[[nodiscard]] std::optional<Category> category_by_words(std::string_view normal);

}  // namespace veredus::rules::bounce
