#include "io/engine/log_survey.h"

#include <fmt/format.h>

#include <algorithm>

#include "io/engine/crc32c.h"

namespace veredus::io::engine {
namespace {

using Fault = LogTrace::Fault;

constexpr std::size_t kHeaderOctets = 7;
constexpr std::size_t kSectorOctets = 512;  // the least that a disk writes wholly or not at all
enum Type : std::uint8_t { kFull = 1, kFirst = 2, kMiddle = 3, kLast = 4 };

std::uint8_t octet(std::string_view block, std::size_t at) { return static_cast<std::uint8_t>(block[at]); }

std::uint32_t unmask(std::uint32_t masked) {
  const std::uint32_t rotated = masked - 0xa282ead8U;
  return rotated >> 17 | rotated << 15;
}

struct Header {
  std::uint32_t crc;
  std::size_t length;
  std::uint8_t type;

  Header(std::string_view block, std::size_t at)
      : crc(unmask(octet(block, at) | octet(block, at + 1) << 8 | octet(block, at + 2) << 16 |
                   static_cast<std::uint32_t>(octet(block, at + 3)) << 24)),
        length(octet(block, at + 4) | static_cast<std::size_t>(octet(block, at + 5)) << 8),
        type(octet(block, at + 6)) {}
  [[nodiscard]] std::size_t octets() const { return kHeaderOctets + length; }
  [[nodiscard]] bool has_type() const { return type >= kFull && type <= kLast; }
};

bool is_zero(std::string_view octets) { return octets.find_first_not_of('\0') == std::string_view::npos; }

bool is_sound(std::string_view block, std::size_t at, const Header& header) {
  return header.has_type() && at + header.octets() <= block.size() &&
         crc32c(0, block.substr(at + kHeaderOctets - 1, header.length + 1)) == header.crc;
}

/// The length is what is damaged, and the octets are all there.
bool is_sound_at_another_length(std::string_view block, std::size_t at, const Header& header) {
  std::uint32_t crc = 0;
  for (std::size_t i = at + kHeaderOctets - 1; i < block.size(); ++i) {
    crc = crc32c(crc, block.substr(i, 1));
    if (crc == header.crc) return true;
  }
  return false;
}

/// Whether a sector of what stands at `at` never reached the disk: writes go over zeros.
bool lacks_sector(std::string_view block, std::size_t at, const Header& header) {
  const std::size_t sector_end = std::min((at / kSectorOctets + 1) * kSectorOctets, block.size());
  if (is_zero(block.substr(at, kHeaderOctets))) return is_zero(block.substr(at, sector_end - at));
  const bool is_plausible = at + header.octets() <= kLogBlockOctets;
  if (is_plausible && at + header.octets() > block.size()) return true;  // the file ends within it
  const std::size_t end = at + (is_plausible ? header.octets() : kHeaderOctets);
  for (std::size_t from = at, to = 0; from < end; from = to) {
    to = std::min((from / kSectorOctets + 1) * kSectorOctets, end);
    if (is_zero(block.substr(from, to - from))) return true;
  }
  return false;
}

Fault kind_of_fault(std::string_view block, std::size_t at, const Header& header) {
  const bool is_torn = lacks_sector(block, at, header) && !is_sound_at_another_length(block, at, header);
  return is_torn ? Fault::kTorn : Fault::kDamaged;
}

}  // namespace

struct LogReader::Fragment {
  std::uint8_t type;
  std::uint64_t at, end;  // in the file
  std::string_view octets;

  [[nodiscard]] bool begins() const { return type == kFull || type == kFirst; }
  [[nodiscard]] bool ends() const { return type == kFull || type == kLast; }
};

void LogReader::read_block(std::string_view block) {
  bool is_chained = true;  // fragment follows fragment from the beginning of the block
  std::size_t at = 0;
  while (at + kHeaderOctets <= block.size()) {
    const Header header(block, at);
    if (is_sound(block, at, header)) {
      const std::size_t end = at + header.octets();
      take({.type = header.type,
            .at = base_ + at,
            .end = base_ + end,
            .octets = block.substr(at + kHeaderOctets, header.length)},
           is_chained);
      at = end;
    } else if (is_zero(block.substr(at))) {
      fault(base_ + at, Fault::kNone);
      at = block.size();
    } else {
      fault(base_ + at, has_fault() ? Fault::kTorn : kind_of_fault(block, at, header));
      const std::size_t next = at + header.octets();
      const bool is_followed =
          header.has_type() && next + kHeaderOctets <= block.size() && is_sound(block, next, Header(block, next));
      is_chained = is_chained && is_followed;
      at = is_followed ? next : at + 1;
    }
  }
  if (at < block.size() && block.size() < kLogBlockOctets)
    fault(base_ + at, is_zero(block.substr(at)) ? Fault::kNone : Fault::kTorn);
  base_ += block.size();
}

LogTrace LogReader::finish() {
  if (is_open_ && !has_fault()) fault(base_, Fault::kTorn);
  return trace_;
}

/// The first one is where the log ends. Zeros are none as long as nothing but zeros follows.
void LogReader::fault(std::uint64_t at, Fault kind) {
  if (!fault_seen_) {
    fault_seen_ = true;
    ends_in_zeros_ = kind == Fault::kNone;
    trace_.fault_at = at;
    trace_.fault = is_open_ && kind == Fault::kNone ? Fault::kTorn : kind;
    is_open_ = false;
  } else if (ends_in_zeros_ && kind != Fault::kNone) {
    ends_in_zeros_ = false;
    trace_.fault = Fault::kTorn;
  }
}

void LogReader::take(const Fragment& fragment, bool is_chained) {
  if (!has_fault() && fragment.begins() == is_open_) fault(fragment.at, Fault::kDamaged);
  if (ends_in_zeros_) fault(fragment.at, Fault::kTorn);
  if (fragment.begins())
    head_.clear();
  else if (!is_open_)
    return;
  is_open_ = true;
  const bool was_complete = head_.size() >= kRecordHeadOctets;
  if (!was_complete) head_.append(fragment.octets.substr(0, kRecordHeadOctets - head_.size()));
  if (!was_complete && (head_.size() >= kRecordHeadOctets || fragment.ends())) weigh(is_chained);
  if (fragment.ends()) end_record(fragment.end);
}

/// What the head of a sound record says, wherever it stands.
void LogReader::weigh(bool is_chained) {
  const auto head = decode_head(head_);
  if (!head) return;
  if (!has_fault()) {
    if (!trace_.first_sequence) {
      trace_.first_sequence = head->sequence;
      trace_.begins_with_note = head->note.has_value();
    }
    if (head->note) tokens_.insert(head->note->token);
  }
  const bool is_ours = head->note && (is_chained || tokens_.contains(head->note->token));
  if (is_ours) trace_.synced = std::max(trace_.synced, head->note->synced);
  if (has_fault() && is_chained && !head->note && head->changes > 0) trace_.is_followed_by_plain = true;
}

void LogReader::end_record(std::uint64_t end) {
  is_open_ = false;
  if (has_fault()) return;
  trace_.end = end;
  if (const auto head = decode_head(head_)) trace_.next_sequence = head->sequence + head->changes;
}

LogVerdict judge(const std::vector<LogTrace>& traces) {
  LogVerdict verdict;
  LogPosition synced;
  for (const auto& trace : traces) synced = std::max(synced, trace.synced);
  std::optional<std::uint64_t> next;  // the sequence number that continues what stands so far
  LogPosition end;                    // of what stands so far
  bool is_cut = false;
  const auto cut = [&](bool is_damage, std::uint64_t at) {
    is_cut = true;
    if (is_damage && !verdict.damage)
      verdict.damage = fmt::format("the log {:06}.log is damaged at octet {}, where it was synced", end.log, at);
  };
  for (const auto& trace : traces) {
    verdict.ends[trace.number] = 0;
    const bool is_gap = trace.begins_with_note && next && trace.first_sequence != next;
    if (!is_cut && is_gap) cut(synced > end, end.octets);
    if (is_cut) continue;
    verdict.ends[trace.number] = trace.end;
    end = {.log = trace.number, .octets = trace.end};
    if (trace.next_sequence) next = trace.next_sequence;
    const bool is_vouched = trace.fault == Fault::kNone ? synced.log == end.log && synced > end : synced > end;
    const bool is_damage = trace.fault == Fault::kDamaged || trace.is_followed_by_plain || is_vouched;
    if (is_damage || (trace.fault == Fault::kTorn && !next)) cut(is_damage, std::max(trace.fault_at, trace.end));
  }
  return verdict;
}

}  // namespace veredus::io::engine
