#include "base/types/read_file.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>

namespace veredus {
namespace {

TEST(ReadFile, AnswersAllOctets) {
  const auto path = std::filesystem::temp_directory_path() / ("veredus-read-file-" + std::to_string(::getpid()));
  for (const std::size_t size : {0UL, 1UL, 16UL * 1024, 100'000UL}) {
    SCOPED_TRACE(size);
    const std::string octets(size, '\0');
    std::ofstream(path, std::ios::binary) << octets;
    EXPECT_EQ(read_file(path), octets);
  }
  std::filesystem::remove(path);
}

TEST(ReadFile, AnswersNothingOfWhatCannotBeRead) {
  EXPECT_EQ(read_file("/none/such"), std::nullopt);
  EXPECT_EQ(read_file("/"), std::nullopt);
}

}  // namespace
}  // namespace veredus
