#include "doors/pop3/figures.h"

namespace veredus::doors::pop3 {

namespace {

base::observe::Labels labels(const Door::Options& options, base::observe::Labels more = {}) {
  more.emplace_back("listener", options.name);
  return more;
}

}  // namespace

Door::Figures::Figures(base::observe::Metrics& metrics, const Door::Options& options)
    : sessions(metrics,
               {.begun = "veredus_pop3_sessions_total",
                .open = "veredus_pop3_sessions",
                .refused = "veredus_pop3_sessions_refused_total",
                .tls = "veredus_pop3_tls_total"},
               labels(options)),
      logins(metrics, "veredus_pop3_logins_total", labels(options)),
      messages_sent(
          metrics.counter("veredus_pop3_messages_sent_total", "Messages given out by RETR and TOP", labels(options))),
      octets_sent(metrics.counter("veredus_pop3_octets_sent_total", "Octets of messages given out", labels(options))),
      messages_removed(metrics.counter("veredus_pop3_messages_removed_total", "Messages removed at the end of sessions",
                                       labels(options))) {}

}  // namespace veredus::doors::pop3
