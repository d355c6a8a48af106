#include "doors/pop3/serve.h"

#include <utility>

#include "doors/pop3/conversation.h"
#include "work/doorstep/guarded.h"

namespace veredus::doors::pop3 {

namespace {

/// STLS is offered where there is a certificate and TLS has not begun with the connection.
Door::Options possible(Door::Options options) {
  options.session.offer_tls = options.tls != nullptr && !options.implicit_tls;
  return options;
}

}  // namespace

Door::Door(Services services, Options options)
    : services_(services),
      options_(possible(std::move(options))),
      figures_(std::make_unique<Figures>(services.metrics, *options_.now())),
      authenticator_("pop3", services.directory, services.throttle, services.log, figures_->logins) {}

void Door::change(SessionOptions session, Timeouts timeouts) {
  options_.change([&session, timeouts](Options& options) {
    options.session = std::move(session);
    options.timeouts = timeouts;
    options = possible(std::move(options));
  });
}

Door::~Door() = default;

asio::awaitable<void> Door::serve(io::net::Connection connection) {
  Conversation conversation(this, std::move(connection));
  co_await work::doorstep::guarded(&conversation);
}

}  // namespace veredus::doors::pop3
