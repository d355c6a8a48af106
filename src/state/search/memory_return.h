#pragma once

namespace veredus::io::net {
class WorkerPool;
}

namespace veredus::state::search {

/// Gives what was freed back to the system, on a thread of the pool: glibc keeps it otherwise. Costs as much as there
/// is to give back; does nothing while the last call's work has not ended. Thread-safe.
void return_memory(io::net::WorkerPool& pool);

}  // namespace veredus::state::search
