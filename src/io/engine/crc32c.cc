#include "io/engine/crc32c.h"

#include <dlfcn.h>

#include <cstddef>
#include <cstdint>
#include <cstring>

#if defined(__x86_64__)
#include <nmmintrin.h>
#endif

// The name and the form are librocksdb's; it calls this one when the program has it.
namespace rocksdb::crc32c {
[[gnu::visibility("default")]] std::uint32_t Extend(std::uint32_t crc, const char* octets, std::size_t size);
}

namespace veredus::io::engine {
namespace {

using Extend = std::uint32_t (*)(std::uint32_t, const char*, std::size_t);

#if defined(__x86_64__)
bool has_instruction() { return __builtin_cpu_supports("sse4.2") != 0; }

[[gnu::target("sse4.2")]] std::uint32_t extend_by_processor(std::uint32_t crc, const char* octets, std::size_t size) {
  std::uint64_t state = ~crc;
  for (; size >= sizeof(std::uint64_t); octets += sizeof(std::uint64_t), size -= sizeof(std::uint64_t)) {
    std::uint64_t word = 0;
    std::memcpy(&word, octets, sizeof word);
    state = _mm_crc32_u64(state, word);
  }
  auto rest = static_cast<std::uint32_t>(state);
  for (; size > 0; ++octets, --size) rest = _mm_crc32_u8(rest, static_cast<std::uint8_t>(*octets));
  return ~rest;
}
#else
bool has_instruction() { return false; }
std::uint32_t extend_by_processor(std::uint32_t crc, const char*, std::size_t) { return crc; }
#endif

Extend choose() {
  if (has_instruction()) return extend_by_processor;
  return reinterpret_cast<Extend>(dlsym(RTLD_NEXT, "_ZN7rocksdb6crc32c6ExtendEjPKcm"));  // librocksdb's own
}

}  // namespace

bool is_crc32c_by_processor() { return has_instruction(); }

std::uint32_t crc32c(std::uint32_t crc, std::string_view octets) {
  return rocksdb::crc32c::Extend(crc, octets.data(), octets.size());
}

}  // namespace veredus::io::engine

std::uint32_t rocksdb::crc32c::Extend(std::uint32_t crc, const char* octets, std::size_t size) {
  static const auto kChosen = veredus::io::engine::choose();
  return kChosen(crc, octets, size);
}
