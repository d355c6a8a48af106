#pragma once

#include <cstdint>
#include <expected>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "wire/imap/command_error.h"

namespace veredus::wire::imap {

/// `*`: the highest number in use. No number of a message or UID is 0.
constexpr std::uint32_t kStar = 0;

struct SequenceRange {
  std::uint32_t first = 0;
  std::uint32_t last = 0;  // inclusive
  friend auto operator<=>(const SequenceRange&, const SequenceRange&) = default;
};

/// `sequence-set` (RFC 9051 s9) as sent: message numbers or UIDs, whichever the command says.
struct SequenceSet {
  std::vector<SequenceRange> ranges{};  // in the order sent; ends may be kStar or the greater one first
  bool saved_result = false;            // "$": the result of the last SEARCH RETURN (SAVE) (RFC 5182 s2.1)

  /// Ascending, disjoint and non-adjacent ranges, with `*` as `highest`. With no message (highest 0) `*` is nothing,
  /// and so is a range to it. `68:*` with 67 messages has 67 (RFC 9051 s9 seq-range).
  [[nodiscard]] std::vector<SequenceRange> resolve(std::uint32_t highest) const;
  friend bool operator==(const SequenceSet&, const SequenceSet&) = default;
};

///   sequence-set = (seq-number / seq-range) ["," sequence-set] / "$"
///   seq-number   = nz-number / "*" ; seq-range = seq-number ":" seq-number, in either order
/// Also takes zeros before a number. Errors: kSequenceSet.
[[nodiscard]] std::expected<SequenceSet, CommandError> parse_sequence_set(std::string_view text);

/// As sent.
[[nodiscard]] std::string to_string(const SequenceSet& set);

/// Sorts, turns and joins ranges in place: ascending, disjoint, non-adjacent. No end may be kStar.
void normalize(std::vector<SequenceRange>& ranges);

/// "1:5,9": `ranges` ascending, as normalize leaves them.
void append_ranges(std::string& out, std::span<const SequenceRange> ranges);

/// The shortest set of ascending `numbers`: 1,2,3,9 is "1:3,9".
void append_numbers(std::string& out, std::span<const std::uint32_t> numbers);

/// Lists of UIDs whose order counts (COPYUID, RFC 4315 s3): only neighbours that ascend by one become a range.
void append_numbers_in_order(std::string& out, std::span<const std::uint32_t> numbers);

/// Gathers numbers one by one, in any order that mostly ascends, and writes them once.
class SequenceWriter {
 public:
  void add(std::uint32_t number);
  [[nodiscard]] bool empty() const { return ranges_.empty(); }
  /// "1:3,9"; the ranges are normal after it.
  [[nodiscard]] std::string text();
  [[nodiscard]] const std::vector<SequenceRange>& ranges();

 private:
  std::vector<SequenceRange> ranges_{};
  bool normal_ = true;
};

}  // namespace veredus::wire::imap
