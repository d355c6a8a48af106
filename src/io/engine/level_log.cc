#include "io/engine/level_log.h"

#include <algorithm>
#include <charconv>
#include <filesystem>
#include <random>
#include <utility>
#include <vector>

#include "io/engine/log_survey.h"

namespace veredus::io::engine {
namespace {

using rocksdb::IODebugContext;
using rocksdb::IOOptions;
using rocksdb::IOStatus;
using rocksdb::Slice;

constexpr std::uint64_t kPageOctets = 4096;
constexpr std::uint64_t kFirstStepOctets = 256 * 1024;
constexpr std::uint64_t kMaxStepOctets = 1024 * 1024;
constexpr std::size_t kLongWriteOctets = 64 * 1024;  // from here on what zeros save is less than what they cost
constexpr std::size_t kZerosOctets = 64 * 1024;
// Of zeros that are made while nobody waits: twice as many with each short write, for a start to where logs usually end
// (a table in memory is full then), beyond it a little.
constexpr std::uint64_t kFirstAheadOctets = 64 * 1024;
constexpr std::uint64_t kMaxAheadOctets = 1024 * 1024;
constexpr std::uint64_t kUsualLogOctets = 12 * 1024 * 1024;
constexpr std::string_view kEnding = ".log";

std::uint64_t random_token() {
  std::random_device random;
  return static_cast<std::uint64_t>(random()) << 32 | random();
}

std::string plain(const std::string& directory) {
  auto path = std::filesystem::path(directory).lexically_normal().string();
  if (path.size() > 1 && path.ends_with('/')) path.pop_back();
  return path;
}

}  // namespace

/// A log that is being written. One thread at a time writes; any may sync.
class LevelLogs::Log final : public rocksdb::FSWritableFileOwnerWrapper {
 public:
  Log(std::unique_ptr<rocksdb::FSWritableFile> file, LevelLogs& logs, std::uint64_t number,
      std::shared_ptr<Extent> extent)
      : FSWritableFileOwnerWrapper(std::move(file)), logs_(logs), number_(number), extent_(std::move(extent)) {}
  ~Log() override { logs_.closing(this); }
  Log(const Log&) = delete;
  Log& operator=(const Log&) = delete;

  IOStatus Append(const Slice& octets, const IOOptions& options, IODebugContext* context) override {
    const std::uint64_t at = extent_->octets, end = at + octets.size();
    if (octets.size() >= kLongWriteOctets) {
      step_ = kFirstStepOctets;
      ahead_ /= 2;
    } else {
      ahead_ = std::clamp(2 * ahead_, kFirstAheadOctets, kUsualLogOctets);
      if (end > level_) raise(end, options, context);
    }
    auto status = target()->PositionedAppend(octets, at, options, context);
    if (!status.ok()) return status;
    extent_->octets = end;
    level_ = std::max(level_, end);
    if (logs_.writes_late()) send_to_disk(at, octets.size(), options, context);
    return status;
  }
  IOStatus Append(const Slice& octets, const IOOptions& options, const rocksdb::DataVerificationInfo&,
                  IODebugContext* context) override {
    return Append(octets, options, context);
  }
  IOStatus Sync(const IOOptions& options, IODebugContext* context) override {
    return logs_.put_off(this) ? IOStatus::OK() : sync_now(options, context);
  }
  IOStatus sync_now(const IOOptions& options, IODebugContext* context) {
    const std::uint64_t written = extent_->octets;
    auto status = target()->Sync(options, context);
    if (status.ok()) logs_.synced({.log = number_, .octets = written});
    return status;
  }
  IOStatus Fsync(const IOOptions& options, IODebugContext* context) override { return Sync(options, context); }
  /// Takes back what was written from there on.
  void cut_off(std::uint64_t from) {
    extent_->octets = level_ = from;
    (void)target()->Truncate(from, {}, nullptr);  // else closing it tries again
  }
  IOStatus Truncate(std::uint64_t size, const IOOptions& options, IODebugContext* context) override {
    extent_->octets = level_ = size;
    return target()->Truncate(size, options, context);
  }
  IOStatus Close(const IOOptions& options, IODebugContext* context) override {
    logs_.closing(this);
    // Zeros that stay do no harm: an error here is none.
    (void)target()->Truncate(extent_->is_shared ? level_ : extent_->octets.load(), options, context);
    return target()->Close(options, context);
  }
  std::uint64_t GetFileSize(const IOOptions&, IODebugContext*) override { return extent_->octets; }

  /// One step of zeros and its sync. They are few, so that a write that comes meanwhile does not wait for long. When it
  /// fails nothing is lost but zeros: the next write will meet the same error, or none.
  bool raise_ahead() {
    if (!is_low()) return false;
    if (write_zeros(kZerosOctets, {}, nullptr) && sync_now({}, nullptr).ok()) return true;
    ahead_ = 0;
    return false;
  }
  [[nodiscard]] bool is_low() const { return level_ < wanted_level() && !extent_->is_shared; }

 private:
  [[nodiscard]] std::uint64_t wanted_level() const {
    const std::uint64_t written = extent_->octets;
    return std::max(written + std::min(ahead_, kMaxAheadOctets), std::min(written + ahead_, kUsualLogOctets));
  }

  /// Does not wait. An error may be told this once alone: the late sync fails by it.
  void send_to_disk(std::uint64_t at, std::size_t octets, const IOOptions& options, IODebugContext* context) {
    auto& write = logs_.late_write_;
    if (write.log != this) write = {.log = this, .from = at, .failure = {}};
    auto status = target()->RangeSync(at, octets, options, context);
    if (write.failure.ok()) write.failure = std::move(status);
  }

  /// Zeros from here to beyond `end`. What cannot be had is done without: the write itself then says so.
  void raise(std::uint64_t end, const IOOptions& options, IODebugContext* context) {
    const std::uint64_t to = (end + step_) / kPageOctets * kPageOctets;
    step_ = std::min(2 * step_, kMaxStepOctets);
    while (level_ < to)
      if (!write_zeros(to - level_, options, context)) return;
  }

  /// At most kZerosOctets of them.
  bool write_zeros(std::uint64_t octets, const IOOptions& options, IODebugContext* context) {
    static const std::string kZeros(kZerosOctets, '\0');
    const Slice zeros(kZeros.data(), std::min<std::uint64_t>(octets, kZeros.size()));
    if (!target()->PositionedAppend(zeros, level_, options, context).ok()) return false;
    level_ += zeros.size();
    return true;
  }

  LevelLogs& logs_;
  std::uint64_t number_;
  std::shared_ptr<Extent> extent_;
  std::uint64_t level_ = 0;  // where the zeros end
  std::uint64_t step_ = kFirstStepOctets;
  std::uint64_t ahead_ = 0;  // of zeros that are worth making: many where short writes follow each other
};

/// A log as far as it truly goes.
class LevelLogs::LogView final : public rocksdb::FSSequentialFileOwnerWrapper {
 public:
  LogView(std::unique_ptr<rocksdb::FSSequentialFile> file, std::uint64_t octets)
      : FSSequentialFileOwnerWrapper(std::move(file)), left_(octets) {}

  IOStatus Read(std::size_t size, const IOOptions& options, Slice* result, char* scratch,
                IODebugContext* context) override {
    auto status = target()->Read(std::min<std::uint64_t>(size, left_), options, result, scratch, context);
    if (status.ok()) left_ -= result->size();
    return status;
  }
  IOStatus Skip(std::uint64_t size) override {
    const auto skipped = std::min(size, left_);
    left_ -= skipped;
    return target()->Skip(skipped);
  }

 private:
  std::uint64_t left_;
};

LevelLogs::LevelLogs(const std::shared_ptr<rocksdb::FileSystem>& files, const std::string& directory, Recovery recovery)
    : FileSystemWrapper(files), directory_(plain(directory)), recovery_(recovery), token_(random_token()) {}

std::string LevelLogs::note() const {
  const std::scoped_lock lock(mutex_);
  return encode(LogNote{.token = token_, .synced = synced_});
}

void LevelLogs::synced(LogPosition position) {
  const std::scoped_lock lock(mutex_);
  synced_ = std::max(synced_, position);
}

bool LevelLogs::raise_ahead() {
  const std::scoped_lock lock(raising_);
  return current_ != nullptr && current_->raise_ahead();
}

bool LevelLogs::is_low() {
  const std::scoped_lock lock(raising_);
  return current_ != nullptr && current_->is_low();
}

/// Nothing is written ahead of it any more.
void LevelLogs::closing(const Log* log) {
  std::unique_lock lock(raising_);
  late_sync_is_made_.wait(lock, [&] { return late_ != log || writes_late(); });
  if (current_ == log) current_ = nullptr;
  if (late_ != log) return;
  late_ = nullptr;
  failure_ = IOStatus::IOError("a log was closed before it was synced");
  late_sync_is_made_.notify_all();
}

/// Of older logs the database notes down that they are synced: that must be true.
bool LevelLogs::put_off(Log* log) {
  if (!writes_late()) return false;
  const std::scoped_lock lock(raising_);
  if (current_ != log) return false;
  late_ = log;
  return true;
}

LevelLogs::LateSync::LateSync(LevelLogs& logs) : logs_(logs) {
  logs_.late_write_ = {};
  logs_.late_writer_ = std::this_thread::get_id();
}

LevelLogs::LateSync::~LateSync() {
  (void)finish();
  logs_.late_writer_ = std::thread::id();
}

IOStatus LevelLogs::LateSync::finish() { return logs_.make_late_sync(); }

/// Nobody closes the log meanwhile: the lock need not be held while the disk works.
IOStatus LevelLogs::make_late_sync() {
  Log* log = nullptr;
  {
    const std::scoped_lock lock(raising_);
    log = late_;
    if (log == nullptr) return failure_;
  }
  auto status = log->sync_now({}, nullptr);
  if (status.ok() && late_write_.log == log) status = late_write_.failure;
  if (!status.ok() && late_write_.log == log) log->cut_off(late_write_.from);
  const std::scoped_lock lock(raising_);
  late_ = nullptr;
  if (!status.ok()) failure_ = status;
  late_sync_is_made_.notify_all();
  return status;
}

/// Only of logs of this store: a backup writes its own without zeros.
std::optional<std::uint64_t> LevelLogs::log_number(const std::string& path) const {
  if (!path.ends_with(kEnding)) return std::nullopt;
  const auto slash = path.find_last_of('/');
  if (slash == std::string::npos || plain(path.substr(0, slash)) != directory_) return std::nullopt;
  std::uint64_t number = 0;
  const char* const end = path.data() + path.size() - kEnding.size();
  const auto [stopped, error] = std::from_chars(path.data() + slash + 1, end, number);
  if (error != std::errc() || stopped != end) return std::nullopt;
  return number;
}

IOStatus LevelLogs::NewWritableFile(const std::string& path, const rocksdb::FileOptions& options,
                                    std::unique_ptr<rocksdb::FSWritableFile>* result, IODebugContext* context) {
  const auto number = log_number(path);
  if (!number || options.use_direct_writes) return target()->NewWritableFile(path, options, result, context);
  {
    // The database takes the log before it for synced from now on.
    std::unique_lock lock(raising_);
    late_sync_is_made_.wait(lock, [&] { return late_ == nullptr || writes_late(); });
    if (!failure_.ok()) return failure_;
  }
  std::unique_ptr<rocksdb::FSWritableFile> file;
  auto status = target()->NewWritableFile(path, options, &file, context);
  if (!status.ok()) return status;
  auto extent = std::make_shared<Extent>(0);
  {
    const std::scoped_lock lock(mutex_);
    extents_[*number] = extent;
  }
  auto log = std::make_unique<Log>(std::move(file), *this, *number, std::move(extent));
  {
    const std::scoped_lock lock(raising_);
    current_ = log.get();
  }
  *result = std::move(log);
  return status;
}

IOStatus LevelLogs::NewSequentialFile(const std::string& path, const rocksdb::FileOptions& options,
                                      std::unique_ptr<rocksdb::FSSequentialFile>* result, IODebugContext* context) {
  const auto number = log_number(path);
  if (!number) return target()->NewSequentialFile(path, options, result, context);
  std::shared_ptr<Extent> extent;
  if (auto status = extent_of(*number, &extent); !status.ok()) return status;
  std::unique_ptr<rocksdb::FSSequentialFile> file;
  auto status = target()->NewSequentialFile(path, options, &file, context);
  if (status.ok()) *result = std::make_unique<LogView>(std::move(file), extent->octets);
  return status;
}

IOStatus LevelLogs::GetFileSize(const std::string& path, const IOOptions& options, std::uint64_t* size,
                                IODebugContext* context) {
  const auto number = log_number(path);
  if (!number) return target()->GetFileSize(path, options, size, context);
  std::shared_ptr<Extent> extent;
  auto status = extent_of(*number, &extent);
  if (status.ok()) *size = extent->octets;
  return status;
}

IOStatus LevelLogs::DeleteFile(const std::string& path, const IOOptions& options, IODebugContext* context) {
  if (const auto number = log_number(path)) {
    const std::scoped_lock lock(mutex_);
    extents_.erase(*number);
  }
  return target()->DeleteFile(path, options, context);
}

IOStatus LevelLogs::LinkFile(const std::string& from, const std::string& to, const IOOptions& options,
                             IODebugContext* context) {
  if (const auto number = log_number(from)) {
    std::shared_ptr<Extent> extent;
    if (auto status = extent_of(*number, &extent); !status.ok()) return status;
    extent->is_shared = true;
  }
  return target()->LinkFile(from, to, options, context);
}

IOStatus LevelLogs::extent_of(std::uint64_t number, std::shared_ptr<Extent>* extent) {
  const std::scoped_lock lock(mutex_);
  if (!extents_.contains(number)) {
    if (auto status = survey(number); !status.ok()) return status;
  }
  const auto found = extents_.find(number);
  if (found == extents_.end()) return IOStatus::PathNotFound("no such log", std::to_string(number));
  *extent = found->second;
  return IOStatus::OK();
}

/// Finds where the logs end that an earlier process left, from this one on. With the lock held.
IOStatus LevelLogs::survey(std::uint64_t oldest) {
  std::vector<std::string> names;
  if (auto status = target()->GetChildren(directory_, {}, &names, nullptr); !status.ok()) return status;
  std::map<std::uint64_t, std::string> paths;
  for (const auto& name : names) {
    auto path = directory_ + '/' + name;
    const auto number = log_number(path);
    if (number && *number >= oldest && (*number == oldest || !extents_.contains(*number)))
      paths.emplace(*number, std::move(path));
  }
  LogTokens tokens;
  std::vector<LogTrace> traces;
  for (const auto& [number, path] : paths) {
    std::unique_ptr<rocksdb::FSSequentialFile> file;
    if (auto status = target()->NewSequentialFile(path, {}, &file, nullptr); !status.ok()) return status;
    LogReader reader(number, tokens);
    std::vector<char> scratch(kLogBlockOctets);
    for (Slice block(scratch.data(), scratch.size()); block.size() == kLogBlockOctets;) {
      if (auto status = file->Read(scratch.size(), {}, &block, scratch.data(), nullptr); !status.ok()) return status;
      reader.read_block({block.data(), block.size()});
    }
    traces.push_back(reader.finish());
  }
  const auto verdict = judge(traces);
  if (verdict.damage && recovery_ != Recovery::kSalvage) return IOStatus::Corruption(*verdict.damage);
  for (const auto& [number, end] : verdict.ends) extents_[number] = std::make_shared<Extent>(end);
  return IOStatus::OK();
}

}  // namespace veredus::io::engine
