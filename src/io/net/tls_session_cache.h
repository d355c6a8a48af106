#pragma once

#include <cstddef>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>

#include "base/types/lru.h"

struct ssl_st;
struct ssl_session_st;

namespace veredus::io::net {

/// Sessions a client may resume, the latest of each peer by the name it was called. A session is given out once: a
/// ticket that is used twice tells who comes back (RFC 8446 appendix C.4). The peer used longest ago goes first.
/// Thread-safe.
class TlsSessionCache {
 public:
  /// `capacity`: in peers; 0: nothing is kept.
  explicit TlsSessionCache(std::size_t capacity) : capacity_(capacity), sessions_(capacity) {}

  /// Takes one reference to `session`.
  void keep(std::string_view peer, ssl_session_st* session);
  /// Has `ssl`, before its handshake, offer the peer's session, if there is one.
  void resume(ssl_st* ssl, const std::string& peer);
  [[nodiscard]] std::size_t capacity() const { return capacity_; }

 private:
  struct Free {
    void operator()(ssl_session_st* session) const;
  };
  using Session = std::unique_ptr<ssl_session_st, Free>;

  std::size_t capacity_;
  std::mutex mutex_;
  Lru<std::string, Session> sessions_;  // by peer
};

}  // namespace veredus::io::net
