#include "base/types/read_file.h"

#include <array>
#include <fstream>

namespace veredus {

std::optional<std::string> read_file(const std::string& path) {
  constexpr std::size_t kPieceOctets = 16UL * 1024;
  std::ifstream file(path, std::ios::binary);
  if (!file) return std::nullopt;
  std::string octets;
  std::array<char, kPieceOctets> piece{};
  while (file) {
    file.read(piece.data(), piece.size());
    octets.append(piece.data(), static_cast<std::size_t>(file.gcount()));
  }
  if (file.bad()) return std::nullopt;
  return octets;
}

}  // namespace veredus
