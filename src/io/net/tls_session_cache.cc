#include "io/net/tls_session_cache.h"

#include <openssl/ssl.h>

#include <utility>

namespace veredus::io::net {

void TlsSessionCache::Free::operator()(ssl_session_st* session) const { SSL_SESSION_free(session); }

void TlsSessionCache::keep(std::string_view peer, ssl_session_st* session) {
  Session kept(session);
  if (capacity_ == 0) return;
  const std::lock_guard lock(mutex_);
  sessions_.put(std::string(peer), std::move(kept));
}

void TlsSessionCache::resume(ssl_st* ssl, const std::string& peer) {
  Session session;
  {
    const std::lock_guard lock(mutex_);
    auto* known = sessions_.peek(peer);
    if (known == nullptr) return;
    session = std::move(*known);
    sessions_.forget(peer);
  }
  if (SSL_SESSION_is_resumable(session.get()) == 1) SSL_set_session(ssl, session.get());
}

}  // namespace veredus::io::net
