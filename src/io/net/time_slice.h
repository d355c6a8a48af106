#pragma once

namespace veredus::io::net {

/// Asks the system for short turns at the processor for the calling thread: one that wakes with a short turn to take
/// goes before those in the middle of a long one, and has no smaller a share of the processor for it. For threads that
/// others wait for and that seldom run long. Linux since 6.12; elsewhere, and where it is not allowed, nothing changes.
/// Source: sched_setattr(2), sched_runtime of SCHED_OTHER.
void ask_for_short_slices();

}  // namespace veredus::io::net
