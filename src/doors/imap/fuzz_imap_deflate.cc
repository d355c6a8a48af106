#include <cstddef>
#include <cstdint>
#include <string>

#include "base/types/result.h"
#include "doors/imap/deflate.h"

namespace imap = veredus::doors::imap;

/// All that comes out of `octets`, or what came before they turned out to be no DEFLATE.
static std::string inflated(std::string_view octets) {
  imap::Inflater inflater;
  std::string all;
  while (true) {
    const auto before = octets.size();
    const auto piece = inflater.inflate(octets);
    if (!piece || (piece->empty() && octets.empty())) return all;
    VEREDUS_CHECK(piece->size() <= imap::Inflater::kPieceOctets && octets.size() <= before);
    VEREDUS_CHECK(!piece->empty() || octets.size() < before || inflater.ended());  // it never stands still
    all.append(*piece);
  }
}

/// As input from a client, and as what a server says: that comes back as it was, piece by piece.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* octets, std::size_t size) {
  const std::string_view input(reinterpret_cast<const char*>(octets), size);
  static_cast<void>(inflated(input));
  imap::Deflater deflater;
  const auto half = input.size() / 2;
  const auto first = deflater.compress(input.substr(0, half));
  VEREDUS_CHECK(inflated(first) == input.substr(0, half));
  VEREDUS_CHECK(inflated(first + deflater.compress(input.substr(half))) == input);
  return 0;
}
