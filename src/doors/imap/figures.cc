#include "doors/imap/figures.h"

namespace veredus::doors::imap {
namespace {

base::observe::Labels labels(const Door::Options& options, base::observe::Labels more = {}) {
  more.emplace_back("listener", options.name);
  return more;
}

base::observe::Counter& commands(base::observe::Metrics& metrics, const Door::Options& options, std::string result) {
  return metrics.counter("veredus_imap_commands_total", "Commands, by how they were answered",
                         labels(options, {{"result", std::move(result)}}));
}

}  // namespace

Door::Figures::Figures(base::observe::Metrics& metrics, const Door::Options& options)
    : sessions(metrics,
               {.begun = "veredus_imap_sessions_total",
                .open = "veredus_imap_sessions",
                .refused = "veredus_imap_sessions_refused_total",
                .tls = "veredus_imap_tls_total"},
               labels(options)),
      logins(metrics, "veredus_imap_logins_total", labels(options)),
      commands_ok(commands(metrics, options, "ok")),
      commands_no(commands(metrics, options, "no")),
      commands_bad(commands(metrics, options, "bad")),
      messages_fetched(
          metrics.counter("veredus_imap_messages_fetched_total", "Messages answered by FETCH", labels(options))),
      messages_appended(metrics.counter("veredus_imap_messages_appended_total", "Messages stored by APPEND and REPLACE",
                                        labels(options))),
      body_octets(metrics.counter("veredus_imap_body_octets_total", "Octets of messages given out", labels(options))) {}

}  // namespace veredus::doors::imap
