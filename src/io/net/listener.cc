#include "io/net/listener.h"

#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <boost/asio/io_context.hpp>
#include <boost/asio/posix/basic_stream_descriptor.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>
#include <cerrno>

#include "base/types/result.h"
#include "io/net/proxy_protocol.h"
#include "io/net/reactor.h"
#include "io/net/socket_address.h"
#include "io/net/socket_transport.h"

namespace veredus::io::net {
namespace {

constexpr int kAcceptsAtOnce = 64;                             // then the sessions get their turn
constexpr std::chrono::milliseconds kNoDescriptorsPause{100};  // for sessions to end and give some back
constexpr std::size_t kImbalance = 2;  // a reactor with so many tasks more than the idlest hands a connection on

using BoundSocket = std::expected<UniqueFd, IoError>;

bool set_option(int fd, int level, int option, int value) {
  return ::setsockopt(fd, level, option, &value, sizeof(value)) == 0;
}

BoundSocket listen_tcp(const Endpoint& endpoint, int backlog) {
  VEREDUS_TRY(auto fd, open_socket(endpoint));
  VEREDUS_TRY(const auto address, SocketAddress::of(endpoint));
  const bool prepared = set_option(fd.get(), SOL_SOCKET, SO_REUSEADDR, 1) &&
                        set_option(fd.get(), SOL_SOCKET, SO_REUSEPORT, 1) &&
                        (!endpoint.address.is_v6() || set_option(fd.get(), IPPROTO_IPV6, IPV6_V6ONLY, 1));
  if (!prepared || ::bind(fd.get(), address.get(), address.length) != 0 || ::listen(fd.get(), backlog) != 0)
    return std::unexpected(io_error_of(errno));
  return fd;
}

/// Somebody answers at this path.
bool is_alive(const SocketAddress& address, const Endpoint& endpoint) {
  const auto probe = open_socket(endpoint);
  if (!probe) return true;
  return ::connect(probe->get(), address.get(), address.length) == 0 || errno == EAGAIN;
}

BoundSocket listen_unix(const Endpoint& endpoint, int backlog, unsigned mode) {
  VEREDUS_TRY(auto fd, open_socket(endpoint));
  VEREDUS_TRY(const auto address, SocketAddress::of(endpoint));
  struct stat status{};
  const bool exists = ::lstat(endpoint.path.c_str(), &status) == 0;
  if (exists && (!S_ISSOCK(status.st_mode) || is_alive(address, endpoint)))
    return std::unexpected(IoError::kAddressInUse);
  if (exists) ::unlink(endpoint.path.c_str());
  // Nobody can connect before listen(), so there is no moment with wider permissions.
  if (::bind(fd.get(), address.get(), address.length) != 0 || ::chmod(endpoint.path.c_str(), mode) != 0 ||
      ::listen(fd.get(), backlog) != 0)
    return std::unexpected(io_error_of(errno));
  return fd;
}

}  // namespace

struct ListenerState {
  Reactors* reactors = nullptr;
  Listener::Options options;
  Endpoint endpoint;
  Listener::Accept accept;
  Listener::Dropped dropped;
  std::atomic<bool> closed{false};
  std::vector<std::shared_ptr<class Acceptor>> acceptors;

  [[nodiscard]] bool expects_proxy_header(const Endpoint& peer) const {
    if (peer.is_unix()) return options.proxy_from_unix;
    return std::ranges::any_of(options.proxy_from, [&](const auto& network) { return network.contains(peer.address); });
  }
  void drop(const Endpoint& peer, std::string_view why) const {
    if (dropped) dropped(peer, why);
  }
  Reactor& place(Reactor& here) const;
};

namespace {

/// Reads the PROXY header in front of a connection, and takes the endpoints from it. What follows it, perhaps TLS,
/// stays in the socket.
asio::awaitable<std::expected<void, std::string_view>> read_proxy_header(LineStream* stream,
                                                                         std::chrono::milliseconds wait) {
  std::string seen;
  while (true) {
    const auto chunk = co_await stream->read_exact_chunk(proxy_header_needs(seen), wait);
    if (!chunk) co_return std::unexpected(to_string(chunk.error()));
    seen.append(*chunk);
    const auto parsed = parse_proxy_header(seen);
    if (!parsed) co_return std::unexpected(to_string(parsed.error()));
    if (!*parsed) continue;
    const auto& header = **parsed;
    if (header.command == ProxyHeader::Command::kProxy) stream->set_endpoints(header.source, header.destination);
    co_return std::expected<void, std::string_view>();
  }
}

asio::awaitable<void> serve_proxied(std::shared_ptr<const ListenerState> listener, LineStream stream) {
  const auto proxy = stream.peer();
  const auto outcome = co_await read_proxy_header(&stream, listener->options.proxy_wait);
  if (!outcome) {
    listener->drop(proxy, outcome.error());
    co_return;
  }
  Connection connection{std::move(stream), {}, true};
  if (listener->options.limits) connection.admission = listener->options.limits->admit(connection.stream.peer());
  if (connection.admission.verdict() == AdmissionVerdict::kDropped) {
    listener->drop(connection.stream.peer(), to_string(AdmissionVerdict::kDropped));
    co_return;
  }
  co_await listener->accept(std::move(connection));
}

}  // namespace

/// Takes connections from one listening socket on one reactor.
class Acceptor : public std::enable_shared_from_this<Acceptor> {
 public:
  Acceptor(std::shared_ptr<const ListenerState> listener, Reactor& reactor, UniqueFd socket)
      : listener_(std::move(listener)),
        reactor_(&reactor),
        socket_(reactor.context().get_executor(), socket.release()),
        timer_(reactor.context().get_executor()) {}

  void start() {
    asio::post(socket_.get_executor(), [self = shared_from_this()] { self->wait(); });
  }

  /// The system refuses connections at once; the rest is done on the reactor.
  void close() {
    ::shutdown(socket_.native_handle(), SHUT_RD);
    asio::post(socket_.get_executor(), [self = shared_from_this()] {
      boost::system::error_code ignored;
      self->socket_.close(ignored);
      self->timer_.cancel();
    });
  }

 private:
  void wait() {
    if (listener_->closed || !socket_.is_open()) return;
    socket_.async_wait(asio::posix::descriptor_base::wait_read,
                       [self = shared_from_this()](const boost::system::error_code& error) {
                         if (!error) self->accept_some();
                       });
  }

  void accept_some() {
    for (int i = 0; i < kAcceptsAtOnce && !listener_->closed; ++i) {
      SocketAddress peer;
      peer.length = sizeof(peer.storage);
      UniqueFd socket(::accept4(socket_.native_handle(), peer.get(), &peer.length, SOCK_NONBLOCK | SOCK_CLOEXEC));
      if (socket) {
        admit(std::move(socket), peer.endpoint());
        continue;
      }
      if (errno == EMFILE || errno == ENFILE || errno == ENOBUFS || errno == ENOMEM) return rest();
      if (errno == EAGAIN) break;
    }
    wait();
  }

  void rest() {
    listener_->drop({}, to_string(IoError::kNoDescriptors));
    timer_.expires_after(kNoDescriptorsPause);
    timer_.async_wait([self = shared_from_this()](const boost::system::error_code& error) {
      if (!error) self->wait();
    });
  }

  void admit(UniqueFd socket, Endpoint peer) {
    set_no_delay(socket.get(), peer);
    const bool proxied = listener_->expects_proxy_header(peer);
    Admission admission;
    if (listener_->options.limits && !proxied) admission = listener_->options.limits->admit(peer);
    if (admission.verdict() == AdmissionVerdict::kDropped)
      return listener_->drop(peer, to_string(AdmissionVerdict::kDropped));
    auto& reactor = listener_->place(*reactor_);
    auto begin = [listener = listener_, reactor = &reactor, socket = std::move(socket), peer = std::move(peer),
                  admission = std::move(admission), proxied]() mutable -> asio::awaitable<void> {
      auto local = local_endpoint(socket.get());
      LineStream stream(*reactor,
                        make_socket_transport(*reactor, std::move(socket), std::move(peer), std::move(local)));
      if (proxied) return serve_proxied(std::move(listener), std::move(stream));
      return listener->accept(Connection{std::move(stream), std::move(admission), false});
    };
    reactor.tasks().spawn(std::move_only_function<asio::awaitable<void>()>(std::move(begin)));
  }

  std::shared_ptr<const ListenerState> listener_;
  Reactor* reactor_;
  asio::posix::basic_stream_descriptor<asio::io_context::executor_type> socket_;
  asio::steady_timer timer_;
};

/// Where a new session goes: here, unless another reactor has clearly less to do. The kernel spreads connections by
/// hash, which is uneven while they are few; and a UNIX socket has one acceptor only.
Reactor& ListenerState::place(Reactor& here) const {
  Reactor* idlest = &here;
  std::size_t least = here.tasks().size();
  const std::size_t own = least;
  for (std::size_t i = 0; i < reactors->size(); ++i) {
    const auto size = (*reactors)[i].tasks().size();
    if (size >= least) continue;
    least = size;
    idlest = &(*reactors)[i];
  }
  return own >= least + kImbalance ? *idlest : here;
}

std::expected<void, IoError> check_port_is_free(const Endpoint& endpoint) {
  if (endpoint.is_unix() || endpoint.port == 0) return {};
  VEREDUS_TRY(const auto fd, open_socket(endpoint));
  VEREDUS_TRY(const auto address, SocketAddress::of(endpoint));
  const bool prepared = set_option(fd.get(), SOL_SOCKET, SO_REUSEADDR, 1) &&
                        (!endpoint.address.is_v6() || set_option(fd.get(), IPPROTO_IPV6, IPV6_V6ONLY, 1));
  if (!prepared || ::bind(fd.get(), address.get(), address.length) != 0) return std::unexpected(io_error_of(errno));
  return {};
}

std::expected<std::unique_ptr<Listener>, IoError> Listener::open(Reactors& reactors, Options options, Accept accept,
                                                                 Dropped dropped) {
  auto shared = std::make_shared<ListenerState>();
  shared->reactors = &reactors;
  shared->endpoint = options.endpoint;
  shared->options = std::move(options);
  shared->accept = std::move(accept);
  shared->dropped = std::move(dropped);
  const bool is_unix = shared->endpoint.is_unix();
  for (std::size_t i = 0; i < (is_unix ? 1 : reactors.size()); ++i) {
    const auto backlog = shared->options.backlog;
    VEREDUS_TRY(auto socket, is_unix ? listen_unix(shared->endpoint, backlog, shared->options.unix_mode)
                                     : listen_tcp(shared->endpoint, backlog));
    if (i == 0 && !is_unix) shared->endpoint = local_endpoint(socket.get());  // the port the system chose
    shared->acceptors.push_back(std::make_shared<Acceptor>(shared, reactors[i], std::move(socket)));
  }
  for (auto& acceptor : shared->acceptors) acceptor->start();
  return std::unique_ptr<Listener>(new Listener(std::move(shared)));
}

Listener::Listener(std::shared_ptr<ListenerState> shared) : shared_(std::move(shared)) {}

Listener::~Listener() { close(); }

const Endpoint& Listener::endpoint() const { return shared_->endpoint; }

void Listener::close() {
  if (shared_->closed.exchange(true)) return;
  for (auto& acceptor : shared_->acceptors) acceptor->close();
  shared_->acceptors.clear();
  if (shared_->endpoint.is_unix()) ::unlink(shared_->endpoint.path.c_str());
}

}  // namespace veredus::io::net
