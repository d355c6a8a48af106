#pragma once

#include <rocksdb/env.h>
#include <rocksdb/file_system.h>

#include <algorithm>
#include <atomic>
#include <filesystem>
#include <fstream>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <random>
#include <string>
#include <utility>
#include <vector>

namespace veredus::test {

/// The machine's file system with faults in its write-ahead logs: writes and syncs that fail; and power that
/// goes away, which the manifest feels as well.
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
  /// From now on nothing reaches the disk any more, and nobody notices.
  void cut_power() {
    const std::scoped_lock lock(mutex_);
    is_dark_ = true;
  }
  [[nodiscard]] std::uint64_t syncs() const { return syncs_; }
  /// Called when a log is about to be synced, by the thread that does it. Set it while nobody has the files open.
  void before_sync(std::function<void()> hook) { hook_ = std::move(hook); }

  /// Takes from every log what was not synced, as power loss does: all of it, or, with `luck`, a random choice of
  /// sectors. Nobody may have the files open.
  void lose_unsynced(std::mt19937* luck = nullptr) {
    const std::scoped_lock lock(mutex_);
    is_dark_ = false;
    for (auto& [path, disk] : disks_) {
      if (!std::filesystem::exists(path)) continue;
      if (luck != nullptr && is_log(path)) disk.keep_some(*luck);
      std::ofstream(path, std::ios::binary | std::ios::trunc) << disk.synced;
      disk.unsynced.clear();
    }
  }

  rocksdb::IOStatus NewWritableFile(const std::string& path, const rocksdb::FileOptions& options,
                                    std::unique_ptr<rocksdb::FSWritableFile>* result,
                                    rocksdb::IODebugContext* context) override {
    std::unique_ptr<rocksdb::FSWritableFile> file;
    auto status = target()->NewWritableFile(path, options, &file, context);
    if (status.ok() && (is_log(path) || path.find("/MANIFEST-") != std::string::npos)) {
      {
        const std::scoped_lock lock(mutex_);
        if (!is_dark_) disks_[path] = Disk();
      }
      *result = std::make_unique<Log>(std::move(file), *this, path);
    } else {
      *result = std::move(file);
    }
    return status;
  }

  rocksdb::IOStatus DeleteFile(const std::string& path, const rocksdb::IOOptions& options,
                               rocksdb::IODebugContext* context) override {
    {
      const std::scoped_lock lock(mutex_);
      if (is_dark_) return rocksdb::IOStatus::OK();
    }
    return target()->DeleteFile(path, options, context);
  }

 private:
  struct Write {
    std::uint64_t offset;
    std::string octets;
  };
  struct Disk {  // what a log is after a power loss, and what is on its way there
    static constexpr std::uint64_t kSector = 512;
    std::string synced;
    std::vector<Write> unsynced;

    void apply(const Write& write, std::uint64_t from, std::uint64_t to) {
      synced.resize(std::max<std::size_t>(synced.size(), write.offset + to));
      synced.replace(write.offset + from, to - from, write.octets, from, to - from);
    }
    /// Each sector as it stood after a random one of its writes.
    void keep_some(std::mt19937& luck) {
      std::map<std::uint64_t, std::size_t> kept;
      for (std::size_t i = 0; i < unsynced.size(); ++i)
        for (std::uint64_t from = 0, to = 0; from < unsynced[i].octets.size(); from = to) {
          const std::uint64_t sector = (unsynced[i].offset + from) / kSector;
          to = std::min<std::uint64_t>((sector + 1) * kSector - unsynced[i].offset, unsynced[i].octets.size());
          if (i < kept.try_emplace(sector, luck() % (unsynced.size() + 1)).first->second) apply(unsynced[i], from, to);
        }
    }
  };

  class Log final : public rocksdb::FSWritableFileOwnerWrapper {
   public:
    Log(std::unique_ptr<rocksdb::FSWritableFile> file, FaultyFileSystem& system, std::string path)
        : FSWritableFileOwnerWrapper(std::move(file)), system_(system), path_(std::move(path)) {}

    using FSWritableFileOwnerWrapper::Append;
    rocksdb::IOStatus Append(const rocksdb::Slice& data, const rocksdb::IOOptions& options,
                             rocksdb::IODebugContext* context) override {
      if (auto fault = system_.fault_at(path_, At::kAppend); !fault.ok()) return fault;
      system_.note_write(path_, {.offset = appended_, .octets = data.ToString()});
      appended_ += data.size();
      return target()->Append(data, options, context);
    }
    rocksdb::IOStatus Append(const rocksdb::Slice& data, const rocksdb::IOOptions& options,
                             const rocksdb::DataVerificationInfo&, rocksdb::IODebugContext* context) override {
      return Append(data, options, context);
    }
    using FSWritableFileOwnerWrapper::PositionedAppend;
    rocksdb::IOStatus PositionedAppend(const rocksdb::Slice& data, std::uint64_t offset,
                                       const rocksdb::IOOptions& options, rocksdb::IODebugContext* context) override {
      if (auto fault = system_.fault_at(path_, At::kAppend); !fault.ok()) return fault;
      system_.note_write(path_, {.offset = offset, .octets = data.ToString()});
      return target()->PositionedAppend(data, offset, options, context);
    }
    rocksdb::IOStatus Sync(const rocksdb::IOOptions& options, rocksdb::IODebugContext* context) override {
      if (system_.hook_ && is_log(path_)) system_.hook_();
      if (auto fault = system_.fault_at(path_, At::kSync); !fault.ok()) return fault;
      auto status = target()->Sync(options, context);
      if (status.ok()) system_.note_synced(path_);
      return status;
    }
    rocksdb::IOStatus Fsync(const rocksdb::IOOptions& options, rocksdb::IODebugContext* context) override {
      return Sync(options, context);
    }

   private:
    FaultyFileSystem& system_;
    std::string path_;
    std::uint64_t appended_ = 0;
  };

  static bool is_log(const std::string& path) { return path.ends_with(".log"); }
  rocksdb::IOStatus fault_at(const std::string& path, At at) const {
    if (fault_ == Fault::kNone || !is_log(path) || at != at_) return rocksdb::IOStatus::OK();
    if (fault_ == Fault::kNoSpace) return rocksdb::IOStatus::NoSpace("no space (planned)");
    return rocksdb::IOStatus::IOError("input/output error (planned)");
  }
  void note_write(const std::string& path, Write write) {
    const std::scoped_lock lock(mutex_);
    if (!is_dark_) disks_[path].unsynced.push_back(std::move(write));
  }
  void note_synced(const std::string& path) {
    ++syncs_;
    const std::scoped_lock lock(mutex_);
    if (is_dark_) return;
    Disk& disk = disks_[path];
    for (const auto& write : disk.unsynced) disk.apply(write, 0, write.octets.size());
    disk.unsynced.clear();
  }

  std::atomic<Fault> fault_ = Fault::kNone;
  std::atomic<At> at_ = At::kAppend;
  std::atomic<std::uint64_t> syncs_ = 0;
  std::function<void()> hook_;
  std::mutex mutex_;
  bool is_dark_ = false;
  std::map<std::string, Disk> disks_;
};

}  // namespace veredus::test
