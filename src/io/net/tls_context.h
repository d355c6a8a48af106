#pragma once

#include <cstddef>
#include <cstdint>
#include <expected>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

struct ssl_ctx_st;

namespace veredus::io::net {

enum class TlsError : std::uint8_t {
  kCertificateFile,   // cannot be read, or is no PEM certificate
  kKeyFile,           // cannot be read, or is no PEM private key
  kKeyMismatch,       // the key is not the certificate's
  kNoCertificate,     // a server needs at least one
  kTrustStore,        // the trusted roots cannot be read
  kLibrary,           // OpenSSL refused a setting
  kCertificateNames,  // a name to put into a certificate is not usable
};
[[nodiscard]] std::string_view to_string(TlsError error);

class TlsSessionCache;

/// What is known of a session's TLS, for logs, Received headers and channel binding.
struct TlsDetails {
  std::string version;  // "TLSv1.3"
  std::string cipher;   // "TLS_AES_256_GCM_SHA384"
  unsigned cipher_bits = 0;
  std::string server_name;  // SNI as the client sent it; may be empty
  bool resumed = false;
  bool verified = false;             // the peer's certificate chains to a trusted root and is the named peer's
  std::string verify_failure;        // client side: why it is not, in OpenSSL's words
  std::string tls_server_end_point;  // RFC 5929 s4; empty when the certificate has no usable hash
  std::string tls_exporter;          // RFC 9266; empty when the session cannot have one
};

/// The certificates a server shows and the rules of its TLS, or the roots a client trusts. Immutable once made, but
/// for reload(); sessions keep what they began with. Thread-safe.
class TlsContext {
 public:
  enum class MinimumVersion : std::uint8_t { kTls12, kTls13 };

  /// A chain (leaf first) and its key. Give either PEM text or files; files are read again by reload().
  struct Certificate {
    std::string chain_pem;
    std::string key_pem;
    std::string chain_file;
    std::string key_file;
  };
  struct ServerOptions {
    /// The first is shown when SNI matches none. Names are the certificates' own (DNS SANs, wildcards included).
    std::vector<Certificate> certificates;
    MinimumVersion minimum = MinimumVersion::kTls12;
  };
  enum class Verify : std::uint8_t {
    kNone,
    kRecord,  // any certificate will do; what is wrong with it stands in TlsDetails
    kPeer,
  };
  struct ClientOptions {
    Verify verify = Verify::kPeer;
    std::string trusted_pem;  // empty: the system's roots
    MinimumVersion minimum = MinimumVersion::kTls12;
    std::size_t resumable_peers = 0;  // how many peers' sessions are kept for resumption (RFC 8446 s2.2)
  };

  static std::expected<std::shared_ptr<TlsContext>, TlsError> server(ServerOptions options);
  static std::expected<std::shared_ptr<TlsContext>, TlsError> client(ClientOptions options);
  ~TlsContext();
  TlsContext(const TlsContext&) = delete;
  TlsContext& operator=(const TlsContext&) = delete;

  /// Reads all certificate files again. New handshakes use the new ones; on any error the old ones stay.
  std::expected<void, TlsError> reload();
  /// Days until the first certificate to expire does; negative when it has.
  [[nodiscard]] int days_left() const;

  /// The current OpenSSL context, one reference owned by the answer.
  [[nodiscard]] std::shared_ptr<ssl_ctx_st> native() const;
  [[nodiscard]] bool is_server() const;
  /// Of a client that resumes sessions, else null. Lives as long as native().
  [[nodiscard]] TlsSessionCache* sessions() const;

 private:
  struct State;
  explicit TlsContext(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

}  // namespace veredus::io::net
