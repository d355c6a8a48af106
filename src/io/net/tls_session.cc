#include "io/net/tls_session.h"

#include <openssl/err.h>
#include <openssl/ssl.h>
#include <openssl/x509.h>
#include <openssl/x509_vfy.h>

#include <algorithm>
#include <array>
#include <climits>

#include "io/net/dane_context.h"
#include "io/net/endpoint.h"
#include "io/net/tls_binding.h"
#include "io/net/tls_session_cache.h"

namespace veredus::io::net {
namespace {

/// RFC 9266 s2: with TLS 1.2 only where the extended master secret is in use (s4.2).
std::string tls_exporter(SSL* ssl) {
  constexpr std::string_view kLabel = "EXPORTER-Channel-Binding";
  constexpr std::size_t kOctets = 32;
  if (SSL_version(ssl) < TLS1_3_VERSION && SSL_get_extms_support(ssl) != 1) return {};
  std::array<unsigned char, kOctets> secret{};
  const unsigned char no_context = 0;
  if (SSL_export_keying_material(ssl, secret.data(), secret.size(), kLabel.data(), kLabel.size(), &no_context, 0, 1) !=
      1)
    return {};
  return {reinterpret_cast<const char*>(secret.data()), secret.size()};
}

bool name_peer(SSL* ssl, const std::string& server_name) {
  if (server_name.empty()) return true;
  if (IpAddress::parse(server_name))  // RFC 6066 s3: no literal addresses in SNI
    return X509_VERIFY_PARAM_set1_ip_asc(SSL_get0_param(ssl), server_name.c_str()) == 1;
  return SSL_set_tlsext_host_name(ssl, server_name.c_str()) == 1 && SSL_set1_host(ssl, server_name.c_str()) == 1;
}

std::string last_reason() {
  const auto code = ERR_peek_last_error();
  const char* reason = code == 0 ? nullptr : ERR_reason_error_string(code);
  return reason == nullptr ? std::string("connection closed") : std::string(reason);
}

int bounded(std::size_t octets) { return static_cast<int>(std::min<std::size_t>(octets, INT_MAX)); }

}  // namespace

void TlsSession::Free::operator()(ssl_st* ssl) const { SSL_free(ssl); }

TlsSession::TlsSession(std::shared_ptr<ssl_ctx_st> context, std::unique_ptr<ssl_st, Free> ssl)
    : context_(std::move(context)), ssl_(std::move(ssl)) {}
TlsSession::TlsSession(TlsSession&&) noexcept = default;
TlsSession& TlsSession::operator=(TlsSession&&) noexcept = default;
TlsSession::~TlsSession() = default;

std::expected<TlsSession, IoError> TlsSession::begin(const TlsContext& context, int fd,
                                                     const std::string& server_name) {
  auto native = context.native();
  std::unique_ptr<ssl_st, Free> ssl(SSL_new(native.get()));
  if (!ssl || SSL_set_fd(ssl.get(), fd) != 1) return std::unexpected(IoError::kNoDescriptors);
  if (context.is_server()) {
    SSL_set_accept_state(ssl.get());
  } else {
    SSL_set_connect_state(ssl.get());
    const auto* dane = dane_expectation_of(native.get());
    const bool named = dane != nullptr ? expect_dane(ssl.get(), *dane) > 0 : name_peer(ssl.get(), server_name);
    if (!named) return std::unexpected(IoError::kAddress);
    if (auto* sessions = context.sessions()) sessions->resume(ssl.get(), server_name);
  }
  return TlsSession(std::move(native), std::move(ssl));
}

Attempt TlsSession::outcome(int result, IoError otherwise) {
  switch (SSL_get_error(ssl_.get(), result)) {
    case SSL_ERROR_WANT_READ:
      return {.want = Want::kReadable};
    case SSL_ERROR_WANT_WRITE:
      return {.want = Want::kWritable};
    case SSL_ERROR_ZERO_RETURN:
      return {.error = IoError::kEndOfStream};
    case SSL_ERROR_SYSCALL:
      broken_ = true;
      failure_ = last_reason();
      return {.error = IoError::kReset};
    default:
      broken_ = true;
      failure_ = last_reason();
      return {.error = otherwise};
  }
}

Attempt TlsSession::try_handshake() {
  ERR_clear_error();
  const int result = SSL_do_handshake(ssl_.get());
  if (result == 1) return {};
  auto attempt = outcome(result, IoError::kTlsHandshake);
  const bool verifies = (SSL_get_verify_mode(ssl_.get()) & SSL_VERIFY_PEER) != 0;
  if (attempt.error && verifies && SSL_get_verify_result(ssl_.get()) != X509_V_OK) {
    failure_ = X509_verify_cert_error_string(SSL_get_verify_result(ssl_.get()));
    attempt.error = IoError::kTlsCertificate;
  }
  return attempt;
}

Attempt TlsSession::try_read(std::span<char> space) {
  ERR_clear_error();
  const int result = SSL_read(ssl_.get(), space.data(), bounded(space.size()));
  if (result > 0) return {.octets = static_cast<std::size_t>(result)};
  return outcome(result, IoError::kTlsProtocol);
}

Attempt TlsSession::try_write(std::string_view octets) {
  ERR_clear_error();
  const int result = SSL_write(ssl_.get(), octets.data(), bounded(octets.size()));
  if (result > 0) return {.octets = static_cast<std::size_t>(result)};
  return outcome(result, IoError::kTlsProtocol);
}

void TlsSession::shut_down() {
  if (broken_ || SSL_in_init(ssl_.get()) != 0) return;  // RFC 8446 s6.1: only where there is a session to end
  ERR_clear_error();
  SSL_shutdown(ssl_.get());
  ERR_clear_error();
}

bool TlsSession::has_pending() const { return SSL_has_pending(ssl_.get()) == 1; }

TlsDetails TlsSession::details() const {
  SSL* ssl = ssl_.get();
  const char* name = SSL_get_servername(ssl, TLSEXT_NAMETYPE_host_name);
  const bool server = SSL_is_server(ssl) == 1;
  TlsDetails details;
  details.version = SSL_get_version(ssl);
  details.cipher = SSL_get_cipher_name(ssl);
  details.cipher_bits = static_cast<unsigned>(SSL_get_cipher_bits(ssl, nullptr));
  if (name != nullptr) details.server_name = name;
  details.resumed = SSL_session_reused(ssl) == 1;
  if (!server) {
    const auto verdict = SSL_get_verify_result(ssl);
    details.verified = verdict == X509_V_OK && SSL_get0_peer_certificate(ssl) != nullptr;
    if (verdict != X509_V_OK) details.verify_failure = X509_verify_cert_error_string(verdict);
  }
  details.tls_server_end_point =
      tls_server_end_point(server ? SSL_get_certificate(ssl) : SSL_get0_peer_certificate(ssl));
  details.tls_exporter = tls_exporter(ssl);
  return details;
}

}  // namespace veredus::io::net
