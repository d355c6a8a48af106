#pragma once

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>
#include <vector>

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

inline std::vector<std::filesystem::path> files_with(const std::filesystem::path& folder,
                                                     const std::string& extension) {
  std::vector<std::filesystem::path> found;
  for (const auto& entry : std::filesystem::recursive_directory_iterator(folder))
    if (entry.path().extension() == extension) found.push_back(entry.path());
  std::ranges::sort(found);
  return found;
}

}  // namespace veredus::test
