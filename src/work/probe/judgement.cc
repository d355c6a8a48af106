#include "work/probe/judgement.h"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>

#include "work/probe/findings.h"

namespace veredus::work::probe {
namespace {

using enum Severity;

std::string place_of(const Session& session) { return session.host + ", " + session.address.to_string(); }

/// Hosts that were not reached: one of several is bad, all are the end.
void look_at_reach(const Report& report, std::vector<Finding>& findings) {
  const auto reached = std::ranges::count_if(report.sessions, [](const Session& s) { return !s.unreachable; });
  const bool v6_reached = std::ranges::any_of(
      report.sessions, [](const Session& s) { return !s.unreachable && s.address.address.is_v6(); });
  for (const auto& session : report.sessions) {
    Findings out(findings, place_of(session));
    if (session.unreachable && session.address.address.is_v6() && !v6_reached && reached > 0)
      out.add(kNote, "ipv6-untested",
              "Not reached over IPv6: " + session.failure + ". Perhaps this machine has no IPv6.");
    else if (session.unreachable)
      out.add(reached == 0 ? kCritical : kMajor, "unreachable", "No connection: " + session.failure + ".",
              "See that the server runs, listens at this address and is let through by the firewall.");
    else if (!session.failure.empty())
      out.add(reached == 1 ? kCritical : kMajor, "session-failed",
              fmt::format("The session ended early, at {}: {}.", to_string(session.stage), session.failure),
              "The dialogue shows the last words; the server's log should tell more.");
  }
}

/// The same at several addresses of one host is one finding.
void merge(std::vector<Finding>& findings) {
  std::vector<Finding> merged;
  for (auto& finding : findings) {
    const auto same = std::ranges::find_if(merged, [&](const Finding& other) {
      return other.code == finding.code && other.text == finding.text && other.severity == finding.severity;
    });
    if (same == merged.end())
      merged.push_back(std::move(finding));
    else if (!same->where.contains(finding.where))
      same->where += "; " + finding.where;
  }
  findings = std::move(merged);
}

/// The worst first, otherwise as they were found.
void put_in_order(std::vector<Finding>& findings) {
  std::vector<Finding> ordered;
  for (const auto severity : {kCritical, kMajor, kMinor, kNote})
    std::ranges::copy_if(findings, std::back_inserter(ordered),
                         [severity](const Finding& finding) { return finding.severity == severity; });
  findings = std::move(ordered);
}

char grade_of(std::ptrdiff_t critical, std::ptrdiff_t major, std::ptrdiff_t minor) {
  if (critical > 0) return 'F';
  if (major > 1) return 'D';
  if (major == 1) return 'C';
  return minor > 0 ? 'B' : 'A';
}

std::string_view words_of(char grade) {
  switch (grade) {
    case 'A':
      return "All is well.";
    case 'B':
      return "Mail works; small things could be better.";
    case 'C':
      return "Mail works; one thing should be mended.";
    case 'D':
      return "Mail works; several things should be mended.";
    default:
      return "Something is badly wrong: mend it first.";
  }
}

std::string summary_of(const Report& report, std::ptrdiff_t critical, std::ptrdiff_t major, std::ptrdiff_t minor) {
  if (report.domain && report.domain->route == MailRoute::kNullMx)
    return "This domain takes no mail, and says so properly.";
  std::string text(words_of(report.grade));
  if (critical + major + minor != 0) text += fmt::format(" ({} critical, {} major, {} minor)", critical, major, minor);
  return text;
}

}  // namespace

void judge(Report& report) {
  report.findings.clear();
  if (report.domain) look_at_domain(*report.domain, Findings(report.findings, report.domain->name));
  look_at_reach(report, report.findings);
  for (const auto& session : report.sessions) {
    if (session.unreachable) continue;
    const Findings out(report.findings, place_of(session));
    look_at_trials(session, out);
    look_at_tls(session, report.at, out);
    look_at_use(session, out);
    look_at_names(session, out);
    look_at_extensions(session, out);
  }
  if (report.skipped != 0)
    Findings(report.findings, report.target)
        .add(kNote, "skipped", fmt::format("{} more addresses were not tried.", report.skipped));
  merge(report.findings);
  put_in_order(report.findings);
  const auto count = [&](Severity severity) {
    return std::ranges::count(report.findings, severity, &Finding::severity);
  };
  report.grade = grade_of(count(kCritical), count(kMajor), count(kMinor));
  report.summary = summary_of(report, count(kCritical), count(kMajor), count(kMinor));
}

}  // namespace veredus::work::probe
