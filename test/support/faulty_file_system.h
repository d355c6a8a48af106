#pragma once

#include <rocksdb/env.h>
#include <rocksdb/file_system.h>

#include <atomic>
#include <filesystem>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <utility>

namespace veredus::test {

/// The machine's file system with faults in its write-ahead logs: writes and syncs that fail, and power that goes away.
class FaultyFileSystem final : public rocksdb::FileSystemWrapper {
 public:
  enum class Fault { kNone, kNoSpace, kInputOutput };
  enum class At { kAppend, kSync };

  FaultyFileSystem() : FileSystemWrapper(rocksdb::FileSystem::Default()) {}
  [[nodiscard]] const char* Name() const override { return "FaultyFileSystem"; }

  /// From now on, appends or syncs of logs fail; kNone heals.
  void fail(Fault fault, At at) {
    at_ = at;
    fault_ = fault;
  }
  [[nodiscard]] std::uint64_t syncs() const { return syncs_; }

  /// Cuts every log to what was synced, as power loss may. Nobody may have the files open.
  void lose_unsynced() {
    const std::scoped_lock lock(mutex_);
    for (const auto& [path, size] : synced_)
      if (std::filesystem::exists(path)) std::filesystem::resize_file(path, size);
  }

  rocksdb::IOStatus NewWritableFile(const std::string& path, const rocksdb::FileOptions& options,
                                    std::unique_ptr<rocksdb::FSWritableFile>* result,
                                    rocksdb::IODebugContext* context) override {
    std::unique_ptr<rocksdb::FSWritableFile> file;
    auto status = target()->NewWritableFile(path, options, &file, context);
    if (status.ok() && path.ends_with(".log")) {
      note_synced(path, 0);
      *result = std::make_unique<Log>(std::move(file), *this, path);
    } else {
      *result = std::move(file);
    }
    return status;
  }

 private:
  class Log final : public rocksdb::FSWritableFileOwnerWrapper {
   public:
    Log(std::unique_ptr<rocksdb::FSWritableFile> file, FaultyFileSystem& system, std::string path)
        : FSWritableFileOwnerWrapper(std::move(file)), system_(system), path_(std::move(path)) {}

    using FSWritableFileOwnerWrapper::Append;
    rocksdb::IOStatus Append(const rocksdb::Slice& data, const rocksdb::IOOptions& options,
                             rocksdb::IODebugContext* context) override {
      if (auto fault = system_.fault_at(At::kAppend); !fault.ok()) return fault;
      written_ += data.size();
      return target()->Append(data, options, context);
    }
    rocksdb::IOStatus Append(const rocksdb::Slice& data, const rocksdb::IOOptions& options,
                             const rocksdb::DataVerificationInfo&, rocksdb::IODebugContext* context) override {
      return Append(data, options, context);
    }
    rocksdb::IOStatus Sync(const rocksdb::IOOptions& options, rocksdb::IODebugContext* context) override {
      if (auto fault = system_.fault_at(At::kSync); !fault.ok()) return fault;
      auto status = target()->Sync(options, context);
      if (status.ok()) system_.note_synced(path_, written_);
      return status;
    }
    rocksdb::IOStatus Fsync(const rocksdb::IOOptions& options, rocksdb::IODebugContext* context) override {
      return Sync(options, context);
    }

   private:
    FaultyFileSystem& system_;
    std::string path_;
    std::uint64_t written_ = 0;
  };

  rocksdb::IOStatus fault_at(At at) const {
    if (fault_ == Fault::kNone || at != at_) return rocksdb::IOStatus::OK();
    if (fault_ == Fault::kNoSpace) return rocksdb::IOStatus::NoSpace("no space (planned)");
    return rocksdb::IOStatus::IOError("input/output error (planned)");
  }
  void note_synced(const std::string& path, std::uint64_t size) {
    ++syncs_;
    const std::scoped_lock lock(mutex_);
    synced_[path] = size;
  }

  std::atomic<Fault> fault_ = Fault::kNone;
  std::atomic<At> at_ = At::kAppend;
  std::atomic<std::uint64_t> syncs_ = 0;
  std::mutex mutex_;
  std::map<std::string, std::uint64_t> synced_;
};

}  // namespace veredus::test
