#pragma once

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>

namespace veredus::test {

/// The folder of a public conformance suite: under $VEREDUS_SUITES, else beside the source tree; empty: not there.
inline std::filesystem::path suite(const std::string& name) {
  const char* const set = std::getenv("VEREDUS_SUITES");
  const auto all = set != nullptr ? std::filesystem::path(set)
                                  : std::filesystem::path(VEREDUS_SOURCE_DIR) / ".." / "shared" / "suites";
  return std::filesystem::is_directory(all / name) ? all / name : std::filesystem::path();
}

inline std::string read_whole(const std::filesystem::path& path) {
  std::ifstream in(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), std::istreambuf_iterator<char>()};
}

}  // namespace veredus::test
