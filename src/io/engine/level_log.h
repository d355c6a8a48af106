#pragma once

#include <rocksdb/file_system.h>

#include <atomic>
#include <condition_variable>
#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <thread>

#include "io/engine/log_note.h"
#include "io/engine/rocksdb_engine.h"

namespace veredus::io::engine {

/// The files of the store, among them write-ahead logs that do not grow while they are synced: zeros are written ahead
/// in large steps and the log then goes over them, so that a sync has octets to write and nothing of the file system's
/// own. A log that was not closed ends in zeros, or in a write that the power cut short; whoever reads it here, or asks
/// for its size, sees it end where it truly ends. Damage in what was synced is an error then, unless `recovery` is
/// kSalvage. Thread-safe. Decision 0015.
///
/// Who writes calls raise_ahead() while it has nothing else to do, so that no write waits for zeros; without it, writes
/// bring their own.
class LevelLogs final : public rocksdb::FileSystemWrapper {
 public:
  LevelLogs(const std::shared_ptr<rocksdb::FileSystem>& files, const std::string& directory, Recovery recovery);

  /// While it lives, what this thread appends to a log sets out for the disk at once, and a sync of the log that is
  /// written now returns before all of it is there. Whoever wants to begin another log, or to close this one, waits
  /// until it is. For one thread at a time: who writes. Decision 0031.
  class LateSync {
   public:
    explicit LateSync(LevelLogs& logs);
    ~LateSync();
    LateSync(const LateSync&) = delete;
    LateSync& operator=(const LateSync&) = delete;

    /// Waits until what was to be synced is on the disk. After an error that is cut off the log again, and no log is
    /// begun any more: close the database and open it anew.
    rocksdb::IOStatus finish();

   private:
    LevelLogs& logs_;
  };

  /// What each write to the log must begin with.
  [[nodiscard]] std::string note() const;

  /// Writes and syncs some zeros ahead of the log that is written now; all else in it must be synced already. Answers
  /// whether there is more to do.
  bool raise_ahead();
  /// Whether it would.
  [[nodiscard]] bool is_low();

  [[nodiscard]] const char* Name() const override { return "LevelLogs"; }
  rocksdb::IOStatus NewWritableFile(const std::string& path, const rocksdb::FileOptions& options,
                                    std::unique_ptr<rocksdb::FSWritableFile>* result,
                                    rocksdb::IODebugContext* context) override;
  rocksdb::IOStatus NewSequentialFile(const std::string& path, const rocksdb::FileOptions& options,
                                      std::unique_ptr<rocksdb::FSSequentialFile>* result,
                                      rocksdb::IODebugContext* context) override;
  rocksdb::IOStatus GetFileSize(const std::string& path, const rocksdb::IOOptions& options, std::uint64_t* size,
                                rocksdb::IODebugContext* context) override;
  rocksdb::IOStatus DeleteFile(const std::string& path, const rocksdb::IOOptions& options,
                               rocksdb::IODebugContext* context) override;
  rocksdb::IOStatus LinkFile(const std::string& from, const std::string& to, const rocksdb::IOOptions& options,
                             rocksdb::IODebugContext* context) override;

 private:
  class Log;
  class LogView;
  struct Extent {                         // of one log
    std::atomic<std::uint64_t> octets;    // what was written, without the zeros
    std::atomic<bool> is_shared = false;  // with a backup: its size must not change any more
  };
  using Extents = std::map<std::uint64_t, std::shared_ptr<Extent>>;  // by the log's number

  [[nodiscard]] std::optional<std::uint64_t> log_number(const std::string& path) const;
  rocksdb::IOStatus extent_of(std::uint64_t number, std::shared_ptr<Extent>* extent);
  rocksdb::IOStatus survey(std::uint64_t oldest);
  void synced(LogPosition position);
  [[nodiscard]] bool writes_late() const { return late_writer_ == std::this_thread::get_id(); }
  bool put_off(Log* log);
  rocksdb::IOStatus make_late_sync();
  void closing(const Log* log);

  std::string directory_;
  Recovery recovery_;
  std::uint64_t token_;
  mutable std::mutex mutex_;
  Extents extents_;
  LogPosition synced_;
  std::atomic<std::thread::id> late_writer_;  // the thread with a LateSync
  struct {                                    // that thread's own
    const Log* log = nullptr;                 // which it has appended to
    std::uint64_t from = 0;                   // where its first octets stand
    rocksdb::IOStatus failure;                // of sending them to the disk
  } late_write_;
  std::mutex raising_;                         // held while zeros are written ahead; taken before mutex_
  std::condition_variable late_sync_is_made_;  // with raising_
  Log* current_ = nullptr;                     // the last log made, until it is closed; under raising_
  Log* late_ = nullptr;                        // the log whose sync was put off; under raising_
  rocksdb::IOStatus failure_;                  // of a late sync; under raising_
};

}  // namespace veredus::io::engine
