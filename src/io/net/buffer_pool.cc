#include "io/net/buffer_pool.h"

namespace veredus::io::net {

BufferPool::Buffer::Buffer(BufferPool& pool, BufferSize size, std::unique_ptr<char[]> octets)
    : pool_(&pool), octets_(std::move(octets)), size_(size) {}

BufferPool::Buffer::Buffer(Buffer&& other) noexcept
    : pool_(std::exchange(other.pool_, nullptr)), octets_(std::move(other.octets_)), size_(other.size_) {}

BufferPool::Buffer& BufferPool::Buffer::operator=(Buffer&& other) noexcept {
  if (this == &other) return *this;
  give_back();
  pool_ = std::exchange(other.pool_, nullptr);
  octets_ = std::move(other.octets_);
  size_ = other.size_;
  return *this;
}

void BufferPool::Buffer::give_back() {
  if (octets_) pool_->put(size_, std::move(octets_));
}

BufferPool::Buffer BufferPool::take(BufferSize size) {
  auto& spare = spare_[static_cast<std::size_t>(size)];
  ++taken_;
  if (spare.empty()) {
    const auto octets = size == BufferSize::kSmall ? kSmallOctets : kLargeOctets;
    return {*this, size, std::make_unique_for_overwrite<char[]>(octets)};
  }
  auto octets = std::move(spare.back());
  spare.pop_back();
  return {*this, size, std::move(octets)};
}

void BufferPool::put(BufferSize size, std::unique_ptr<char[]> octets) {
  --taken_;
  auto& spare = spare_[static_cast<std::size_t>(size)];
  if (spare.size() < kSpareLimit) spare.push_back(std::move(octets));
}

}  // namespace veredus::io::net
