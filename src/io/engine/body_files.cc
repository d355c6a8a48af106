#include "io/engine/body_files.h"

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <string_view>
#include <utility>

namespace veredus::io::engine {
namespace {

using rocksdb::IODebugContext;
using rocksdb::IOOptions;
using rocksdb::IOStatus;
using rocksdb::Slice;

constexpr std::string_view kEnding = ".blob";
constexpr std::uint64_t kStretchOctets = 1024 * 1024;
constexpr std::size_t kRemembered = 256;  // stretches of one file: all of a file of 256 MiB
/// Header, footer and a record's own header are at most 32 octets long. They are read when a file is opened, and say
/// nothing of what is wanted of it.
constexpr std::size_t kLeastOctets = 64;

class BodyFile final : public rocksdb::FSRandomAccessFileOwnerWrapper {
 public:
  using FSRandomAccessFileOwnerWrapper::FSRandomAccessFileOwnerWrapper;

  IOStatus Read(std::uint64_t offset, std::size_t size, const IOOptions& options, Slice* result, char* scratch,
                IODebugContext* context) const override {
    const bool is_body = offset != 0 && size >= kLeastOctets && size < kStretchOctets;  // at 0 is the file's header
    if (is_body) note(offset / kStretchOctets, options, context);
    return target()->Read(offset, size, options, result, scratch, context);
  }

 private:
  /// Fetches the stretch when it is wanted a second time. Two threads at once may both fetch it: the second finds
  /// nothing left to do. Failing is no harm: the read itself says what is wrong.
  void note(std::uint64_t stretch, const IOOptions& options, IODebugContext* context) const {
    auto& seen = seen_[stretch % kRemembered];
    const std::uint64_t once = 2 * stretch + 2, fetched = once + 1;
    const auto before = seen.load(std::memory_order_relaxed);
    if (before == fetched) return;
    seen.store(before == once ? fetched : once, std::memory_order_relaxed);
    if (before == once) (void)target()->Prefetch(stretch * kStretchOctets, kStretchOctets, options, context);
  }

  /// By stretch modulo their number: 0, or twice the stretch plus 2, plus 1 once it was fetched.
  mutable std::array<std::atomic<std::uint64_t>, kRemembered> seen_{};
};

}  // namespace

IOStatus BodyFiles::NewRandomAccessFile(const std::string& path, const rocksdb::FileOptions& options,
                                        std::unique_ptr<rocksdb::FSRandomAccessFile>* result, IODebugContext* context) {
  auto status = target()->NewRandomAccessFile(path, options, result, context);
  if (status.ok() && path.ends_with(kEnding) && !options.use_direct_reads)
    *result = std::make_unique<BodyFile>(std::move(*result));
  return status;
}

}  // namespace veredus::io::engine
