#include "io/net/tls_session_cache.h"

#include <openssl/ssl.h>

#include <utility>

namespace veredus::io::net {

void TlsSessionCache::Free::operator()(ssl_session_st* session) const { SSL_SESSION_free(session); }

void TlsSessionCache::keep(std::string_view peer, ssl_session_st* session) {
  Session kept(session);
  if (capacity_ == 0) return;
  const std::lock_guard lock(mutex_);
  if (const auto known = by_peer_.find(peer); known != by_peer_.end()) {
    std::swap(known->second->session, kept);
    entries_.splice(entries_.begin(), entries_, known->second);
    return;
  }
  if (entries_.size() == capacity_) {
    by_peer_.erase(entries_.back().peer);
    entries_.pop_back();
  }
  entries_.push_front({std::string(peer), std::move(kept)});
  by_peer_.emplace(entries_.front().peer, entries_.begin());
}

void TlsSessionCache::resume(ssl_st* ssl, const std::string& peer) {
  Session session;
  {
    const std::lock_guard lock(mutex_);
    const auto known = by_peer_.find(peer);
    if (known == by_peer_.end()) return;
    const auto entry = known->second;
    session = std::move(entry->session);
    by_peer_.erase(known);
    entries_.erase(entry);
  }
  if (SSL_SESSION_is_resumable(session.get()) == 1) SSL_set_session(ssl, session.get());
}

}  // namespace veredus::io::net
