#pragma once

#include <cstdint>
#include <initializer_list>
#include <span>
#include <string_view>

#include "rules/bounce/category.h"

namespace veredus::rules::bounce {

/// How far the words can be believed by themselves.
enum class Proof : std::uint8_t {
  kVague,  // they may be about anything: a user, a sender, a policy
  kWords,
  kDirectory,  // they tell of a look-up in the directory of who says them
};

/// Ways in which servers say one thing. Lower case; '*' stands for up to 80 octets of anything.
struct Phrases {
  Category category;
  std::initializer_list<std::string_view> words;  // lives as long as the table does
  Proof proof = Proof::kWords;
};

/// Phrases, the most telling first: of two that fit one text the first one counts, and all of a table before those of
/// the next.
[[nodiscard]] std::span<const Phrases> telling_phrases();
[[nodiscard]] std::span<const Phrases> vague_phrases();
[[nodiscard]] std::span<const Phrases> translated_phrases();  // languages other than English

}  // namespace veredus::rules::bounce
