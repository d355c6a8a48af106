#include "work/acme/challenge_board.h"

#include <openssl/ssl.h>

#include <cstring>
#include <utility>

#include "base/types/result.h"
#include "work/acme/certificate.h"

namespace veredus::work::acme {
namespace {

constexpr std::chrono::seconds kHandshakeWait{20};
constexpr unsigned char kProtocol[] =
    "\x0a"
    "acme-tls/1";  // RFC 8737 s6.2, with its length before it

/// Nothing but that protocol is spoken here.
int choose_protocol(SSL* /*ssl*/, const unsigned char** chosen, unsigned char* length, const unsigned char* offered,
                    unsigned int offered_length, void* /*argument*/) {
  unsigned char* found = nullptr;
  const int result = SSL_select_next_proto(&found, length, kProtocol, sizeof(kProtocol) - 1, offered, offered_length);
  *chosen = found;
  return result == OPENSSL_NPN_NEGOTIATED ? SSL_TLSEXT_ERR_OK : SSL_TLSEXT_ERR_ALERT_FATAL;
}

}  // namespace

Expected<void> ChallengeBoard::show(const Challenge& challenge) {
  if (kind_ == ChallengeKind::kHttp01) {
    const std::scoped_lock lock(mutex_);
    authorizations_.insert_or_assign(challenge.token, challenge.key_authorization);
    return {};
  }
  VEREDUS_TRY(const auto made, make_proof(challenge.name, challenge.key_authorization, clock_.now()));
  io::net::TlsContext::ServerOptions options;
  options.certificates.push_back({.chain_pem = made.certificate_pem, .key_pem = made.key_pem});
  auto context = io::net::TlsContext::server(std::move(options));
  if (!context) return failed(AcmeError::kKey, std::string(to_string(context.error())));
  SSL_CTX_set_alpn_select_cb((*context)->native().get(), &choose_protocol, nullptr);
  const std::scoped_lock lock(mutex_);
  proof_ = *std::move(context);
  proof_token_ = challenge.token;
  return {};
}

void ChallengeBoard::take_down(const Challenge& challenge) {
  const std::scoped_lock lock(mutex_);
  authorizations_.erase(challenge.token);
  if (proof_token_ == challenge.token) proof_ = nullptr;
}

io::http::Response ChallengeBoard::answer(std::string_view token) const {
  const std::scoped_lock lock(mutex_);
  const auto found = authorizations_.find(token);
  if (found == authorizations_.end()) return io::http::problem(404, "no such challenge");
  return {.content_type = "application/octet-stream", .body = found->second};
}

std::shared_ptr<io::net::TlsContext> ChallengeBoard::proof() const {
  const std::scoped_lock lock(mutex_);
  return proof_;
}

asio::awaitable<void> ChallengeBoard::serve_tls(io::net::Connection connection) {
  auto context = proof();
  if (!context || !connection.admission.admitted()) co_return;
  const auto started = co_await connection.stream.start_tls(std::move(context), kHandshakeWait);
  static_cast<void>(started);  // it was what the authority wanted to see, or nobody's concern
}

}  // namespace veredus::work::acme
