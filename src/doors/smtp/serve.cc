#include "doors/smtp/serve.h"

#include <utility>

#include "base/types/result.h"
#include "doors/smtp/conversation.h"
#include "doors/smtp/figures.h"
#include "work/doorstep/guarded.h"

namespace veredus::doors::smtp {

namespace {

/// TLS is offered only where there is a certificate.
Door::Options possible(Door::Options options) {
  if (!options.tls) options.session.offer_tls = false;
  VEREDUS_CHECK(options.tls || !options.implicit_tls);
  return options;
}

}  // namespace

Door::Door(Services services, Options options)
    : services_(services),
      options_(possible(std::move(options))),
      figures_(std::make_unique<Figures>(services.metrics, *options_.now())),
      authenticator_("smtp", services.directory, services.throttle, services.log, figures_->logins) {}

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

}  // namespace veredus::doors::smtp
