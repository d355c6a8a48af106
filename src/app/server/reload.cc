#include <fmt/format.h>

#include <algorithm>
#include <mutex>
#include <optional>
#include <utility>

#include "app/server/parts.h"

namespace veredus::app::server {

/// What sessions that begin from now on go by. What a listener, the store or the name of the server hangs on stays
/// until a restart.
void Server::Parts::apply(config::Configuration fresh) {
  log.set_level(fresh.log.level);
  fresh.smtp.hostname = configuration.hostname;
  fresh.smtp.offer_tls = configuration.smtp.offer_tls;
  fresh.smtp.unknown_user_secret = configuration.smtp.unknown_user_secret;
  // Messages are bounded once more where they are stored, and there by what the server was started with.
  fresh.smtp.max_message_octets = std::min(fresh.smtp.max_message_octets, configuration.reception.max_octets);
  fresh.pop3.hostname = configuration.hostname;
  fresh.pop3.offer_tls = configuration.pop3.offer_tls;
  fresh.pop3.unknown_user_secret = configuration.pop3.unknown_user_secret;
  fresh.imap.hostname = configuration.hostname;
  fresh.imap.offer_tls = configuration.imap.offer_tls;
  fresh.imap.unknown_user_secret = configuration.imap.unknown_user_secret;
  inspector->change(fresh.mail_auth);
  signer->change(fresh.signing);
  signing_keys->change(fresh.signing_keys);
  carrier->change_domains(std::move(fresh.domain_tls));
  sessions->change(fresh.sessions);
  rates.change(fresh.smtp_rates);
  pop3_gate.change(fresh.pop3_accounts);
  imap_sessions.change(fresh.imap_accounts);
  throttle.change(fresh.auth_throttle);
  for (auto& entrance : entrances) {
    if (entrance.smtp) {
      auto options = door_options(fresh, entrance.settings.protocol, &clock);
      entrance.smtp->change(std::move(options.session), options.timeouts);
    }
    if (entrance.pop3) entrance.pop3->change(fresh.pop3, fresh.pop3_timeouts);
    if (entrance.imap) entrance.imap->change(fresh.imap, fresh.imap_timeouts);
  }
}

std::expected<void, std::string> Server::Parts::reload() {
  const std::scoped_lock lock(reloading);
  log.reopen();
  const auto failed = [this](std::string why) -> std::expected<void, std::string> {
    log.error("server.reload_failed", {{"why", why}});
    return std::unexpected(std::move(why));
  };
  std::optional<config::Configuration> fresh;
  if (!configuration.file.empty()) {
    auto read = config::load_configuration(configuration.file);
    if (!read) return failed(fmt::format("{}nothing is changed", to_string(read.error())));
    fresh = *std::move(read);
  }
  if (tls) {
    if (const auto read = tls->reload(); !read)
      return failed(fmt::format("certificates: {}; nothing is changed", to_string(read.error())));
  }
  if (fresh) apply(*std::move(fresh));
  log.info("server.reloaded", {});
  return {};
}

}  // namespace veredus::app::server
