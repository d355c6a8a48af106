#pragma once

#include "io/net/solitude.h"

namespace veredus::test {

/// This thread has heard one peer for a while and no other, as a reactor with one session does.
inline void hear_one_peer() {
  static const int kPeer = 0;
  const auto now = io::net::Solitude::Clock::now();
  io::net::Solitude::note_heard(&kPeer, false, now - io::net::Solitude::kLongEnough);
  io::net::Solitude::note_heard(&kPeer, false, now);
}

}  // namespace veredus::test
