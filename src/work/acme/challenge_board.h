#pragma once

#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>

#include "base/types/clock.h"
#include "io/http/message.h"
#include "io/net/asio.h"
#include "io/net/listener.h"
#include "io/net/tls_context.h"
#include "work/acme/session.h"

namespace veredus::work::acme {

/// Answers the authority's challenges: over HTTP at its well-known path, or in a TLS handshake. Thread-safe.
class ChallengeBoard final : public Prover {
 public:
  ChallengeBoard(ChallengeKind kind, const Clock& clock) : kind_(kind), clock_(clock) {}

  [[nodiscard]] ChallengeKind kind() const override { return kind_; }
  Expected<void> show(const Challenge& challenge) override;
  void take_down(const Challenge& challenge) override;

  /// The path's pattern for io/http's router: RFC 8555 s8.3.
  static constexpr std::string_view kPath = "/.well-known/acme-challenge/{token}";
  /// What is answered there: the key authorization, or 404.
  [[nodiscard]] io::http::Response answer(std::string_view token) const;

  /// One connection of RFC 8737: a handshake for "acme-tls/1", and no more. The board must outlive it.
  asio::awaitable<void> serve_tls(io::net::Connection connection);

 private:
  [[nodiscard]] std::shared_ptr<io::net::TlsContext> proof() const;

  ChallengeKind kind_;
  const Clock& clock_;
  mutable std::mutex mutex_;
  std::map<std::string, std::string, std::less<>> authorizations_;  // by token
  std::string proof_token_;
  std::shared_ptr<io::net::TlsContext> proof_;  // names are proven one after the other
};

}  // namespace veredus::work::acme
