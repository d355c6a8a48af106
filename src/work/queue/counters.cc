#include "work/queue/counters.h"

namespace veredus::work::queue {
namespace {

constexpr std::string_view kRecipients = "veredus_queue_recipients_total";
constexpr std::string_view kRecipientsHelp = "Recipients at other hosts, by what an attempt came to.";
constexpr std::string_view kConnections = "veredus_queue_connections_total";
constexpr std::string_view kConnectionsHelp = "Connections to other hosts that were tried.";
constexpr std::string_view kSites = "veredus_queue_sites_total";
constexpr std::string_view kSitesHelp = "Searches for the mail hosts of a domain.";
constexpr std::string_view kLateReports = "veredus_queue_late_reports_total";
constexpr std::string_view kLateReportsHelp = "Reports that came to return paths made for one recipient.";
constexpr std::string_view kReports = "veredus_queue_reports_total";
constexpr std::string_view kReportsHelp = "Reports to senders: failures, delays, successes.";

/// A second to five days.
std::vector<double> delay_bounds() { return {0.1, 0.5, 1, 5, 30, 60, 300, 1800, 3600, 14'400, 86'400, 432'000}; }

}  // namespace

Counters::Counters(base::observe::Metrics& metrics)
    : delivered(metrics.counter(kRecipients, kRecipientsHelp, {{"result", "delivered"}})),
      deferred(metrics.counter(kRecipients, kRecipientsHelp, {{"result", "deferred"}})),
      refused(metrics.counter(kRecipients, kRecipientsHelp, {{"result", "refused"}})),
      transactions(metrics.counter("veredus_queue_transactions_total", "Transactions with other hosts.")),
      connections(metrics.counter(kConnections, kConnectionsHelp, {{"result", "done"}})),
      connections_failed(metrics.counter(kConnections, kConnectionsHelp, {{"result", "failed"}})),
      sites_found(metrics.counter(kSites, kSitesHelp, {{"result", "done"}})),
      sites_not_found(metrics.counter(kSites, kSitesHelp, {{"result", "failed"}})),
      uncertain(metrics.counter("veredus_queue_uncertain_total",
                                "Entries whose attempt was cut off before its result was known.")),
      reports(metrics.counter(kReports, kReportsHelp, {{"result", "done"}})),
      reports_dropped(metrics.counter(kReports, kReportsHelp, {{"result", "dropped"}})),
      late_bounces(metrics.counter(kLateReports, kLateReportsHelp, {{"kind", "bounce"}})),
      complaints(metrics.counter(kLateReports, kLateReportsHelp, {{"kind", "complaint"}})),
      late_others(metrics.counter(kLateReports, kLateReportsHelp, {{"kind", "other"}})),
      late_dropped(metrics.counter(kLateReports, kLateReportsHelp, {{"kind", "dropped"}})),
      members_suspended(metrics.counter("veredus_queue_members_suspended_total",
                                        "Members of lists who get no more mail because it came back.")),
      braked(metrics.counter("veredus_queue_braked_total", "Messages held by a limit of their sender's.")),
      delay_seconds(metrics.histogram("veredus_queue_delay_seconds", "From acceptance to delivery at another host.",
                                      delay_bounds())) {}

}  // namespace veredus::work::queue
