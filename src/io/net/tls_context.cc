#include "io/net/tls_context.h"

#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/rand.h>
#include <openssl/ssl.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>

#include <algorithm>
#include <atomic>
#include <limits>
#include <mutex>
#include <optional>
#include <string>

#include "base/types/free_by.h"
#include "base/types/read_file.h"
#include "base/types/result.h"
#include "io/net/tls_session_cache.h"

namespace veredus::io::net {
namespace {

using ContextPtr = std::unique_ptr<SSL_CTX, FreeBy<SSL_CTX_free>>;
using BioPtr = std::unique_ptr<BIO, FreeBy<BIO_free_all>>;
using X509Ptr = std::unique_ptr<X509, FreeBy<X509_free>>;
using KeyPtr = std::unique_ptr<EVP_PKEY, FreeBy<EVP_PKEY_free>>;

// RFC 9325 s4.2: forward secrecy and authenticated encryption; CBC with SHA-2 last, for old mail servers.
constexpr auto kTls12Ciphers = "ECDHE+AESGCM:ECDHE+CHACHA20:DHE+AESGCM:ECDHE+AES:!SHA1:!aNULL:!eNULL";
constexpr unsigned char kSessionIdContext[] = "veredus";

/// What one certificate is served with. The first is the default, and chooses among all by SNI.
struct Served {
  ContextPtr context;
  std::vector<std::string> names;  // lower case; "*.example.org" as it is
  X509* leaf = nullptr;            // owned by the context
};

std::string lower(std::string_view text) {
  std::string result(text);
  for (auto& c : result)
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  return result;
}

/// RFC 6125 s6.4.3: a wildcard is the whole left-most label and stands for one label.
bool matches(std::string_view pattern, std::string_view name) {
  if (pattern == name) return true;
  if (!pattern.starts_with("*.")) return false;
  const auto dot = name.find('.');
  return dot != std::string_view::npos && dot > 0 && name.substr(dot) == pattern.substr(1);
}

std::vector<std::string> dns_names(X509* leaf) {
  std::vector<std::string> names;
  auto* stack = static_cast<GENERAL_NAMES*>(X509_get_ext_d2i(leaf, NID_subject_alt_name, nullptr, nullptr));
  for (int i = 0; i < sk_GENERAL_NAME_num(stack); ++i) {
    const auto* name = sk_GENERAL_NAME_value(stack, i);
    if (name->type != GEN_DNS) continue;
    const auto* text = reinterpret_cast<const char*>(ASN1_STRING_get0_data(name->d.dNSName));
    names.push_back(lower({text, static_cast<std::size_t>(ASN1_STRING_length(name->d.dNSName))}));
  }
  GENERAL_NAMES_free(stack);
  return names;
}

BioPtr over(const std::string& text) { return BioPtr(BIO_new_mem_buf(text.data(), static_cast<int>(text.size()))); }

std::expected<X509*, TlsError> use_chain(SSL_CTX* context, const std::string& pem) {
  const auto bio = over(pem);
  const X509Ptr leaf(PEM_read_bio_X509_AUX(bio.get(), nullptr, nullptr, nullptr));
  if (!leaf || SSL_CTX_use_certificate(context, leaf.get()) != 1) return std::unexpected(TlsError::kCertificateFile);
  while (X509* issuer = PEM_read_bio_X509(bio.get(), nullptr, nullptr, nullptr)) {
    if (SSL_CTX_add0_chain_cert(context, issuer) == 1) continue;
    X509_free(issuer);
    return std::unexpected(TlsError::kCertificateFile);
  }
  ERR_clear_error();  // "no start line" is how the chain ends
  return SSL_CTX_get0_certificate(context);
}

std::expected<void, TlsError> use_key(SSL_CTX* context, const std::string& pem) {
  const auto bio = over(pem);
  // An encrypted key is refused; without this OpenSSL would ask at the terminal.
  const auto no_password = [](char*, int, int, void*) { return 0; };
  const KeyPtr key(PEM_read_bio_PrivateKey(bio.get(), nullptr, no_password, nullptr));
  if (!key) return std::unexpected(TlsError::kKeyFile);
  if (SSL_CTX_use_PrivateKey(context, key.get()) != 1 || SSL_CTX_check_private_key(context) != 1)
    return std::unexpected(TlsError::kKeyMismatch);
  return {};
}

std::expected<ContextPtr, TlsError> new_context(const SSL_METHOD* method, TlsContext::MinimumVersion minimum) {
  ContextPtr context(SSL_CTX_new(method));
  if (!context) return std::unexpected(TlsError::kLibrary);
  const int version = minimum == TlsContext::MinimumVersion::kTls13 ? TLS1_3_VERSION : TLS1_2_VERSION;
  if (SSL_CTX_set_min_proto_version(context.get(), version) != 1) return std::unexpected(TlsError::kLibrary);
  if (SSL_CTX_set_cipher_list(context.get(), kTls12Ciphers) != 1) return std::unexpected(TlsError::kLibrary);
  SSL_CTX_set_options(context.get(), SSL_OP_NO_COMPRESSION | SSL_OP_NO_RENEGOTIATION | SSL_OP_CIPHER_SERVER_PREFERENCE |
                                         SSL_OP_PRIORITIZE_CHACHA);
  SSL_CTX_set_mode(context.get(), SSL_MODE_RELEASE_BUFFERS | SSL_MODE_ENABLE_PARTIAL_WRITE |
                                      SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER | SSL_MODE_AUTO_RETRY);
  SSL_CTX_set_read_ahead(context.get(), 1);  // a record costs one receive, not two
  return context;
}

std::expected<Served, TlsError> serve(const TlsContext::Certificate& certificate, TlsContext::MinimumVersion minimum) {
  const auto chain = certificate.chain_file.empty() ? certificate.chain_pem : read_file(certificate.chain_file);
  const auto key = certificate.key_file.empty() ? certificate.key_pem : read_file(certificate.key_file);
  if (!chain) return std::unexpected(TlsError::kCertificateFile);
  if (!key) return std::unexpected(TlsError::kKeyFile);
  VEREDUS_TRY(auto context, new_context(TLS_server_method(), minimum));
  VEREDUS_TRY(auto* leaf, use_chain(context.get(), *chain));
  VEREDUS_TRY(use_key(context.get(), *key));
  // RFC 8446 s4.6.1: sessions are resumed by tickets; the server keeps no table of them.
  SSL_CTX_set_session_cache_mode(context.get(), SSL_SESS_CACHE_OFF);
  SSL_CTX_set_session_id_context(context.get(), kSessionIdContext, sizeof(kSessionIdContext) - 1);
  SSL_CTX_set_num_tickets(context.get(), 1);
  return Served{std::move(context), dns_names(leaf), leaf};
}

/// All certificates of one loading, kept alive by the sessions that began with them.
struct ServedSet {
  std::vector<Served> all;

  [[nodiscard]] SSL_CTX* choose(std::string_view name) const {
    const auto wanted = lower(name);
    for (const auto& served : all)
      if (std::ranges::find(served.names, wanted) != served.names.end()) return served.context.get();
    for (const auto& served : all)
      if (std::ranges::any_of(served.names, [&](const auto& pattern) { return matches(pattern, wanted); }))
        return served.context.get();
    return all.front().context.get();
  }
};

int choose_by_sni(SSL* ssl, int* /*alert*/, void* argument) {
  const char* name = SSL_get_servername(ssl, TLSEXT_NAMETYPE_host_name);
  if (name == nullptr) return SSL_TLSEXT_ERR_NOACK;
  SSL_set_SSL_CTX(ssl, static_cast<const ServedSet*>(argument)->choose(name));
  return SSL_TLSEXT_ERR_OK;
}

/// One key for the tickets of all certificates, as SNI is read before the ticket is.
bool share_ticket_keys(const ServedSet& set) {
  std::string keys(static_cast<std::size_t>(SSL_CTX_set_tlsext_ticket_keys(set.all[0].context.get(), nullptr, 0)),
                   '\0');
  if (RAND_bytes(reinterpret_cast<unsigned char*>(keys.data()), static_cast<int>(keys.size())) != 1) return false;
  return std::ranges::all_of(set.all, [&](const auto& served) {
    return SSL_CTX_set_tlsext_ticket_keys(served.context.get(), keys.data(), static_cast<long>(keys.size())) == 1;
  });
}

std::expected<std::shared_ptr<ServedSet>, TlsError> load(const TlsContext::ServerOptions& options) {
  if (options.certificates.empty()) return std::unexpected(TlsError::kNoCertificate);
  auto set = std::make_shared<ServedSet>();
  for (const auto& certificate : options.certificates) {
    VEREDUS_TRY(auto served, serve(certificate, options.minimum));
    set->all.push_back(std::move(served));
  }
  if (!share_ticket_keys(*set)) return std::unexpected(TlsError::kLibrary);
  SSL_CTX_set_tlsext_servername_callback(set->all.front().context.get(), choose_by_sni);
  SSL_CTX_set_tlsext_servername_arg(set->all.front().context.get(), set.get());
  return set;
}

std::expected<void, TlsError> trust(SSL_CTX* context, const std::string& pem) {
  if (pem.empty()) {
    if (SSL_CTX_set_default_verify_paths(context) != 1) return std::unexpected(TlsError::kTrustStore);
    return {};
  }
  const auto bio = over(pem);
  std::size_t count = 0;
  while (true) {
    const X509Ptr root(PEM_read_bio_X509(bio.get(), nullptr, nullptr, nullptr));
    if (!root) break;
    if (X509_STORE_add_cert(SSL_CTX_get_cert_store(context), root.get()) == 1) ++count;
  }
  ERR_clear_error();
  if (count == 0) return std::unexpected(TlsError::kTrustStore);
  return {};
}

/// A client's context and the sessions made with it, which end together.
struct Caller {
  Caller(ContextPtr made, std::size_t peers) : context(std::move(made)), sessions(peers) {}
  ContextPtr context;
  TlsSessionCache sessions;
};

/// OpenSSL gives the session to us by answering 1.
int keep_session(SSL* ssl, SSL_SESSION* session) {
  auto* caller = static_cast<Caller*>(SSL_CTX_get_app_data(SSL_get_SSL_CTX(ssl)));
  const char* name = SSL_get_servername(ssl, TLSEXT_NAMETYPE_host_name);
  if (name == nullptr) return 0;
  caller->sessions.keep(name, session);
  return 1;
}

}  // namespace

std::string_view to_string(TlsError error) {
  switch (error) {
    case TlsError::kCertificateFile:
      return "the certificate file cannot be read or is no PEM certificate";
    case TlsError::kKeyFile:
      return "the key file cannot be read or is no PEM private key";
    case TlsError::kKeyMismatch:
      return "the key does not belong to the certificate";
    case TlsError::kNoCertificate:
      return "a server needs at least one certificate";
    case TlsError::kTrustStore:
      return "the trusted roots cannot be read";
    case TlsError::kLibrary:
      return "OpenSSL refused a setting";
    case TlsError::kCertificateNames:
      return "a name cannot stand in a certificate";
  }
  return "unknown error";
}

struct TlsContext::State {
  ServerOptions options;
  mutable std::mutex mutex;
  std::shared_ptr<ServedSet> served;  // of a server
  std::shared_ptr<Caller> client;     // of a client
};

TlsContext::TlsContext(std::unique_ptr<State> state) : state_(std::move(state)) {}
TlsContext::~TlsContext() = default;

std::expected<std::shared_ptr<TlsContext>, TlsError> TlsContext::server(ServerOptions options) {
  VEREDUS_TRY(auto served, load(options));
  auto state = std::make_unique<State>();
  state->options = std::move(options);
  state->served = std::move(served);
  return std::shared_ptr<TlsContext>(new TlsContext(std::move(state)));
}

std::expected<std::shared_ptr<TlsContext>, TlsError> TlsContext::client(ClientOptions options) {
  VEREDUS_TRY(auto context, new_context(TLS_client_method(), options.minimum));
  if (options.verify != Verify::kNone) VEREDUS_TRY(trust(context.get(), options.trusted_pem));
  if (options.verify == Verify::kPeer) SSL_CTX_set_verify(context.get(), SSL_VERIFY_PEER, nullptr);
  auto state = std::make_unique<State>();
  state->client = std::make_shared<Caller>(std::move(context), options.resumable_peers);
  if (options.resumable_peers != 0) {
    SSL_CTX* native = state->client->context.get();
    SSL_CTX_set_app_data(native, state->client.get());
    SSL_CTX_set_session_cache_mode(native, SSL_SESS_CACHE_CLIENT | SSL_SESS_CACHE_NO_INTERNAL);
    SSL_CTX_sess_set_new_cb(native, keep_session);
  }
  return std::shared_ptr<TlsContext>(new TlsContext(std::move(state)));
}

std::expected<void, TlsError> TlsContext::reload() {
  if (!is_server()) return {};
  VEREDUS_TRY(auto served, load(state_->options));
  const std::lock_guard lock(state_->mutex);
  state_->served = std::move(served);
  return {};
}

int TlsContext::days_left() const {
  int least = std::numeric_limits<int>::max();
  const std::lock_guard lock(state_->mutex);
  if (!state_->served) return least;
  for (const auto& served : state_->served->all) {
    int days = 0;
    int seconds = 0;
    if (ASN1_TIME_diff(&days, &seconds, nullptr, X509_get0_notAfter(served.leaf)) != 1) continue;
    least = std::min(least, seconds < 0 ? days - 1 : days);
  }
  return least;
}

std::shared_ptr<ssl_ctx_st> TlsContext::native() const {
  if (state_->client) return {state_->client, state_->client->context.get()};
  const std::lock_guard lock(state_->mutex);
  return {state_->served, state_->served->all.front().context.get()};
}

bool TlsContext::is_server() const { return state_->client == nullptr; }

TlsSessionCache* TlsContext::sessions() const {
  if (!state_->client || state_->client->sessions.capacity() == 0) return nullptr;
  return &state_->client->sessions;
}

}  // namespace veredus::io::net
