#include "base/codec/idna.h"
#include "doors/admin/calls.h"
#include "state/senders/senders.h"

/// What is remembered of those who send us mail.
namespace veredus::doors::admin {
namespace {

using io::http::Method;
using io::http::Request;
using state::senders::Senders;

constexpr std::size_t kShown = 100;  // unless asked otherwise
constexpr std::size_t kMostShown = 10'000;

/// "example.org", "192.0.2.0/24", "2001:db8::/48": what rules::standing::key_of made the key of.
std::string name_of(std::string_view key) {
  std::string name(key.substr(1));
  if (key.starts_with('n')) name += name.contains(':') ? "/48" : "/24";
  return name;
}

boost::json::object json_of(const Senders::Listed& listed) {
  const auto& record = listed.record;
  boost::json::object out{{"kind", listed.key.starts_with('d') ? "domain" : "network"},
                          {"name", name_of(listed.key)},
                          {"first_seen", json_time(record.first_seen)},
                          {"last_seen", json_time(record.last_seen)},
                          {"accepted", record.accepted},
                          {"junk", record.junk},
                          {"refused", record.refused},
                          {"put_off", record.put_off},
                          {"greylisting_knows", record.came_back}};
  return out;
}

/// GET /v1/senders?domain=&limit=: those of whom most messages came first.
Reply list(const Services* services, Request request) {
  Senders::Wanted wanted{.key = {}, .limit = kShown};
  const std::string limit(request.query_value("limit"));
  if (!limit.empty()) wanted.limit = number_of(limit).value_or(0);
  if (wanted.limit == 0 || wanted.limit > kMostShown) co_return bad_request("'limit' wants 1 to 10000");
  const std::string domain(request.query_value("domain"));
  if (!domain.empty()) {
    const auto ascii = base::codec::to_ascii(domain);
    if (!ascii) co_return bad_request("'domain' is no domain name");
    wanted.key = "d" + *ascii;
  }
  const auto found = co_await services->senders.list(std::move(wanted));
  if (!found) co_return io::http::problem(503, "unavailable", to_string(found.error()));
  boost::json::array all;
  for (const auto& listed : *found) all.push_back(json_of(listed));
  co_return reply(boost::json::object{{"senders", std::move(all)}});
}

}  // namespace

void add_sender_calls(Routes& routes) { add(routes, Method::kGet, "/v1/senders", list); }

}  // namespace veredus::doors::admin
