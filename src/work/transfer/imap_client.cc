#include "work/transfer/imap_client.h"

#include <algorithm>
#include <utility>

#include "base/codec/ascii.h"
#include "base/codec/base64.h"
#include "io/dns/resolver.h"
#include "io/net/connect.h"
#include "io/net/reactor.h"
#include "wire/imap/imap_string.h"
#include "wire/sasl/client.h"

namespace veredus::work::transfer {
namespace {

namespace sasl = wire::sasl;
using io::net::Endpoint;
using io::net::IoError;
using io::net::IpAddress;
using wire::imap::Condition;
using wire::imap::Response;

constexpr std::size_t kLineOctets = io::net::LineStream::kLineLimit;
constexpr std::size_t kPieceOctets = 64 * 1024;
constexpr std::size_t kReplyOctets = 4 * 1024 * 1024;  // of literals that are no messages

std::unexpected<TransferFailure> failed(TransferError error, std::string detail = {}) {
  return std::unexpected(TransferFailure{error, std::move(detail)});
}

/// The addresses of a host, those of IPv6 first.
AsyncTransferred<std::vector<IpAddress>> addresses_of(io::dns::Resolver* resolver, std::string host) {
  std::vector<IpAddress> all;
  if (const auto address = IpAddress::parse(host)) {
    all.push_back(*address);
    co_return all;
  }
  const auto v6 = co_await resolver->aaaa(host);
  if (v6) all.insert(all.end(), v6->records.begin(), v6->records.end());
  const auto v4 = co_await resolver->a(host);
  if (v4) all.insert(all.end(), v4->records.begin(), v4->records.end());
  if (!all.empty()) co_return all;
  const bool unknown = !v4 && v4.error() != io::dns::DnsError::kNoSuchName;
  co_return failed(unknown ? TransferError::kNoDns : TransferError::kNoSuchHost, host);
}

/// How much of a command may be said before the server asks for a literal's octets; all: it has none that is
/// synchronizing. RFC 3501 s4.3.
std::size_t before_literal(std::string_view command) {
  constexpr std::string_view kEnd = "}\r\n";
  auto at = command.find(kEnd);
  while (at != std::string_view::npos && (at == 0 || !base::codec::is_digit(command[at - 1])))
    at = command.find(kEnd, at + 1);
  return at == std::string_view::npos ? command.size() : at + kEnd.size();
}

/// Passes by what comes; keeps CAPABILITY.
class CapabilitySink final : public ResponseSink {
 public:
  explicit CapabilitySink(std::vector<std::string>* capabilities) : capabilities_(capabilities) {}
  asio::awaitable<void> take(Response response) override {
    if (auto words = wire::imap::read_capability(response)) *capabilities_ = std::move(*words);
    co_return;
  }

 private:
  std::vector<std::string>* capabilities_;
};

}  // namespace

ImapClient::ImapClient(io::net::LineStream stream, const Source* source, const Options* options)
    : stream_(std::move(stream)), source_(source), options_(options) {}
ImapClient::~ImapClient() = default;

TransferFailure ImapClient::broken(IoError error) const {
  switch (error) {
    case IoError::kTimeout:
      return {TransferError::kTimeout, {}};
    case IoError::kLineTooLong:
    case IoError::kBareLineFeed:
    case IoError::kBareCarriageReturn:
      return {TransferError::kProtocol, std::string(to_string(error))};
    case IoError::kCancelled:
    case IoError::kStopping:
      return {TransferError::kStopped, {}};
    default:
      return {TransferError::kLost, std::string(to_string(error))};
  }
}

AsyncTransferred<io::net::LineStream> connect_to(io::net::Reactor* reactor, io::dns::Resolver* resolver,
                                                 const Source* source, const Options* options) {
  VEREDUS_CO_TRY(const auto addresses, co_await addresses_of(resolver, source->host));
  TransferFailure last{TransferError::kConnect, {}};
  for (const auto& address : addresses) {
    auto stream = co_await io::net::connect(reactor, Endpoint::ip(address, source->port), options->connect_wait);
    if (stream) co_return *std::move(stream);
    if (stream.error() == IoError::kCancelled) co_return failed(TransferError::kStopped);
    last.detail = std::string(to_string(stream.error()));
  }
  co_return std::unexpected(std::move(last));
}

AsyncTransferred<std::unique_ptr<ImapClient>> ImapClient::open(io::net::LineStream stream, const Source* source,
                                                               const Options* options) {
  std::unique_ptr<ImapClient> client(new ImapClient(std::move(stream), source, options));
  VEREDUS_CO_TRY(co_await client->greet());
  VEREDUS_CO_TRY(co_await client->log_in());
  co_return client;
}

/// Up to the point where a password may be said.
AsyncTransferred<void> ImapClient::greet() {
  if (source_->tls == Source::Tls::kImplicit) VEREDUS_CO_TRY(co_await start_tls());
  CapabilitySink sink(&capabilities_);
  VEREDUS_CO_TRY(auto greeting, co_await read(&sink));
  if (greeting.condition == Condition::kBye) co_return failed(TransferError::kBye, greeting.text);
  if (greeting.condition != Condition::kOk) co_return failed(TransferError::kProtocol, "no greeting");
  co_await sink.take(std::move(greeting));
  if (capabilities_.empty()) VEREDUS_CO_TRY(co_await ask_capabilities());
  if (source_->tls != Source::Tls::kStartTls) co_return Transferred<void>();
  if (!has("STARTTLS")) co_return failed(TransferError::kNoStartTls);
  VEREDUS_CO_TRY(co_await command("STARTTLS", &sink));
  VEREDUS_CO_TRY(co_await start_tls());
  co_return co_await ask_capabilities();  // RFC 9051 s6.2.1: those from before do not count
}

AsyncTransferred<void> ImapClient::start_tls() {
  const auto started = co_await stream_.start_tls_client(options_->tls, source_->host, options_->connect_wait);
  if (!started) {
    const bool certificate = started.error() == IoError::kTlsCertificate;
    auto detail = stream_.tls_failure();
    if (detail.empty()) detail = to_string(started.error());
    co_return failed(certificate ? TransferError::kCertificate : TransferError::kTls, std::move(detail));
  }
  if (started->discarded_octets != 0) co_return failed(TransferError::kProtocol, "octets before TLS");
  co_return Transferred<void>();
}

AsyncTransferred<void> ImapClient::ask_capabilities() {
  capabilities_.clear();
  CapabilitySink sink(&capabilities_);
  VEREDUS_CO_TRY(co_await command("CAPABILITY", &sink));
  co_return Transferred<void>();
}

bool ImapClient::has(std::string_view capability) const { return std::ranges::count(capabilities_, capability) != 0; }

/// AUTHENTICATE with the best mechanism there is for the secret, or else LOGIN.
Transferred<std::string> ImapClient::login_command() {
  const bool token = source_->login == Source::Login::kOAuthToken;
  std::vector<std::string_view> offered;
  for (const std::string_view word : capabilities_)
    if (word.starts_with("AUTH=")) offered.push_back(word.substr(5));
  const auto kind = token ? sasl::SecretKind::kOAuthToken : sasl::SecretKind::kPassword;
  const auto mechanism = sasl::choose_mechanism(offered, false, kind);
  if (mechanism.empty()) {
    if (token || has("LOGINDISABLED")) return failed(TransferError::kNoLogin);
    std::string login = "LOGIN ";
    wire::imap::append_sent_string(login, source_->user);
    login.append(" ");
    wire::imap::append_sent_string(login, source_->secret.reveal());
    return login;
  }
  auto exchange = sasl::ClientExchange::create(
      mechanism, {.authzid = {}, .user = source_->user, .password = source_->secret}, sasl::ClientOptions{});
  if (!exchange) return failed(TransferError::kNoLogin, std::string(to_string(exchange.error())));
  exchange_ = *std::move(exchange);
  auto command = "AUTHENTICATE " + std::string(mechanism);
  if (!has("SASL-IR")) return command;  // RFC 4959 s3
  const auto first = exchange_->initial_response();
  if (first) command.append(" ").append(first->empty() ? "=" : base::codec::base64_encode(*first));
  return command;
}

Transferred<std::string> ImapClient::answer_to(std::string_view challenge) {
  const auto octets = base::codec::base64_decode(challenge);
  if (!exchange_ || !octets) return failed(TransferError::kProtocol, "asks for more than there is");
  const auto answer = exchange_->respond(*octets);
  if (!answer) return failed(TransferError::kProtocol, std::string(to_string(answer.error())));
  return base::codec::base64_encode(*answer) + "\r\n";
}

AsyncTransferred<void> ImapClient::log_in() {
  CapabilitySink sink(&capabilities_);
  VEREDUS_CO_TRY(auto text, login_command());
  capabilities_.clear();  // those after the login count
  auto done = co_await command(std::move(text), &sink);
  const auto exchange = std::move(exchange_);
  if (!done) co_return std::unexpected(std::move(done.error()));
  if (exchange && !exchange->may_succeed()) co_return failed(TransferError::kProtocol, "does not know the password");
  co_await sink.take(std::move(*done));
  if (capabilities_.empty()) co_return co_await ask_capabilities();
  co_return Transferred<void>();
}

AsyncTransferred<std::string> ImapClient::read_literal(std::uint64_t octets) {
  if (octets > kReplyOctets) co_return failed(TransferError::kProtocol, "a literal too large for what it is");
  std::string literal;
  while (literal.size() < octets) {
    const auto chunk = co_await stream_.read_chunk(octets - literal.size(), options_->reply_wait);
    if (!chunk) co_return std::unexpected(broken(chunk.error()));
    literal.append(*chunk);
  }
  co_return literal;
}

AsyncTransferred<void> ImapClient::stream_literal(std::uint64_t octets, ResponseSink* sink) {
  while (octets > 0) {
    const auto chunk = co_await stream_.read_chunk(std::min<std::uint64_t>(octets, kPieceOctets), options_->reply_wait);
    if (!chunk) co_return std::unexpected(broken(chunk.error()));
    octets -= chunk->size();
    co_await sink->literal(std::string(*chunk));
  }
  co_return Transferred<void>();
}

/// One whole response.
AsyncTransferred<Response> ImapClient::read(ResponseSink* sink) {
  std::expected<wire::imap::ResponseStep, wire::imap::ResponseError> step = wire::imap::NeedResponseLine{};
  while (step) {
    if (auto* response = std::get_if<Response>(&*step)) co_return std::move(*response);
    if (const auto* literal = std::get_if<wire::imap::NeedResponseLiteral>(&*step)) {
      if (sink->wants_literal(literal->item)) {
        VEREDUS_CO_TRY(co_await stream_literal(literal->octets, sink));
        step = reader_.passed();
      } else {
        VEREDUS_CO_TRY(const auto octets, co_await read_literal(literal->octets));
        step = reader_.feed_literal(octets);
      }
      continue;
    }
    const auto line = co_await stream_.read_line(kLineOctets, options_->reply_wait);
    if (!line && line.error() == IoError::kStopping) continue;  // said once: what is under way ends by itself
    if (!line) co_return std::unexpected(broken(line.error()));
    step = reader_.feed_line(*line);
  }
  co_return failed(TransferError::kProtocol, std::string(to_string(step.error())));
}

/// Reads until the tagged response. `rest` is what is said when the server asks for more.
AsyncTransferred<Response> ImapClient::finish(std::string tag, std::string rest, ResponseSink* sink) {
  while (true) {
    VEREDUS_CO_TRY(auto response, co_await read(sink));
    if (response.kind == Response::Kind::kContinuation) {
      VEREDUS_CO_TRY(auto answer, rest.empty() ? answer_to(response.text) : std::exchange(rest, {}));
      auto sent = co_await stream_.write(std::move(answer), options_->reply_wait);
      if (!sent) co_return std::unexpected(broken(sent.error()));
      continue;
    }
    if (response.kind == Response::Kind::kUntagged) {
      if (response.condition == Condition::kBye) co_return failed(TransferError::kBye, response.text);
      co_await sink->take(std::move(response));
      continue;
    }
    if (response.tag != tag) co_return failed(TransferError::kProtocol, "an answer to nothing");
    if (response.condition != Condition::kOk) co_return failed(TransferError::kRefused, response.text);
    co_return response;
  }
}

AsyncTransferred<Response> ImapClient::command(std::string text, ResponseSink* sink) {
  auto tag = "t" + std::to_string(++last_tag_);
  text.append("\r\n");
  const auto first = before_literal(text);
  auto rest = text.substr(first);
  auto sent = co_await stream_.write(tag + " " + text.substr(0, first), options_->reply_wait);
  if (!sent) co_return std::unexpected(broken(sent.error()));
  co_return co_await finish(std::move(tag), std::move(rest), sink);
}

asio::awaitable<void> ImapClient::log_out() {
  CapabilitySink sink(&capabilities_);
  co_await command("LOGOUT", &sink);  // answered BYE; whatever comes, that was it
  stream_.close();
}

}  // namespace veredus::work::transfer
