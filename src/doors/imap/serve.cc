#include "doors/imap/serve.h"

#include <utility>

#include "doors/imap/conversation.h"
#include "work/doorstep/guarded.h"

namespace veredus::doors::imap {
namespace {

/// STARTTLS is offered where there is a certificate and TLS has not begun with the connection.
Door::Options possible(Door::Options options) {
  options.session.offer_tls = options.tls != nullptr && !options.implicit_tls;
  return options;
}

}  // namespace

Door::Door(Services services, Options options)
    : services_(services),
      options_(possible(std::move(options))),
      figures_(std::make_unique<Figures>(services.metrics, *options_.now())),
      authenticator_("imap", services.directory, services.throttle, services.log, figures_->logins) {}

void Door::change(SessionOptions session, Timeouts timeouts) {
  options_.change([&session, timeouts](Options& options) {
    options.session = std::move(session);
    options.timeouts = timeouts;
    options = possible(std::move(options));
  });
}

Door::~Door() = default;

asio::awaitable<void> Door::serve(io::net::Connection connection) {
  // On the heap: a session that waits keeps little more than this.
  const auto conversation = std::make_unique<Conversation>(this, std::move(connection));
  co_await work::doorstep::guarded(conversation.get());
}

}  // namespace veredus::doors::imap
