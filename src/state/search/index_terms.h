#pragma once

#include <string>

#include "state/search/trigrams.h"

namespace veredus::state::search {

/// Names inside an index. On disk: with a change here kIndexFormat changes.
inline constexpr int kIndexFormat = 1;
inline constexpr unsigned kEmailSlot = 0;  // of each document: its email id, eight octets
inline constexpr char kHeaderPrefix = 'H';
inline constexpr char kBodyPrefix = 'B';
inline constexpr const char* kVersionKey = "version";
inline constexpr const char* kPositionKey = "position";
inline constexpr const char* kDestroyedKey = "destroyed";

[[nodiscard]] inline std::string term(char prefix, Trigram trigram) { return prefix + trigram_text(trigram); }

}  // namespace veredus::state::search
