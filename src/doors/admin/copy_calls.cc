#include "doors/admin/calls.h"
#include "state/directory/directory.h"
#include "work/transfer/copies.h"

/// Copies of accounts from other servers.
namespace veredus::doors::admin {
namespace {

using io::http::Method;
using io::http::Request;
using namespace work;

boost::json::object shown(const transfer::CopyView& copy) {
  const auto& progress = copy.progress;
  boost::json::object object;
  object["id"] = copy.id;
  object["account"] = copy.account;
  object["source"] = copy.source;
  object["begun"] = json_time(copy.begun);
  object["state"] = to_string(copy.state);
  object["failure"] = copy.failure;
  object["doing"] = progress.doing;
  object["mailboxes_done"] = progress.mailboxes_done;
  object["mailboxes"] = progress.mailboxes;
  object["messages"] = progress.messages;
  object["copied"] = progress.copied;
  object["already_there"] = progress.already_there;
  object["flags_renewed"] = progress.flags_renewed;
  object["skipped"] = progress.skipped;
  object["octets"] = progress.octets;
  return object;
}

Outcome<transfer::Source::Tls> tls_of(const std::string& word) {
  using Tls = transfer::Source::Tls;
  if (word == "implicit") return Tls::kImplicit;
  if (word == "starttls") return Tls::kStartTls;
  if (word == "none") return Tls::kNone;
  return std::unexpected(bad_request("'tls' wants implicit, starttls or none"));
}

Outcome<transfer::CopyOrder> order_of(const Services& services, const Request& request) {
  VEREDUS_TRY(const auto id, account_of(services, request));
  VEREDUS_TRY(auto fields, Fields::of(request));
  transfer::CopyOrder order;
  order.source.host = fields.need_string("host");
  order.source.user = fields.need_string("user");
  auto token = fields.take_string("token");
  if (token) order.source.login = transfer::Source::Login::kOAuthToken;
  order.source.secret = base::crypto::Secret(token ? *std::move(token) : fields.need_string("password"));
  const auto tls = fields.take_string("tls");
  const auto port = fields.take_number("port");
  if (port && (*port == 0 || *port > 65535)) fields.mistake("port", "wants 1 to 65535");
  const auto verify = fields.take_bool("verify");
  VEREDUS_TRY(fields.finish());
  VEREDUS_TRY(order.source.tls, tls_of(tls.value_or("implicit")));
  order.source.port =
      static_cast<std::uint16_t>(port.value_or(order.source.tls == transfer::Source::Tls::kImplicit ? 993 : 143));
  if (!verify.value_or(true)) order.verify = transfer::CopyOrder::Verify::kNothing;
  const auto account = services.directory.account(id);
  if (!account) return std::unexpected(problem_of(state::directory::DirectoryError::kNoSuchAccount));
  order.account = id;
  order.address = account->address;
  order.limits = {account->quota.octets, account->quota.messages};
  return order;
}

Reply begin(const Services* services, Request request) {
  auto order = order_of(*services, request);
  if (!order) co_return order.error();
  const auto id = services->copies.begin(*std::move(order));
  if (!id) {
    const bool busy = id.error() == transfer::CopyError::kAlreadyRunning;
    co_return io::http::problem(busy ? 409 : 429, busy ? "copy-running" : "too-many-copies", to_string(id.error()));
  }
  auto answer = reply(boost::json::object{{"id", *id}}, 202);
  answer.headers.emplace_back("Location", "/v1/copies/" + *id);
  co_return answer;
}

Reply list(const Services* services, Request /*request*/) {
  boost::json::array all;
  for (const auto& copy : services->copies.list()) all.push_back(shown(copy));
  co_return reply(boost::json::object{{"copies", std::move(all)}});
}

Reply show(const Services* services, Request request) {
  const auto copy = services->copies.find(request.parameter("id"));
  if (!copy) co_return io::http::problem(404, "unknown-copy", "no such copy; the latest hundred are kept");
  auto object = shown(*copy);
  const auto& complaints = copy->progress.complaints;
  object["complaints"] = boost::json::array(complaints.begin(), complaints.end());
  co_return reply(object);
}

Reply stop(const Services* services, Request request) {
  if (services->copies.stop(request.parameter("id"))) co_return no_content();
  co_return io::http::problem(404, "unknown-copy", "no such copy is running");
}

}  // namespace

void add_copy_calls(Routes& routes) {
  add(routes, Method::kPost, "/v1/accounts/{address}/copies", begin);
  add(routes, Method::kGet, "/v1/copies", list);
  add(routes, Method::kGet, "/v1/copies/{id}", show);
  add(routes, Method::kDelete, "/v1/copies/{id}", stop);
}

}  // namespace veredus::doors::admin
