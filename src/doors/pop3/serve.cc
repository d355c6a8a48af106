#include "doors/pop3/serve.h"

#include "doors/pop3/conversation.h"

namespace veredus::doors::pop3 {

namespace {

/// STLS is offered where there is a certificate and TLS has not begun with the connection.
std::shared_ptr<const Door::Options> possible(Door::Options options) {
  options.session.offer_tls = options.tls != nullptr && !options.implicit_tls;
  return std::make_shared<const Door::Options>(std::move(options));
}

}  // namespace

Door::Door(Services services, Options options)
    : services_(services),
      name_(options.name),
      options_(possible(std::move(options))),
      figures_(std::make_unique<Figures>(services.metrics, *options_)),
      authenticator_("pop3", services.directory, services.throttle, services.log, figures_->logins) {}

void Door::change(SessionOptions session, Timeouts timeouts) {
  auto fresh = *options();
  fresh.session = std::move(session);
  fresh.timeouts = timeouts;
  auto changed = possible(std::move(fresh));
  const std::scoped_lock lock(mutex_);
  options_ = std::move(changed);
}

std::shared_ptr<const Door::Options> Door::options() const {
  const std::scoped_lock lock(mutex_);
  return options_;
}

Door::~Door() = default;

asio::awaitable<void> Door::serve(io::net::Connection connection) {
  const bool admitted = connection.admission.admitted();
  if (connection.admission.verdict() == io::net::AdmissionVerdict::kDropped) co_return;
  Conversation conversation(this, std::move(connection.stream));
  co_await conversation.run(admitted);
}

}  // namespace veredus::doors::pop3
