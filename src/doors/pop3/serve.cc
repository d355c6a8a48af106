#include "doors/pop3/serve.h"

#include "doors/pop3/conversation.h"

namespace veredus::doors::pop3 {

Door::Door(Services services, Options options)
    : services_(services),
      options_(std::move(options)),
      figures_(std::make_unique<Figures>(services.metrics, options_)),
      authenticator_("pop3", services.directory, services.throttle, services.log, figures_->logins) {
  options_.session.offer_tls = options_.tls != nullptr && !options_.implicit_tls;
}

Door::~Door() = default;

asio::awaitable<void> Door::serve(io::net::Connection connection) {
  const bool admitted = connection.admission.admitted();
  if (connection.admission.verdict() == io::net::AdmissionVerdict::kDropped) co_return;
  Conversation conversation(this, std::move(connection.stream));
  co_await conversation.run(admitted);
}

}  // namespace veredus::doors::pop3
