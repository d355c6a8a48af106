#include "io/engine/counter.h"

#include <bit>

#include "base/types/bytes.h"

namespace veredus::io::engine {

std::string encode_counter(std::int64_t value) {
  std::string out;
  put_be(out, std::bit_cast<std::uint64_t>(value));
  return out;
}

std::optional<std::int64_t> decode_counter(std::string_view value) {
  ByteReader reader(value);
  const auto number = reader.take_be<std::uint64_t>();
  if (!number || !reader.empty()) return std::nullopt;
  return std::bit_cast<std::int64_t>(*number);
}

std::int64_t add_wrapping(std::int64_t value, std::int64_t delta) {
  return std::bit_cast<std::int64_t>(std::bit_cast<std::uint64_t>(value) + std::bit_cast<std::uint64_t>(delta));
}

}  // namespace veredus::io::engine
