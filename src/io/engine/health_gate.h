#pragma once

#include <rocksdb/listener.h>

#include <atomic>
#include <cstdint>
#include <memory>
#include <mutex>
#include <optional>
#include <string>

#include "io/engine/engine.h"

namespace veredus::io::engine {

/// Whether commits are taken, and if not, why. Two things close it: an error of the database, and too little free disk.
/// Each is cleared by the one who finds that it is over. Thread-safe.
class HealthGate {
 public:
  [[nodiscard]] bool is_open() const { return open_.load(std::memory_order_acquire); }
  [[nodiscard]] Health health() const;

  void report_error(std::string reason);
  void clear_error();
  [[nodiscard]] bool has_error() const;
  [[nodiscard]] bool has_shortage() const;
  /// Closes below `min_free`; opens again with an eighth more, so that it does not flap.
  void report_free_octets(std::uint64_t free, std::uint64_t min_free);
  void shut_down();

 private:
  void update();  // with the lock held

  std::atomic<bool> open_ = true;
  mutable std::mutex mutex_;
  std::string error_;
  std::string shortage_;
  bool shut_down_ = false;
};

/// Free octets of the file system `directory` is on; nullopt when it cannot be told.
[[nodiscard]] std::optional<std::uint64_t> free_octets(const std::string& directory);

/// Tells the gate about errors of flushes and compactions, which no commit sees.
class ErrorListener final : public rocksdb::EventListener {
 public:
  explicit ErrorListener(std::shared_ptr<HealthGate> gate) : gate_(std::move(gate)) {}
  void OnBackgroundError(rocksdb::BackgroundErrorReason reason, rocksdb::Status* status) override;

 private:
  std::shared_ptr<HealthGate> gate_;
};

}  // namespace veredus::io::engine
