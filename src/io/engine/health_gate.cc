#include "io/engine/health_gate.h"

#include <fmt/format.h>
#include <sys/statvfs.h>

namespace veredus::io::engine {

Health HealthGate::health() const {
  if (is_open()) return {};
  const std::scoped_lock lock(mutex_);
  if (shut_down_) return {.writable = false, .reason = "shutting down"};
  return {.writable = false, .reason = error_.empty() ? shortage_ : error_};
}

void HealthGate::update() {
  open_.store(!shut_down_ && error_.empty() && shortage_.empty(), std::memory_order_release);
}

void HealthGate::report_error(std::string reason) {
  const std::scoped_lock lock(mutex_);
  error_ = std::move(reason);
  update();
}

void HealthGate::clear_error() {
  const std::scoped_lock lock(mutex_);
  error_.clear();
  update();
}

bool HealthGate::has_error() const {
  const std::scoped_lock lock(mutex_);
  return !error_.empty();
}

bool HealthGate::has_shortage() const {
  const std::scoped_lock lock(mutex_);
  return !shortage_.empty();
}

void HealthGate::report_free_octets(std::uint64_t free, std::uint64_t min_free) {
  const std::scoped_lock lock(mutex_);
  const std::uint64_t wanted = shortage_.empty() ? min_free : min_free + min_free / 8;
  if (free < wanted)
    shortage_ = fmt::format("the disk is full: {} MiB free, {} MiB are kept in reserve", free >> 20, min_free >> 20);
  else
    shortage_.clear();
  update();
}

void HealthGate::shut_down() {
  const std::scoped_lock lock(mutex_);
  shut_down_ = true;
  update();
}

std::optional<std::uint64_t> free_octets(const std::string& directory) {
  struct statvfs file_system{};
  if (statvfs(directory.c_str(), &file_system) != 0) return std::nullopt;
  return static_cast<std::uint64_t>(file_system.f_bavail) * file_system.f_frsize;
}

void ErrorListener::OnBackgroundError(rocksdb::BackgroundErrorReason, rocksdb::Status* status) {
  if (status->severity() < rocksdb::Status::Severity::kHardError) return;  // the database still writes
  gate_->report_error(fmt::format("the store cannot write: {}", status->ToString()));
}

}  // namespace veredus::io::engine
