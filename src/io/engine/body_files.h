#pragma once

#include <rocksdb/file_system.h>

#include <memory>
#include <string>

namespace veredus::io::engine {

/// The files of the store, among them those of large bodies, which are read one body here and one there: of a queue in
/// the order messages came, while the file has them shard by shard. Asking the disk for each body alone costs more than
/// all else that is done with it. So what stands around is fetched into the page cache in one piece as soon as a second
/// body of the same stretch is wanted; who wants just one reads just that. Thread-safe.
class BodyFiles final : public rocksdb::FileSystemWrapper {
 public:
  explicit BodyFiles(const std::shared_ptr<rocksdb::FileSystem>& files) : FileSystemWrapper(files) {}

  [[nodiscard]] const char* Name() const override { return "BodyFiles"; }
  rocksdb::IOStatus NewRandomAccessFile(const std::string& path, const rocksdb::FileOptions& options,
                                        std::unique_ptr<rocksdb::FSRandomAccessFile>* result,
                                        rocksdb::IODebugContext* context) override;
};

}  // namespace veredus::io::engine
