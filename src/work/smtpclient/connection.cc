#include "work/smtpclient/connection.h"

#include <utility>

#include "base/types/result.h"
#include "io/net/connect.h"
#include "work/smtpclient/connection_core.h"

namespace veredus::work::smtpclient {
namespace {

ConnectFailure connect_failure(io::net::IoError error) {
  ConnectFailure failure;
  failure.stage = Stage::kConnect;
  failure.detail = to_string(error);
  switch (error) {
    case io::net::IoError::kTimeout:
      failure.error = ConnectionError::kConnectTimeout;
      break;
    case io::net::IoError::kCancelled:
      failure.error = ConnectionError::kStopped;
      break;
    case io::net::IoError::kNoDescriptors:
    case io::net::IoError::kNotPermitted:
    case io::net::IoError::kAddress:
    case io::net::IoError::kAddressInUse:
      failure.error = ConnectionError::kSource;
      break;
    default:
      failure.error = ConnectionError::kRefused;
  }
  return failure;
}

}  // namespace

Connection::Connection(std::unique_ptr<Core> core) : core_(std::move(core)) {}
Connection::~Connection() = default;

asio::awaitable<Connection::Opened> Connection::open(io::net::Reactor* reactor, Peer peer, const Options* options) {
  std::string tls_failure;
  for (auto tls_use = TlsUse::kPossible;; tls_use = TlsUse::kImpossible) {
    auto stream = co_await io::net::connect(reactor, peer.address, peer.source, options->timeouts.connect);
    if (!stream) co_return std::unexpected(connect_failure(stream.error()));
    auto core = std::make_unique<Core>(*std::move(stream), peer, options);
    auto opened = co_await core->open(tls_use);
    if (opened) {
      core->details().tls_failure = std::move(tls_failure);
      co_return std::unique_ptr<Connection>(new Connection(std::move(core)));
    }
    // RFC 7435 s3: encryption that cannot be had is no reason not to talk, where nobody has asked for it.
    const bool in_the_clear = peer.tls == TlsRule::kOpportunistic && !peer.implicit_tls &&
                              tls_use == TlsUse::kPossible && opened.error().error == ConnectionError::kTlsHandshake;
    if (!in_the_clear) co_return std::unexpected(std::move(opened).error());
    tls_failure = opened.error().detail;
  }
}

asio::awaitable<Connection::Opened> Connection::open_over(io::net::LineStream stream, Peer peer,
                                                          const Options* options) {
  auto core = std::make_unique<Core>(std::move(stream), std::move(peer), options);
  VEREDUS_CO_TRY(co_await core->open(TlsUse::kPossible));
  co_return std::unique_ptr<Connection>(new Connection(std::move(core)));
}

asio::awaitable<TransactionResult> Connection::send(std::shared_ptr<const Outgoing> message,
                                                    std::shared_ptr<const Outgoing> next) {
  return core_->send(std::move(message), std::move(next));
}
bool Connection::reusable() const { return core_->reusable(); }
bool Connection::stale() { return core_->stale(); }
std::uint32_t Connection::messages() const { return core_->messages(); }
const PeerDetails& Connection::details() const { return core_->details(); }
asio::awaitable<void> Connection::quit() { return core_->quit(); }
void Connection::close() { core_->close(); }

}  // namespace veredus::work::smtpclient
