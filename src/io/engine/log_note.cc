#include "io/engine/log_note.h"

namespace veredus::io::engine {
namespace {

constexpr std::string_view kName = "synced";
constexpr std::size_t kNoteOctets = kName.size() + 3 * sizeof(std::uint64_t);
constexpr std::size_t kBatchHeaderOctets = 12;  // of RocksDB: sequence, count
constexpr char kLogDataTag = 0x03;              // of RocksDB
static_assert(kBatchHeaderOctets + 2 + kNoteOctets <= kRecordHeadOctets);

void put_number(std::string& out, std::uint64_t number) {
  for (int shift = 56; shift >= 0; shift -= 8) out.push_back(static_cast<char>(number >> shift));
}

std::uint64_t take_number(std::string_view octets) {
  std::uint64_t number = 0;
  for (std::size_t i = 0; i < sizeof number; ++i) number = number << 8 | static_cast<std::uint8_t>(octets[i]);
  return number;
}

template <class T>
T take_little(std::string_view octets) {
  T number = 0;
  for (std::size_t i = 0; i < sizeof number; ++i)
    number |= static_cast<T>(static_cast<std::uint8_t>(octets[i])) << (8 * i);
  return number;
}

std::optional<LogNote> decode_note(std::string_view entry) {
  if (entry.size() < 2 + kNoteOctets || entry[0] != kLogDataTag || entry[1] != static_cast<char>(kNoteOctets) ||
      entry.substr(2, kName.size()) != kName)
    return std::nullopt;
  const auto numbers = entry.substr(2 + kName.size());
  return LogNote{.token = take_number(numbers),
                 .synced = {.log = take_number(numbers.substr(8)), .octets = take_number(numbers.substr(16))}};
}

}  // namespace

std::string encode(const LogNote& note) {
  std::string out(kName);
  put_number(out, note.token);
  put_number(out, note.synced.log);
  put_number(out, note.synced.octets);
  return out;
}

std::optional<RecordHead> decode_head(std::string_view octets) {
  if (octets.size() < kBatchHeaderOctets) return std::nullopt;
  return RecordHead{.sequence = take_little<std::uint64_t>(octets),
                    .changes = take_little<std::uint32_t>(octets.substr(8)),
                    .note = decode_note(octets.substr(kBatchHeaderOctets))};
}

}  // namespace veredus::io::engine
