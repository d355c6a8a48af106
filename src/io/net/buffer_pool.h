#pragma once

#include <array>
#include <cstddef>
#include <memory>
#include <span>
#include <utility>
#include <vector>

namespace veredus::io::net {

enum class BufferSize : unsigned char { kSmall, kLarge };

/// Read buffers that streams of one reactor take while there is something to read and give back when it is used up:
/// thousands of idle streams own none. Not thread-safe: one pool for each reactor, which outlives its streams.
class BufferPool {
 public:
  static constexpr std::size_t kSmallOctets = 16 * 1024;
  static constexpr std::size_t kLargeOctets = 64 * 1024;

  /// Movable ownership of one buffer, or of none.
  class Buffer {
   public:
    Buffer() = default;
    Buffer(Buffer&& other) noexcept;
    Buffer& operator=(Buffer&& other) noexcept;
    ~Buffer() { give_back(); }
    void give_back();
    [[nodiscard]] explicit operator bool() const { return octets_ != nullptr; }
    [[nodiscard]] char* data() const { return octets_.get(); }
    [[nodiscard]] std::size_t size() const { return size_ == BufferSize::kSmall ? kSmallOctets : kLargeOctets; }

   private:
    friend class BufferPool;
    Buffer(BufferPool& pool, BufferSize size, std::unique_ptr<char[]> octets);
    BufferPool* pool_ = nullptr;
    std::unique_ptr<char[]> octets_;
    BufferSize size_ = BufferSize::kSmall;
  };

  BufferPool() = default;
  BufferPool(const BufferPool&) = delete;
  BufferPool& operator=(const BufferPool&) = delete;

  [[nodiscard]] Buffer take(BufferSize size);
  [[nodiscard]] std::size_t taken() const { return taken_; }

 private:
  static constexpr std::size_t kSpareLimit = 32;  // of each size; more than that goes back to the heap
  void put(BufferSize size, std::unique_ptr<char[]> octets);
  std::array<std::vector<std::unique_ptr<char[]>>, 2> spare_;
  std::size_t taken_ = 0;
};

}  // namespace veredus::io::net
