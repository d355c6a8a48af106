#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "io/net/tls_context.h"
#include "wire/sasl/client.h"
#include "wire/smtp/capabilities.h"
#include "wire/smtp/reply.h"
#include "work/smtpclient/connection_error.h"
#include "work/smtpclient/peer.h"

namespace veredus::work::smtpclient {

/// Whether TLS can be begun here; also after a handshake with this peer has failed.
enum class TlsUse : std::uint8_t { kPossible, kImpossible };

/// The beginning of a session, from the greeting until the first MAIL may be sent. Without I/O: do what it needs, after
/// sending its output. Source: RFC 5321 s3.1, s3.2; RFC 3207; RFC 4954.
class Opening {
 public:
  enum class Need : std::uint8_t {
    kReply,     // feed the next reply to take()
    kStartTls,  // shake hands, then tls_started()
    kDone,
    kFailed,
  };

  /// The peer must outlive it.
  Opening(const Peer& peer, TlsUse tls_use) : peer_(&peer), tls_use_(tls_use) {}

  /// `tls`: TLS has begun already (implicit).
  Need begin(const io::net::TlsDetails* tls);
  Need take(wire::smtp::Reply reply);
  Need tls_started(const io::net::TlsDetails& tls);

  /// What is to be sent now; empty after.
  [[nodiscard]] std::string take_output() { return std::exchange(output_, {}); }
  [[nodiscard]] Stage stage() const { return stage_; }
  [[nodiscard]] const std::string& greeting() const { return greeting_; }
  [[nodiscard]] const std::string& mechanism() const { return mechanism_; }
  [[nodiscard]] wire::smtp::Capabilities& capabilities() { return capabilities_; }
  [[nodiscard]] ConnectFailure& failure() { return failure_; }

 private:
  Need fail(ConnectionError error, wire::smtp::Reply reply);
  Need fail(ConnectionError error, std::string_view detail);
  Need say_hello();
  Need hello_answered(wire::smtp::Reply reply);
  Need start_tls_answered(wire::smtp::Reply reply);
  Need after_hello();
  Need authenticate();
  Need auth_answered(wire::smtp::Reply reply);
  Need continue_auth(std::string_view challenge_base64);
  Need cancel_auth(wire::sasl::SaslError error);
  [[nodiscard]] bool may_show_secret() const;

  const Peer* peer_;
  TlsUse tls_use_;
  Stage stage_ = Stage::kGreeting;
  bool tls_ = false;
  bool extended_ = true;  // EHLO or LHLO was said last, not HELO
  std::string output_;
  std::string greeting_;
  wire::smtp::Capabilities capabilities_;
  ConnectFailure failure_;

  std::vector<wire::sasl::ChannelBinding> channel_bindings_;
  std::unique_ptr<wire::sasl::ClientExchange> exchange_;
  std::string mechanism_;
  bool auth_cancelled_ = false;
};

}  // namespace veredus::work::smtpclient
