#include "work/probe/session_probe.h"

#include <fmt/format.h>
#include <openssl/ssl.h>

#include <algorithm>
#include <utility>

#include "base/codec/base64.h"
#include "base/codec/date.h"
#include "base/codec/hex.h"
#include "base/crypto/random.h"
#include "base/types/result.h"
#include "wire/sasl/client.h"
#include "work/probe/test_message.h"

namespace veredus::work::probe {
namespace {

constexpr std::uint16_t kSubmissionsPort = 465;  // RFC 8314 s7.3
constexpr std::uint16_t kSubmissionPort = 587;
constexpr std::string_view kForeignAddress = "relay-test@example.com";  // RFC 2606 s3: nobody's

std::expected<void, std::string> done() { return {}; }

std::vector<std::string> keywords_of(const wire::smtp::Reply& reply) {
  std::vector<std::string> lines;
  std::string_view rest = reply.text;
  for (bool first = true; !rest.empty() || first; first = false) {
    const auto end = rest.find('\n');
    if (!first) lines.emplace_back(rest.substr(0, end));
    rest.remove_prefix(end == std::string_view::npos ? rest.size() : end + 1);
  }
  return lines;
}

/// What asks for a login rather than for mail of everybody.
bool is_submission(const Session& session) {
  return session.address.port == kSubmissionsPort || session.address.port == kSubmissionPort;
}

std::vector<wire::sasl::ChannelBinding> bindings_of(const std::optional<io::net::TlsDetails>& tls) {
  std::vector<wire::sasl::ChannelBinding> bindings;
  if (tls && !tls->tls_exporter.empty())  // RFC 9266 s3
    bindings.push_back({std::string(wire::sasl::kTlsExporter), tls->tls_exporter});
  if (tls && !tls->tls_server_end_point.empty())
    bindings.push_back({std::string(wire::sasl::kTlsServerEndPoint), tls->tls_server_end_point});
  return bindings;
}

}  // namespace

SessionProbe::SessionProbe(Surroundings surroundings, Session* session, const Options* options, std::string domain)
    : session_(session),
      options_(options),
      clock_(surroundings.clock),
      domain_(std::move(domain)),
      talk_(surroundings, session, options) {
  const bool implicit = options->tls == TlsMode::kAutomatic && session->address.port == kSubmissionsPort;
  session_->implicit_tls = implicit || options->tls == TlsMode::kImplicit;
}

asio::awaitable<void> SessionProbe::run() {
  const auto ended = co_await go_through();
  if (!ended) session_->failure = ended.error();
  talk_.close();
}

SessionProbe::Step SessionProbe::go_through() {
  const auto connected = co_await talk_.connect();
  session_->unreachable = !connected;
  if (!connected) co_return std::unexpected(connected.error());
  if (session_->implicit_tls) {
    begin(Stage::kTls);
    VEREDUS_CO_TRY(co_await shake_hands());
  }
  VEREDUS_CO_TRY(co_await greet());
  VEREDUS_CO_TRY(co_await say_hello());
  VEREDUS_CO_TRY(co_await start_tls_if_offered());
  VEREDUS_CO_TRY(co_await try_recipients());
  VEREDUS_CO_TRY(co_await authenticate());
  VEREDUS_CO_TRY(co_await send_message());
  co_return co_await quit();
}

SessionProbe::Step SessionProbe::greet() {
  begin(Stage::kGreeting);
  const auto before = talk_.elapsed();
  VEREDUS_CO_TRY(auto reply, co_await talk_.hear());
  session_->greeting_took = talk_.elapsed() - before;
  session_->greeting = reply;
  if (reply.code != 220)  // RFC 5321 s3.1
    co_return std::unexpected("the server greets with " + std::to_string(reply.code) + ", not 220");
  co_return done();
}

SessionProbe::Step SessionProbe::say_hello() {
  begin(Stage::kHello);
  VEREDUS_CO_TRY(auto reply, co_await talk_.ask("EHLO " + options_->hello_name));
  auto& capabilities = session_->tls ? session_->secure : session_->plain;
  auto& keywords = session_->tls ? session_->secure_keywords : session_->plain_keywords;
  session_->extended = reply.code == 250;
  if (session_->extended) {
    capabilities = wire::smtp::parse_capabilities(reply);
    keywords = keywords_of(reply);
    co_return done();
  }
  VEREDUS_CO_TRY(reply, co_await talk_.ask("HELO " + options_->hello_name));  // RFC 5321 s3.2
  if (reply.code != 250) co_return std::unexpected("the server takes neither EHLO nor HELO");
  capabilities.emplace();
  capabilities->name = reply.text.substr(0, reply.text.find_first_of(" \n"));
  co_return done();
}

SessionProbe::Step SessionProbe::start_tls_if_offered() {
  const bool wanted = options_->tls != TlsMode::kNone && !session_->tls;
  if (!wanted || !session_->plain || !session_->plain->start_tls) co_return done();
  begin(Stage::kStartTls);
  VEREDUS_CO_TRY(const auto reply, co_await talk_.ask("STARTTLS"));
  if (reply.code != 220) {  // RFC 3207 s4
    session_->tls_failure = fmt::format("STARTTLS is offered and refused with {}", reply.code);
    co_return done();
  }
  VEREDUS_CO_TRY(co_await shake_hands());
  co_return co_await say_hello();  // RFC 3207 s4.2: nothing said before counts
}

SessionProbe::Step SessionProbe::shake_hands() {
  io::net::TlsContext::ClientOptions with;
  with.verify = io::net::TlsContext::Verify::kNone;
  auto made = io::net::TlsContext::client(std::move(with));
  if (!made) co_return std::unexpected(std::string(to_string(made.error())));
  context_ = *std::move(made);
  const auto native = context_->native();
  SSL_CTX_set_min_proto_version(native.get(), TLS1_VERSION);  // old ones are to be told of, not to be missed
  SSL_CTX_set_security_level(native.get(), 0);
  witness_ = std::make_unique<CertificateWitness>(native.get());

  const auto before = talk_.elapsed();
  const auto started = co_await talk_.start_tls(context_);
  if (!started) {
    session_->tls_failure = started.error();
    co_return std::unexpected("the TLS handshake failed: " + started.error());
  }
  const auto details = talk_.tls();
  Tls tls{.implicit = session_->implicit_tls, .took = talk_.elapsed() - before};
  if (details) {
    tls.version = details->version;
    tls.cipher = details->cipher;
    tls.cipher_bits = details->cipher_bits;
  }
  tls.chain = examine_chain(witness_->chain_der(), session_->host, clock_->now(), options_->trusted_pem);
  talk_.note(fmt::format("TLS: {}, {}, {} bits", tls.version, tls.cipher, tls.cipher_bits));
  session_->tls = std::move(tls);
  co_return done();
}

std::string SessionProbe::sender() const {
  return options_->sender ? to_string(*options_->sender) : "probe@" + options_->hello_name;
}

std::vector<Trial> SessionProbe::trials() const {
  std::vector<Trial> all;
  const auto add = [&](Trial::Kind kind, std::string recipient) {
    all.push_back({.kind = kind, .sender = sender(), .recipient = std::move(recipient)});
  };
  if (options_->recipient_trials && !domain_.empty() && !is_submission(*session_)) {
    add(Trial::Kind::kUnknown, "nobody-" + base::codec::hex_encode(base::crypto::random_octets(6)) + "@" + domain_);
    add(Trial::Kind::kPostmaster, "postmaster@" + domain_);
  }
  if (options_->relay_trials) {
    add(Trial::Kind::kRelay, std::string(kForeignAddress));
    if (!is_submission(*session_) && !domain_.empty()) {
      add(Trial::Kind::kRelayPercent, "relay-test%example.com@" + domain_);
      add(Trial::Kind::kRelayRoute, "@" + domain_ + ":" + std::string(kForeignAddress));
    }
  }
  return all;
}

SessionProbe::Step SessionProbe::try_recipients() {
  begin(Stage::kTrials);
  for (auto& trial : trials()) {
    const bool pipelines = session_->capabilities() != nullptr && session_->capabilities()->pipelining;
    if (pipelines && !session_->pipelining_works)
      VEREDUS_CO_TRY(co_await try_pipelined(std::move(trial)));
    else
      VEREDUS_CO_TRY(co_await try_one(std::move(trial)));
  }
  co_return done();
}

SessionProbe::Step SessionProbe::try_pipelined(Trial trial) {
  std::vector<std::string> lines{"MAIL FROM:<" + trial.sender + ">", "RCPT TO:<" + trial.recipient + ">", "RSET"};
  session_->pipelining_works = false;
  VEREDUS_CO_TRY(auto replies, co_await talk_.ask_all(std::move(lines)));
  session_->pipelining_works = replies[2].code == 250;
  trial.mail = std::move(replies[0]);
  trial.rcpt = std::move(replies[1]);
  if (trial.mail.code / 100 != 2) trial.rcpt = {};
  session_->trials.push_back(std::move(trial));
  co_return done();
}

SessionProbe::Step SessionProbe::try_one(Trial trial) {
  VEREDUS_CO_TRY(trial.mail, co_await talk_.ask("MAIL FROM:<" + trial.sender + ">"));
  if (trial.mail.code / 100 == 2) {
    VEREDUS_CO_TRY(trial.rcpt, co_await talk_.ask("RCPT TO:<" + trial.recipient + ">"));
    VEREDUS_CO_TRY(co_await talk_.ask("RSET"));
  }
  session_->trials.push_back(std::move(trial));
  co_return done();
}

SessionProbe::Step SessionProbe::authenticate() {
  if (options_->user.empty()) co_return done();
  begin(Stage::kAuth);
  auto& authentication = session_->authentication.emplace();
  const auto* const capabilities = session_->capabilities();
  const auto bindings = bindings_of(talk_.tls());
  std::vector<std::string_view> offered;
  if (capabilities != nullptr) offered.assign(capabilities->auth.begin(), capabilities->auth.end());
  const bool may_show = session_->tls.has_value() || session_->address.is_local_machine();
  if (!may_show) std::erase_if(offered, [](std::string_view name) { return !name.starts_with("SCRAM-"); });
  const auto mechanism = wire::sasl::choose_mechanism(offered, !bindings.empty());
  if (mechanism.empty()) {
    authentication.failure = may_show ? "no mechanism in common" : "without TLS the password is not shown";
    co_return done();
  }
  co_return co_await exchange_secrets(std::string(mechanism));
}

/// RFC 4954 s4.
SessionProbe::Step SessionProbe::exchange_secrets(std::string mechanism) {
  auto& authentication = *session_->authentication;
  authentication.mechanism = mechanism;
  wire::sasl::ClientOptions with;
  with.channel_bindings = bindings_of(talk_.tls());
  const auto& offered = session_->capabilities()->auth;
  with.server_offers_plus = std::ranges::find(offered, "SCRAM-SHA-256-PLUS") != offered.end();
  wire::sasl::Credentials credentials{.authzid = {}, .user = options_->user, .password = options_->password};
  auto exchange = wire::sasl::ClientExchange::create(mechanism, std::move(credentials), std::move(with));
  if (!exchange) {
    authentication.failure = to_string(exchange.error());
    co_return done();
  }
  std::string line = "AUTH " + mechanism;
  if (const auto initial = (*exchange)->initial_response())
    line += initial->empty() ? " =" : " " + base::codec::base64_encode(*initial);
  VEREDUS_CO_TRY(auto reply, co_await talk_.ask(std::move(line), "AUTH " + mechanism + " (hidden)"));
  while (reply.code == 334) {
    const auto challenge = base::codec::base64_decode(reply.text);
    const auto answer = challenge ? (*exchange)->respond(*challenge) : std::unexpected(wire::sasl::SaslError{});
    auto next = answer ? base::codec::base64_encode(*answer) : std::string("*");
    VEREDUS_CO_TRY(reply, co_await talk_.ask(std::move(next), "(hidden)"));
    if (answer) continue;
    authentication.failure = "the server's challenge makes no sense";
    break;
  }
  if (reply.code == 235 && !(*exchange)->may_succeed())
    authentication.failure = "the server did not prove that it knows the password";
  authentication.reply = std::move(reply);
  co_return done();
}

SessionProbe::Step SessionProbe::send_message() {
  if (!options_->send || !options_->recipient) co_return done();
  if (session_->authentication && !session_->authentication->done()) co_return done();
  begin(Stage::kSend);
  auto& sending = session_->sending.emplace();
  const auto before = talk_.elapsed();
  const bool utf8 = needs_smtputf8(*options_->recipient) || (options_->sender && needs_smtputf8(*options_->sender));
  sending.command = "MAIL";
  VEREDUS_CO_TRY(sending.reply, co_await talk_.ask("MAIL FROM:<" + sender() + (utf8 ? "> SMTPUTF8" : ">")));
  if (sending.reply.code / 100 != 2) co_return done();
  sending.command = "RCPT";
  VEREDUS_CO_TRY(sending.reply, co_await talk_.ask("RCPT TO:<" + to_string(*options_->recipient) + ">"));
  if (sending.reply.code / 100 != 2) co_return done();
  sending.command = "DATA";
  VEREDUS_CO_TRY(sending.reply, co_await talk_.ask("DATA"));
  if (sending.reply.code != 354) co_return done();
  VEREDUS_CO_TRY(co_await send_body());
  sending.took = talk_.elapsed() - before;
  co_return done();
}

SessionProbe::Step SessionProbe::send_body() {
  auto& sending = *session_->sending;
  sending.message_id = base::codec::hex_encode(base::crypto::random_octets(12)) + ".probe@" + options_->hello_name;
  auto message = test_message({.from = sender(),
                               .to = to_string(*options_->recipient),
                               .message_id = sending.message_id,
                               .server = session_->host,
                               .at = clock_->now()});
  auto shown = fmt::format("({} octets of message, and the dot)", message.size());
  VEREDUS_CO_TRY(co_await talk_.say(message + ".\r\n", std::move(shown)));
  sending.command = "the message";
  VEREDUS_CO_TRY(sending.reply, co_await talk_.hear());
  co_return done();
}

SessionProbe::Step SessionProbe::quit() {
  begin(Stage::kQuit);
  const auto reply = co_await talk_.ask("QUIT");
  // What was to be seen has been seen: a server that hangs up here (many do) has not failed.
  if (reply && reply->code != 221) talk_.note("QUIT should be answered with 221");
  co_return done();
}

}  // namespace veredus::work::probe
