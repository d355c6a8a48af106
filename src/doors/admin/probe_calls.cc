#include "doors/admin/calls.h"
#include "io/dns/name.h"
#include "work/probe/jobs.h"

namespace veredus::doors::admin {
namespace {

using io::http::Method;
using io::http::Request;
using io::http::Response;
using namespace work;

boost::json::object shown(const probe::JobView& job) {
  boost::json::object object;
  object["id"] = job.id;
  object["target"] = job.target;
  object["begun"] = json_time(job.begun);
  object["state"] = to_string(job.state);
  object["progress"] =
      boost::json::object{{"done", job.progress.done}, {"total", job.progress.total}, {"doing", job.progress.doing}};
  return object;
}

/// What is asked for; the target is looked at by whoever knows its kind.
struct Wanted {
  std::string kind;
  std::string target;
  probe::Options options;
};

Outcome<std::optional<wire::smtp::Address>> address_of(const std::optional<std::string>& text, std::string_view field) {
  if (!text) return std::nullopt;
  auto address = wire::smtp::parse_mailbox(*text);
  if (!address)
    return std::unexpected(
        bad_request("'" + std::string(field) + "' is no address: " + std::string(to_string(address.error()))));
  return *std::move(address);
}

Outcome<probe::TlsMode> tls_of(const std::string& word) {
  if (word == "auto") return probe::TlsMode::kAutomatic;
  if (word == "implicit") return probe::TlsMode::kImplicit;
  if (word == "starttls") return probe::TlsMode::kStartTls;
  if (word == "none") return probe::TlsMode::kNone;
  return std::unexpected(bad_request("'tls' wants auto, implicit, starttls or none"));
}

Outcome<Wanted> wanted_of(const Services& services, const Request& request) {
  VEREDUS_TRY(auto fields, Fields::of(request));
  Wanted wanted;
  wanted.kind = fields.need_string("kind");
  wanted.target = fields.need_string("target");
  const auto tls = fields.take_string("tls");
  const auto user = fields.take_string("user");
  auto password = fields.take_string("password");
  const auto from = fields.take_string("from");
  const auto to = fields.take_string("to");
  const auto send = fields.take_bool("send");
  VEREDUS_TRY(fields.finish());
  wanted.options.hello_name = services.hostname;
  VEREDUS_TRY(wanted.options.tls, tls_of(tls.value_or("auto")));
  wanted.options.user = user.value_or("");
  wanted.options.password = base::crypto::Secret(std::move(password).value_or(""));
  VEREDUS_TRY(wanted.options.sender, address_of(from, "from"));
  VEREDUS_TRY(wanted.options.recipient, address_of(to, "to"));
  wanted.options.send = send.value_or(false);
  if (wanted.options.send && !wanted.options.recipient) return std::unexpected(bad_request("'send' needs 'to'"));
  return wanted;
}

Outcome<std::string> begin(probe::Jobs& probes, Wanted wanted) {
  std::expected<std::string, probe::JobError> id;
  if (wanted.kind == "smtp") {
    auto target = probe::parse_target(wanted.target);
    if (!target) return std::unexpected(bad_request("'target': " + std::string(to_string(target.error()))));
    if (!probes.guard().permits_port(target->port))
      return std::unexpected(io::http::problem(403, "port-not-allowed", to_string(probe::TargetError::kGuard)));
    id = probes.probe_server(*std::move(target), std::move(wanted.options));
  } else if (wanted.kind == "domain") {
    auto name = io::dns::query_name(wanted.target);
    if (!name || *name == ".") return std::unexpected(bad_request("'target' is no domain"));
    id = probes.probe_domain(*std::move(name), std::move(wanted.options));
  } else {
    return std::unexpected(bad_request("'kind' wants smtp or domain"));
  }
  if (!id) return std::unexpected(io::http::problem(429, "too-many-probes", to_string(id.error())));
  return *std::move(id);
}

Reply start_probe(const Services* services, Request request) {
  auto wanted = wanted_of(*services, request);
  if (!wanted) co_return wanted.error();
  auto id = begin(services->probes, *std::move(wanted));
  if (!id) co_return id.error();
  auto answer = reply(boost::json::object{{"id", *id}}, 202);
  answer.headers.emplace_back("Location", "/v1/probes/" + *id);
  co_return answer;
}

Reply show_probe(const Services* services, Request request) {
  const auto job = services->probes.find(request.parameter("id"));
  if (!job) co_return io::http::problem(404, "unknown-probe", "no such probe; the latest hundred are kept");
  auto object = shown(*job);
  object["report"] = job->report_json.empty() ? boost::json::value(nullptr) : boost::json::parse(job->report_json);
  co_return reply(object);
}

Reply list_probes(const Services* services, Request /*request*/) {
  boost::json::array all;
  for (const auto& job : services->probes.list()) all.push_back(shown(job));
  co_return reply(boost::json::object{{"probes", std::move(all)}});
}

}  // namespace

void add_probe_calls(Routes& routes) {
  add(routes, Method::kPost, "/v1/probes", start_probe);
  add(routes, Method::kGet, "/v1/probes", list_probes);
  add(routes, Method::kGet, "/v1/probes/{id}", show_probe);
}

}  // namespace veredus::doors::admin
