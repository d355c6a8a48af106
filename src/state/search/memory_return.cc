#include "state/search/memory_return.h"

#include <malloc.h>

#include <atomic>

#include "io/net/worker_pool.h"

namespace veredus::state::search {

void return_memory(io::net::WorkerPool& pool) {
  static std::atomic<bool> under_way = false;  // memory is the whole process's
  if (under_way.exchange(true)) return;
  const auto work = [] {
    ::malloc_trim(0);
    under_way = false;
  };
  if (!pool.post(work)) under_way = false;
}

}  // namespace veredus::state::search
