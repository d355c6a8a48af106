#include "doors/smtp/serve.h"

#include <boost/system/system_error.hpp>
#include <exception>
#include <utility>

#include "base/observe/log.h"
#include "base/types/result.h"
#include "doors/smtp/conversation.h"
#include "doors/smtp/figures.h"

namespace veredus::doors::smtp {

Door::Door(Services services, Options options)
    : services_(services),
      options_(std::move(options)),
      figures_(std::make_unique<Figures>(services.metrics, options_)),
      authenticator_("smtp", services.directory, services.throttle, services.log, figures_->logins) {
  if (!options_.tls) options_.session.offer_tls = false;
  VEREDUS_CHECK(options_.tls || !options_.implicit_tls);
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
    services_.log.error("smtp.internal_error", {{"listener", options_.name}, {"what", unforeseen.what()}});
  }
  co_await conversation.give_up();
}

}  // namespace veredus::doors::smtp
