#pragma once

#include "io/net/solitude.h"

namespace veredus::test {

/// While it lives, this thread has heard one peer for a while and no other, as a reactor with one session does.
class OnePeer {
 public:
  OnePeer() {
    const auto now = io::net::Solitude::Clock::now();
    io::net::Solitude::note_heard(this, false, now - io::net::Solitude::kLongEnough);
    io::net::Solitude::note_heard(this, false, now);
  }
  ~OnePeer() { io::net::Solitude::note_gone(this); }
  OnePeer(const OnePeer&) = delete;
  OnePeer& operator=(const OnePeer&) = delete;
};

}  // namespace veredus::test
