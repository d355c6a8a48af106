#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace veredus::rules::dkim {

using Tags = std::vector<std::pair<std::string_view, std::string>>;

/// A field `name` of tags, in the order given, folded into lines of at most 76 characters where tags allow. No line end
/// behind it. The value of "b" is left empty, to be set by set_signature().
std::string lay_out_tags(std::string_view name, const Tags& tags);

/// Whether a signature is cut into lines. What a later seal covers it covers as one word, as the other sealers write
/// it.
enum class Folds : std::uint8_t { kNone, kInside };

/// Puts a signature (octets) behind "b="; nothing else of the field changes, so that what was signed stands.
void set_signature(std::string& field, std::string_view signature, Folds folds);

}  // namespace veredus::rules::dkim
