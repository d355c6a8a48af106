#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "io/engine/log_note.h"

namespace veredus::io::engine {

constexpr std::size_t kLogBlockOctets = 32 * 1024;  // RocksDB's: no fragment of a record crosses from one to the next

/// What was found in one log.
struct LogTrace {
  enum class Fault : std::uint8_t {
    kNone,     // it ends where a record ends; nothing or zeros follow
    kTorn,     // as writes leave it that had not been synced when the power went
    kDamaged,  // as they never leave it
  };

  std::uint64_t number = 0;
  std::uint64_t end = 0;  // of the last whole record before the first fault
  Fault fault = Fault::kNone;
  std::uint64_t fault_at = 0;
  std::optional<std::uint64_t> first_sequence, next_sequence;  // of the records before the fault
  bool begins_with_note = false;      // false: a version that wrote no notes, or RocksDB itself
  bool is_followed_by_plain = false;  // a record without a note stands after the fault
  LogPosition synced;                 // the furthest that its notes vouch for
};

using LogTokens = std::set<std::uint64_t>;  // of notes that are known to be ours

/// Reads one log, block by block, and finds its end, and what stands after it nevertheless. RocksDB's log format:
/// fragments `crc4 length2 type1 octets`, CRC-32C masked, little-endian.
class LogReader {
 public:
  LogReader(std::uint64_t number, LogTokens& tokens) : tokens_(tokens) { trace_.number = number; }

  /// All but the last have kLogBlockOctets.
  void read_block(std::string_view block);
  [[nodiscard]] LogTrace finish();

 private:
  struct Fragment;

  [[nodiscard]] bool has_fault() const { return fault_seen_; }
  void fault(std::uint64_t at, LogTrace::Fault kind);
  void take(const Fragment& fragment, bool is_chained);
  void weigh(bool is_chained);
  void end_record(std::uint64_t end);

  LogTokens& tokens_;
  LogTrace trace_;
  std::uint64_t base_ = 0;  // of the block
  bool fault_seen_ = false;
  bool ends_in_zeros_ = false;  // the fault is zeros so far
  bool is_open_ = false;        // a record has begun and not ended
  std::string head_;            // of that record
};

struct LogVerdict {
  std::map<std::uint64_t, std::uint64_t> ends;  // of each log; what stands behind was never synced, or is lost
  std::optional<std::string> damage;            // what was synced and is gone; `ends` stop there
};

/// `traces`: of all logs from the oldest that is needed on, in order.
[[nodiscard]] LogVerdict judge(const std::vector<LogTrace>& traces);

}  // namespace veredus::io::engine
