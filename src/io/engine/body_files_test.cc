#include "io/engine/body_files.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>
#include <utility>
#include <vector>

#include "support/scratch_directory.h"

namespace veredus::io::engine {
namespace {

using rocksdb::IOStatus;
using testing::ElementsAre;
using testing::IsEmpty;

constexpr std::uint64_t kMiB = 1024 * 1024;

/// Writes down what is fetched ahead.
class Witness final : public rocksdb::FileSystemWrapper {
 public:
  using Fetched = std::pair<std::uint64_t, std::size_t>;

  Witness() : FileSystemWrapper(rocksdb::FileSystem::Default()) {}
  [[nodiscard]] const char* Name() const override { return "Witness"; }
  IOStatus NewRandomAccessFile(const std::string& path, const rocksdb::FileOptions& options,
                               std::unique_ptr<rocksdb::FSRandomAccessFile>* result,
                               rocksdb::IODebugContext* context) override {
    auto status = target()->NewRandomAccessFile(path, options, result, context);
    if (status.ok()) *result = std::make_unique<File>(std::move(*result), this);
    return status;
  }

  std::vector<Fetched> fetched;

 private:
  class File final : public rocksdb::FSRandomAccessFileOwnerWrapper {
   public:
    File(std::unique_ptr<rocksdb::FSRandomAccessFile> file, Witness* witness)
        : FSRandomAccessFileOwnerWrapper(std::move(file)), witness_(witness) {}
    IOStatus Prefetch(std::uint64_t offset, std::size_t size, const rocksdb::IOOptions&,
                      rocksdb::IODebugContext*) override {
      witness_->fetched.emplace_back(offset, size);
      return IOStatus::IOError("not now");  // it does no harm
    }

   private:
    Witness* witness_;
  };
};

class BodyFilesTest : public testing::Test {
 protected:
  std::unique_ptr<rocksdb::FSRandomAccessFile> open(const std::string& name) {
    const auto path = scratch_.at(name);
    std::ofstream(path, std::ios::binary) << std::string(3 * kMiB, 'x');
    std::unique_ptr<rocksdb::FSRandomAccessFile> file;
    const auto status = files_.NewRandomAccessFile(path, {}, &file, nullptr);
    EXPECT_TRUE(status.ok()) << status.ToString();
    return file;
  }
  static std::size_t read(rocksdb::FSRandomAccessFile& file, std::uint64_t at, std::size_t size) {
    std::string scratch(size, '\0');
    rocksdb::Slice got;
    EXPECT_TRUE(file.Read(at, size, {}, &got, scratch.data(), nullptr).ok());
    return got.size();
  }

  test::ScratchDirectory scratch_;
  std::shared_ptr<Witness> witness_ = std::make_shared<Witness>();
  BodyFiles files_{witness_};
};

TEST_F(BodyFilesTest, FetchesAStretchOnceASecondBodyOfItIsWanted) {
  const auto file = open("000007.blob");
  EXPECT_EQ(read(*file, 100, 500), 500U);
  EXPECT_EQ(read(*file, 2 * kMiB + 5, 500), 500U);
  EXPECT_THAT(witness_->fetched, IsEmpty());
  EXPECT_EQ(read(*file, 9000, 500), 500U);
  EXPECT_EQ(read(*file, 70'000, 500), 500U);
  EXPECT_EQ(read(*file, 5, 500), 500U);
  EXPECT_THAT(witness_->fetched, ElementsAre(Witness::Fetched(0, kMiB)));
  EXPECT_EQ(read(*file, 3 * kMiB - 10, 500), 10U);
  EXPECT_THAT(witness_->fetched, ElementsAre(Witness::Fetched(0, kMiB), Witness::Fetched(2 * kMiB, kMiB)));
}

TEST_F(BodyFilesTest, DoesNotTakeTheOpeningOfAFileForABody) {
  const auto file = open("000010.blob");
  EXPECT_EQ(read(*file, 0, 30), 30U);              // header
  EXPECT_EQ(read(*file, 3 * kMiB - 32, 32), 32U);  // footer
  EXPECT_EQ(read(*file, 0, 4096), 4096U);          // the header, read ahead
  EXPECT_EQ(read(*file, 30, 500), 500U);
  EXPECT_EQ(read(*file, 3 * kMiB - 600, 500), 500U);
  EXPECT_THAT(witness_->fetched, IsEmpty()) << "one body of each end so far";
}

TEST_F(BodyFilesTest, LeavesLargeReadsAndOtherFilesAlone) {
  const auto bodies = open("000008.blob"), rows = open("000009.sst");
  for (int i = 0; i < 3; ++i) {
    EXPECT_EQ(read(*bodies, 0, kMiB), kMiB);
    EXPECT_EQ(read(*rows, 10, 500), 500U);
  }
  EXPECT_THAT(witness_->fetched, IsEmpty());
}

}  // namespace
}  // namespace veredus::io::engine
