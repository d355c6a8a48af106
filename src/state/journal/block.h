#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/observe/events.h"
#include "base/types/clock.h"
#include "state/journal/journal.h"

namespace veredus::state::journal {

/// Where a block of events stands: in the order of time. Layout of all of this: docs/formats/journal.md.
struct BlockName {
  std::uint64_t day = 0;       // days since 1970-01-01, the partition
  SystemTime first;            // the earliest event's time
  std::uint32_t sequence = 0;  // tells blocks of one millisecond apart
  friend auto operator<=>(const BlockName&, const BlockName&) = default;
};

[[nodiscard]] std::uint64_t day_of(SystemTime time);
[[nodiscard]] std::string block_key(const BlockName& name);
[[nodiscard]] std::string index_key(std::uint64_t term, const BlockName& name);
/// All index rows of a term are in [low, high).
[[nodiscard]] std::string index_low(std::uint64_t term, SystemTime from);
[[nodiscard]] std::string index_high(std::uint64_t term);
/// The block an index row of that day leads to; nullopt: not an index key.
[[nodiscard]] std::optional<BlockName> block_of_index(std::uint64_t day, std::string_view key);

[[nodiscard]] std::string encode_block(std::span<const base::observe::JournalEvent> events);
/// nullopt: not what encode_block wrote.
[[nodiscard]] std::optional<std::vector<base::observe::JournalEvent>> decode_block(std::string_view block);

/// A value in the form in which it is compared: lower-case ASCII, without angle brackets and white space around it.
[[nodiscard]] std::string normal_form(std::string_view value);
[[nodiscard]] std::uint64_t term_hash(Term term, std::string_view value);
/// The terms by which a lookup finds any of these events, each once.
[[nodiscard]] std::vector<std::uint64_t> terms_of(std::span<const base::observe::JournalEvent> events);
/// Whether the event has the term, `value` being in normal form.
[[nodiscard]] bool has_term(const base::observe::JournalEvent& event, Term term, std::string_view value);

}  // namespace veredus::state::journal
