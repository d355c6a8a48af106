#include "doors/smtp/serve.h"

#include <boost/system/system_error.hpp>
#include <exception>
#include <utility>

#include "base/observe/log.h"
#include "base/types/result.h"
#include "doors/smtp/conversation.h"
#include "doors/smtp/figures.h"

namespace veredus::doors::smtp {

namespace {

/// TLS is offered only where there is a certificate.
std::shared_ptr<const Door::Options> possible(Door::Options options) {
  if (!options.tls) options.session.offer_tls = false;
  VEREDUS_CHECK(options.tls || !options.implicit_tls);
  return std::make_shared<const Door::Options>(std::move(options));
}

}  // namespace

Door::Door(Services services, Options options)
    : services_(services),
      name_(options.name),
      options_(possible(std::move(options))),
      figures_(std::make_unique<Figures>(services.metrics, *options_)),
      authenticator_("smtp", services.directory, services.throttle, services.log, figures_->logins) {}

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
  Conversation conversation(this, std::move(connection));
  try {
    co_await conversation.run();
    co_return;
  } catch (const boost::system::system_error&) {
    throw;  // cancelled by the task group
  } catch (const std::exception& unforeseen) {
    services_.log.error("smtp.internal_error", {{"listener", name_}, {"what", unforeseen.what()}});
  }
  co_await conversation.give_up();
}

}  // namespace veredus::doors::smtp
