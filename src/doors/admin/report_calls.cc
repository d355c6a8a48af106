#include <algorithm>
#include <chrono>
#include <map>
#include <tuple>
#include <utility>

#include "base/codec/ascii.h"
#include "doors/admin/calls.h"
#include "rules/tlsrpt/json_text.h"
#include "work/reports/reports.h"

/// Reports on DMARC and TLS: those that came, what they come to, and sending ours at once.
namespace veredus::doors::admin {
namespace {

using io::http::Method;
using io::http::Request;
using io::http::Response;
using rules::reportmail::Kind;
using rules::tlsrpt::json_text;
using state::reports::Listed;
using state::reports::Source;
using state::reports::Summary;
using state::reports::Wanted;
using work::reports::Filed;

constexpr std::size_t kShown = 100;            // reports in a list, unless asked otherwise
constexpr std::size_t kMostShown = 1'000;      // and at most
constexpr std::size_t kMostSources = 100'000;  // different ones that are told apart in sums
constexpr std::uint64_t kDays = 30;
constexpr std::uint64_t kMostDays = 3'650;

Response unavailable(io::engine::StoreError error) { return io::http::problem(503, "unavailable", to_string(error)); }
Response no_such_report() { return io::http::problem(404, "no-such-report", "there is no such report"); }

boost::json::object json_of(const Source& source, Kind kind) {
  boost::json::object out{
      {"name", json_text(source.name)}, {"detail", json_text(source.detail)}, {"count", source.count}};
  if (kind != Kind::kAggregate) return out;
  out["passed"] = source.passed;
  out["dkim"] = source.dkim;
  out["spf"] = source.spf;
  out["rejected"] = source.rejected;
  out["quarantined"] = source.quarantined;
  return out;
}

boost::json::object json_of(const Listed& listed) {
  const Summary& summary = listed.summary;
  return {{"id", listed.key},
          {"kind", to_string(summary.kind)},
          {"received", json_time(summary.received)},
          {"organization", json_text(summary.organization)},
          {"report_id", json_text(summary.report_id)},
          {"domain", json_text(summary.domain)},
          {"begin", json_time(summary.begin)},
          {"end", json_time(summary.end)},
          {"policy", json_text(summary.policy)},
          {"total", summary.total},
          {"passed", summary.passed},
          {"author", json_text(summary.author)},
          {"authenticated", json_text(summary.authenticated)},
          {"octets", summary.octets}};
}

Outcome<std::optional<Kind>> kind_of(std::string_view word) {
  if (word.empty()) return std::nullopt;
  for (const Kind kind : {Kind::kAggregate, Kind::kTls, Kind::kFailure})
    if (word == to_string(kind)) return kind;
  return std::unexpected(bad_request("'kind' wants dmarc, tls or failure"));
}

Outcome<Wanted> wanted_of(const Services& services, const Request& request, std::string_view kind) {
  const auto known = kind_of(kind);
  if (!known) return std::unexpected(known.error());
  const auto days_text = request.query_value("days");
  const auto days = days_text.empty() ? kDays : number_of(days_text).value_or(0);
  if (days == 0 || days > kMostDays) return std::unexpected(bad_request("'days' wants a number from 1 to 3650"));
  Wanted out;
  out.kind = *known;
  out.domain = base::codec::to_lower_ascii(request.query_value("domain"));
  out.from = services.clock.now() - std::chrono::days(static_cast<int>(days));
  return out;
}

/// GET /v1/reports?kind=&domain=&days=&limit=: the newest first.
Reply list(const Services* services, Request request) {
  auto wanted = wanted_of(*services, request, request.query_value("kind"));
  if (!wanted) co_return wanted.error();
  const auto limit_text = request.query_value("limit");
  wanted->limit = limit_text.empty() ? kShown : number_of(limit_text).value_or(0);
  if (wanted->limit == 0 || wanted->limit > kMostShown) co_return bad_request("'limit' wants 1 to 1000");
  const auto found = co_await services->reports.received().list(*std::move(wanted));
  if (!found) co_return unavailable(found.error());
  boost::json::array all;
  for (const auto& listed : *found) all.push_back(json_of(listed));
  co_return reply(boost::json::object{{"reports", std::move(all)}});
}

/// GET /v1/reports/{id}
Reply show(const Services* services, Request request) {
  std::string key(request.parameter("id"));
  const auto listed = co_await services->reports.received().find(std::move(key));
  if (!listed) co_return unavailable(listed.error());
  if (!*listed) co_return no_such_report();
  auto out = json_of(**listed);
  boost::json::array sources;
  for (const auto& source : (*listed)->summary.sources) sources.push_back(json_of(source, (*listed)->summary.kind));
  out["sources"] = std::move(sources);
  co_return reply(out);
}

/// GET /v1/reports/{id}/document: as it came, unpacked.
Reply document(const Services* services, Request request) {
  std::string key(request.parameter("id"));
  const auto listed = co_await services->reports.received().find(key);
  if (!listed) co_return unavailable(listed.error());
  if (!*listed) co_return no_such_report();
  auto octets = co_await services->reports.received().document(std::move(key));
  if (!octets) co_return unavailable(octets.error());
  if (!*octets) co_return no_such_report();
  Response response;
  switch ((*listed)->summary.kind) {
    case Kind::kAggregate:
      response.content_type = "text/xml";
      break;
    case Kind::kTls:
      response.content_type = "application/json";
      break;
    case Kind::kFailure:
      response.content_type = "message/rfc822";
  }
  response.body = *std::move(*octets);
  co_return response;
}

Reply erase(const Services* services, Request request) {
  std::string key(request.parameter("id"));
  const auto erased = co_await services->reports.received().erase(std::move(key));
  if (!erased) co_return unavailable(erased.error());
  co_return *erased ? no_content() : no_such_report();
}

/// What all reports come to together: a domain's figures, and its sources.
struct Sum {
  std::uint64_t reports = 0;
  std::uint64_t total = 0;
  std::uint64_t passed = 0;
  std::map<std::pair<std::string, std::string>, Source> sources;
};

/// `left`: how many different sources there is room for, for strangers say what they are; what is beyond them is in the
/// domain's own figures.
void add_to(Sum& sum, const Summary& summary, std::size_t& left) {
  ++sum.reports;
  sum.total += summary.total;
  sum.passed += summary.passed;
  for (const auto& source : summary.sources) {
    const std::pair key(source.name, source.detail);
    if (!sum.sources.contains(key)) {
      if (left == 0) continue;
      --left;
    }
    Source& to = sum.sources[key];
    to.name = source.name;
    to.detail = source.detail;
    to.count += source.count;
    to.passed += source.passed;
    to.dkim += source.dkim;
    to.spf += source.spf;
    to.rejected += source.rejected;
    to.quarantined += source.quarantined;
  }
}

boost::json::object json_of(const std::string& domain, const Sum& sum, Kind kind) {
  std::vector<const Source*> order;
  for (const auto& [name, source] : sum.sources) order.push_back(&source);
  std::ranges::sort(order, [](const Source* a, const Source* b) {
    return std::tie(b->count, a->name, a->detail) < std::tie(a->count, b->name, b->detail);
  });
  if (order.size() > state::reports::kMostSources) order.resize(state::reports::kMostSources);
  boost::json::array sources;
  for (const auto* source : order) sources.push_back(json_of(*source, kind));
  return {{"domain", json_text(domain)},
          {"reports", sum.reports},
          {"total", sum.total},
          {"passed", sum.passed},
          {"sources", std::move(sources)}};
}

/// GET /v1/reports/sums/{kind}?domain=&days=: each domain with what the reports about it say together.
Reply sums(const Services* services, Request request) {
  auto wanted = wanted_of(*services, request, request.parameter("kind"));
  if (!wanted) co_return wanted.error();
  const Kind kind = wanted->kind.value_or(Kind::kAggregate);
  std::map<std::string, Sum> domains;
  std::size_t left = kMostSources;
  auto take = [&domains, &left](const state::reports::Listed& listed) {
    add_to(domains[listed.summary.domain], listed.summary, left);
    return true;
  };
  const auto seen = co_await services->reports.received().each(*std::move(wanted), std::move(take));
  if (!seen) co_return unavailable(seen.error());
  boost::json::array all;
  for (const auto& [domain, sum] : domains) all.push_back(json_of(domain, sum, kind));
  co_return reply(boost::json::object{{"kind", to_string(kind)}, {"domains", std::move(all)}});
}

/// POST /v1/reports: a message or file with a report in it, as octets.
Reply import_report(const Services* services, Request request) {
  const auto outcome = co_await services->reports.arrivals().file(std::move(request.body));
  switch (outcome.filed) {
    case Filed::kNew:
    case Filed::kKnown:
      break;
    case Filed::kFull:
      co_return io::http::problem(507, "full", outcome.why);
    case Filed::kNotNow:
      co_return io::http::problem(503, "unavailable", outcome.why);
    case Filed::kNoReport:
    case Filed::kPacked:
    case Filed::kContent:
      co_return io::http::problem(422, to_string(outcome.filed), outcome.why);
  }
  boost::json::object out{{"result", to_string(outcome.filed)},
                          {"kind", to_string(outcome.summary.kind)},
                          {"domain", json_text(outcome.summary.domain)},
                          {"report_id", json_text(outcome.summary.report_id)}};
  co_return reply(out, outcome.filed == Filed::kNew ? 201 : 200);
}

/// POST /v1/reports/send: what was counted until now, and all that waits.
Reply send(const Services* services, Request /*request*/) {
  if (!services->reports.sends())
    co_return io::http::problem(409, "reports-off", "no reports are sent: reports.contact is not configured");
  const auto figures = co_await services->reports.send_now();
  if (!figures) co_return unavailable(figures.error());
  co_return reply(
      boost::json::object{{"sent", figures->sent}, {"not_wanted", figures->not_wanted}, {"waiting", figures->waiting}});
}

}  // namespace

void add_report_calls(Routes& routes) {
  add(routes, Method::kGet, "/v1/reports", list);
  add(routes, Method::kPost, "/v1/reports", import_report);
  add(routes, Method::kPost, "/v1/reports/send", send);
  add(routes, Method::kGet, "/v1/reports/sums/{kind}", sums);
  add(routes, Method::kGet, "/v1/reports/{id}", show);
  add(routes, Method::kDelete, "/v1/reports/{id}", erase);
  add(routes, Method::kGet, "/v1/reports/{id}/document", document);
}

}  // namespace veredus::doors::admin
