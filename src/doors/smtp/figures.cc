#include "doors/smtp/figures.h"

namespace veredus::doors::smtp {
namespace {

base::observe::Labels labels(const Door::Options& options, base::observe::Labels more = {}) {
  more.emplace_back("listener", options.name);
  return more;
}

}  // namespace

Door::Figures::Figures(base::observe::Metrics& metrics, const Door::Options& options)
    : sessions(metrics,
               {.begun = "veredus_smtp_sessions_total",
                .open = "veredus_smtp_sessions",
                .refused = "veredus_smtp_sessions_refused_total",
                .tls = "veredus_smtp_tls_total"},
               labels(options)),
      logins(metrics, "veredus_smtp_logins_total", labels(options)),
      recipients(
          metrics.counter("veredus_smtp_recipients_total", "RCPT commands", labels(options, {{"result", "taken"}}))),
      recipients_refused(
          metrics.counter("veredus_smtp_recipients_total", "RCPT commands", labels(options, {{"result", "refused"}}))),
      messages(metrics.counter("veredus_smtp_messages_total", "Messages received to their end",
                               labels(options, {{"result", "accepted"}}))),
      messages_refused(metrics.counter("veredus_smtp_messages_total", "Messages received to their end",
                                       labels(options, {{"result", "refused"}}))),
      message_octets(
          metrics.counter("veredus_smtp_message_octets_total", "Octets of accepted messages", labels(options))),
      commit_seconds(metrics.histogram("veredus_smtp_commit_seconds",
                                       "From the last octet of a message to its durable commit",
                                       base::observe::latency_bounds(), labels(options))) {}

}  // namespace veredus::doors::smtp
