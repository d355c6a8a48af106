#pragma once

#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

#include "wire/imap/search_key.h"

namespace veredus::wire::imap {

/// RFC 5256 s3; display forms RFC 5957.
enum class SortKind : std::uint8_t { kArrival, kCc, kDate, kFrom, kSize, kSubject, kTo, kDisplayFrom, kDisplayTo };
struct SortCriterion {
  SortKind kind{};
  bool reverse = false;
  friend bool operator==(const SortCriterion&, const SortCriterion&) = default;
};

struct Sort {
  bool uid = false;
  std::optional<SearchReturn> returns{};  // ESORT (RFC 5267 s3)
  std::vector<SortCriterion> criteria{};  // at least one
  SearchKey key{};                        // kAnd
  friend bool operator==(const Sort&, const Sort&) = default;
};

enum class ThreadMethod : std::uint8_t { kOrderedSubject, kReferences, kRefs };
/// "REFERENCES"
[[nodiscard]] std::string_view to_string(ThreadMethod method);

struct Thread {
  bool uid = false;
  ThreadMethod method{};
  SearchKey key{};  // kAnd
  friend bool operator==(const Thread&, const Thread&) = default;
};

/// CANCELUPDATE (RFC 5267 s4.3.2)
struct CancelUpdate {
  std::vector<std::string> tags{};
  friend bool operator==(const CancelUpdate&, const CancelUpdate&) = default;
};

}  // namespace veredus::wire::imap
