#include "work/smtpclient/opening.h"

#include <algorithm>
#include <utility>

#include "base/codec/base64.h"

namespace veredus::work::smtpclient {

using wire::smtp::Reply;
using Need = Opening::Need;

namespace {

/// RFC 9266 s3: tls-exporter where there is one.
std::vector<wire::sasl::ChannelBinding> bindings_of(const io::net::TlsDetails& tls) {
  std::vector<wire::sasl::ChannelBinding> bindings;
  if (!tls.tls_exporter.empty()) bindings.push_back({std::string(wire::sasl::kTlsExporter), tls.tls_exporter});
  if (!tls.tls_server_end_point.empty())
    bindings.push_back({std::string(wire::sasl::kTlsServerEndPoint), tls.tls_server_end_point});
  return bindings;
}

}  // namespace

Need Opening::fail(ConnectionError error, Reply reply) {
  failure_.error = reply.code == 421 ? ConnectionError::kClosing : error;  // RFC 5321 s3.8
  failure_.stage = stage_;
  failure_.reply = std::move(reply);
  return Need::kFailed;
}

Need Opening::fail(ConnectionError error, std::string_view detail) {
  failure_.error = error;
  failure_.stage = stage_;
  failure_.detail = detail;
  return Need::kFailed;
}

Need Opening::begin(const io::net::TlsDetails* tls) {
  if (tls != nullptr) {
    tls_ = true;
    channel_bindings_ = bindings_of(*tls);
  }
  stage_ = Stage::kGreeting;
  return Need::kReply;
}

Need Opening::take(Reply reply) {
  switch (stage_) {
    case Stage::kGreeting:
      if (reply.code != 220) return fail(ConnectionError::kRejected, std::move(reply));  // RFC 5321 s3.1: 554
      greeting_ = std::move(reply.text);
      return say_hello();
    case Stage::kHello:
      return hello_answered(std::move(reply));
    case Stage::kStartTls:
      return start_tls_answered(std::move(reply));
    case Stage::kAuth:
      return auth_answered(std::move(reply));
    default:
      return fail(ConnectionError::kProtocol, std::move(reply));
  }
}

Need Opening::say_hello() {
  stage_ = Stage::kHello;
  const bool lmtp = peer_->protocol == Protocol::kLmtp;
  output_ = lmtp ? "LHLO " : extended_ ? "EHLO " : "HELO ";
  output_ += peer_->hello_name + "\r\n";
  return Need::kReply;
}

Need Opening::hello_answered(Reply reply) {
  if (reply.code / 100 == 2) {
    capabilities_ = extended_ ? wire::smtp::parse_capabilities(reply) : wire::smtp::Capabilities();
    if (!extended_) capabilities_.name = reply.text.substr(0, reply.text.find_first_of(" \n"));
    return after_hello();
  }
  // RFC 5321 s3.2: a server that knows no extensions is greeted with HELO. LMTP has none (RFC 2033 s4.1).
  if (!reply.permanent() || !extended_ || peer_->protocol == Protocol::kLmtp)
    return fail(ConnectionError::kRejected, std::move(reply));
  extended_ = false;
  return say_hello();
}

Need Opening::after_hello() {
  if (!tls_ && peer_->tls != TlsRule::kNever) {
    if (capabilities_.start_tls && tls_use_ == TlsUse::kPossible) {
      stage_ = Stage::kStartTls;
      output_ = "STARTTLS\r\n";  // RFC 3207 s4: nothing is sent behind it
      return Need::kReply;
    }
    if (peer_->tls != TlsRule::kOpportunistic) return fail(ConnectionError::kTlsUnavailable, "STARTTLS is not offered");
  }
  return peer_->credentials ? authenticate() : Need::kDone;
}

Need Opening::start_tls_answered(Reply reply) {
  if (reply.code == 220) return Need::kStartTls;
  if (reply.code == 421 || peer_->tls != TlsRule::kOpportunistic)
    return fail(ConnectionError::kTlsUnavailable, std::move(reply));
  return peer_->credentials ? authenticate() : Need::kDone;
}

/// RFC 3207 s4.2: what the peer said of itself before counts no more.
Need Opening::tls_started(const io::net::TlsDetails& tls) {
  tls_ = true;
  extended_ = true;
  channel_bindings_ = bindings_of(tls);
  return say_hello();
}

// ---- AUTH

/// Without TLS a password is shown only where configuration has said that there is to be none.
bool Opening::may_show_secret() const {
  return tls_ || peer_->tls == TlsRule::kNever || peer_->address.is_local_machine();
}

Need Opening::authenticate() {
  stage_ = Stage::kAuth;
  const auto& credentials = *peer_->credentials;
  std::vector<std::string_view> offered(capabilities_.auth.begin(), capabilities_.auth.end());
  if (!may_show_secret()) std::erase_if(offered, [](std::string_view name) { return !name.starts_with("SCRAM-"); });
  const auto secret = credentials.kind == Credentials::Kind::kOAuthToken ? wire::sasl::SecretKind::kOAuthToken
                                                                         : wire::sasl::SecretKind::kPassword;
  mechanism_ = wire::sasl::choose_mechanism(offered, !channel_bindings_.empty(), secret);
  if (mechanism_.empty()) return fail(ConnectionError::kAuthUnavailable, "no mechanism in common");

  wire::sasl::ClientOptions options;
  options.channel_bindings = channel_bindings_;
  options.server_offers_plus = std::ranges::find(offered, "SCRAM-SHA-256-PLUS") != offered.end();
  wire::sasl::Credentials own{.authzid = {}, .user = credentials.user, .password = credentials.secret};
  auto exchange = wire::sasl::ClientExchange::create(mechanism_, std::move(own), std::move(options));
  if (!exchange) return fail(ConnectionError::kAuthUnavailable, to_string(exchange.error()));
  exchange_ = *std::move(exchange);

  output_ = "AUTH " + mechanism_;
  if (const auto initial = exchange_->initial_response())  // RFC 4954 s4: "=" is an empty one
    output_ += initial->empty() ? " =" : " " + base::codec::base64_encode(*initial);
  output_ += "\r\n";
  return Need::kReply;
}

Need Opening::auth_answered(Reply reply) {
  if (reply.code == 334) return continue_auth(reply.text);
  if (reply.code == 235) {
    if (exchange_->may_succeed()) return Need::kDone;
    return fail(ConnectionError::kAuthRejected, "the peer did not prove that it knows the password");
  }
  if (auth_cancelled_ && reply.code != 421) {
    failure_.reply = std::move(reply);
    return Need::kFailed;
  }
  // RFC 4954 s4: 504 and 534 are about the mechanism, not about who we are: another may do.
  const bool unsuitable = reply.code == 504 || reply.code == 534;
  if (unsuitable && std::erase(capabilities_.auth, mechanism_) != 0 && !capabilities_.auth.empty()) {
    auto before = reply;
    const auto need = authenticate();
    if (need == Need::kFailed) failure_.reply = std::move(before);
    return need;
  }
  return fail(ConnectionError::kAuthRejected, std::move(reply));
}

Need Opening::continue_auth(std::string_view challenge_base64) {
  if (auth_cancelled_) return fail(ConnectionError::kAuthRejected, "the peer does not let AUTH be cancelled");
  const auto challenge = base::codec::base64_decode(challenge_base64);
  if (!challenge) return cancel_auth(wire::sasl::SaslError::kMalformedBase64);
  const auto answer = exchange_->respond(*challenge);
  if (!answer) return cancel_auth(answer.error());
  output_ = base::codec::base64_encode(*answer) + "\r\n";
  return Need::kReply;
}

/// RFC 4954 s4: "*" ends the exchange; the server answers 501.
Need Opening::cancel_auth(wire::sasl::SaslError error) {
  fail(ConnectionError::kAuthRejected, to_string(error));
  auth_cancelled_ = true;
  output_ = "*\r\n";
  return Need::kReply;
}

}  // namespace veredus::work::smtpclient
