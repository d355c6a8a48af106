#include "base/codec/date.h"
#include "doors/admin/calls.h"
#include "doors/admin/relay_fields.h"
#include "state/directory/address_form.h"
#include "state/directory/directory.h"
#include "state/directory/provider_presets.h"
#include "state/directory/snapshot.h"
#include "work/delivery/queue_id.h"
#include "work/delivery/routes.h"
#include "work/queue/queue.h"

namespace veredus::doors::admin {
namespace {

using io::http::Method;
using io::http::Request;
using state::directory::DirectoryError;
using state::directory::Forward;
using state::directory::NewSendingAccount;
using state::directory::ProviderPreset;
using state::directory::SendingAccount;
using state::directory::TlsRule;

constexpr std::uint16_t kSubmissionPort = 587;  // RFC 6409 s3.1

boost::json::object json_of(const Forward& forward) {
  boost::json::object object;
  object["targets"] = boost::json::array(forward.targets.begin(), forward.targets.end());
  object["keep"] = forward.keep;
  object["created"] = json_time(forward.created);
  return object;
}

boost::json::object json_of(const SendingAccount& sending) {
  boost::json::object object;
  object["address"] = sending.address;
  if (!sending.provider.empty()) object["provider"] = sending.provider;
  put_relay(object, sending.relay);
  object["verified"] = sending.verified;
  if (!sending.last_error.empty()) object["last_error"] = sending.last_error;
  object["created"] = json_time(sending.created);
  return object;
}

Reply show_forward(const Services* services, Request request) {
  const auto id = account_of(*services, request);
  if (!id) co_return id.error();
  const auto snapshot = services->directory.snapshot();
  const auto* forward = snapshot->routing().forward(*id);
  co_return forward == nullptr ? problem_of(DirectoryError::kNoSuchForward) : reply(json_of(*forward));
}

Reply put_forward(const Services* services, Request request) {
  const auto id = account_of(*services, request);
  if (!id) co_return id.error();
  auto forward = read_body(request, [](Fields& fields) {
    state::directory::NewForward made{.targets = fields.need_strings("targets")};
    made.keep = fields.take_bool("keep").value_or(true);
    return made;
  });
  if (!forward) co_return forward.error();
  const auto kept = co_await services->directory.put_forward(*id, *std::move(forward));
  co_return kept ? reply(json_of(*kept)) : problem_of(kept.error());
}

Reply remove_forward(const Services* services, Request request) {
  const auto id = account_of(*services, request);
  if (!id) co_return id.error();
  const auto removed = co_await services->directory.delete_forward(*id);
  co_return removed ? no_content() : problem_of(removed.error());
}

Reply all_sending(const Services* services, Request request) {
  const auto id = account_of(*services, request);
  if (!id) co_return id.error();
  boost::json::array all;
  const auto snapshot = services->directory.snapshot();
  if (const auto* sending = snapshot->routing().sending_accounts(*id))
    for (const auto& one : *sending) all.push_back(json_of(one));
  co_return reply(boost::json::object{{"sending_accounts", std::move(all)}});
}

/// The sending account a path names.
std::optional<SendingAccount> sending_of(const Services& services, AccountId id, const Request& request) {
  const auto address = state::directory::parse_typed_address(request.parameter("sending"));
  const auto domain = address ? state::directory::normal_domain(address->domain) : std::nullopt;
  if (!domain) return std::nullopt;
  const auto snapshot = services.directory.snapshot();
  const auto* sending = snapshot->routing().sending_account(
      id, state::directory::join_address(state::directory::normal_local_part(address->local_part), *domain));
  return sending != nullptr ? std::optional(*sending) : std::nullopt;
}

/// Sends a letter from the address elsewhere to the account through the provider, and notes what came of it.
Reply try_out(const Services* services, SendingAccount sending) {
  const auto account = services->directory.account(sending.account);
  if (!account) co_return problem_of(DirectoryError::kNoSuchAccount);
  auto secret = services->directory.open_login(sending);
  std::string failure;
  if (!secret) {
    failure = "the stored password cannot be read with this server's key";
  } else {
    work::delivery::NextHop hop{.kind = work::delivery::NextHop::Kind::kHosts,
                                .name = sending.address,
                                .hosts = sending.relay.hosts,
                                .tls = sending.relay.tls,
                                .implicit_tls = sending.relay.implicit_tls,
                                .protocol = sending.relay.protocol};
    hop.login = work::delivery::NextHop::Login{
        .user = sending.relay.login->user, .secret = *std::move(secret), .kind = sending.relay.login->kind};
    SendingTrial trial{.hop = std::move(hop), .sender = sending.address, .recipient = account->address};
    const auto now = services->clock.now();
    trial.message = "Date: " + base::codec::format_rfc5322_date(now) + "\r\nFrom: <" + sending.address + ">\r\nTo: <" +
                    account->address + ">\r\nMessage-ID: <" +
                    to_string(work::delivery::MessageIds(services->clock).next()) + "@" + services->hostname +
                    ">\r\nSubject: You can send as " + sending.address +
                    "\r\nAuto-Submitted: auto-generated\r\nMIME-Version: 1.0\r\n"
                    "Content-Type: text/plain; charset=utf-8\r\n\r\n"
                    "This message went through the server of your mail provider.\r\n"
                    "From now on you can send as " +
                    sending.address + ".\r\n";
    const auto sent = co_await services->actions.try_sending(std::move(trial));
    if (!sent) failure = sent.error();
  }
  const auto noted =
      co_await services->directory.note_sending_test(sending.account, sending.address, std::move(failure));
  if (!noted) co_return problem_of(noted.error());
  services->queue.routes_changed();
  co_return reply(json_of(*noted));
}

void use_preset(NewSendingAccount& made, const ProviderPreset& preset) {
  made.provider = preset.name;
  made.relay.hosts = {{.host = std::string(preset.host), .port = preset.port}};
  made.relay.implicit_tls = preset.implicit_tls;
  made.relay.tls = TlsRule::kVerify;
  made.relay.user = preset.user.empty() ? made.address : std::string(preset.user);
}

/// Connects it and tries it out at once.
Reply put_sending(const Services* services, Request request) {
  const auto id = account_of(*services, request);
  if (!id) co_return id.error();
  auto sending = read_body(request, [&](Fields& fields) {
    NewSendingAccount made{.address = std::string(request.parameter("sending"))};
    made.relay.tls = TlsRule::kVerify;
    made.relay.user = made.address;
    if (const auto provider = fields.take_string("provider")) {
      if (const auto* preset = state::directory::find_provider(*provider))
        use_preset(made, *preset);
      else
        fields.mistake("provider", "the name of a preset (GET /v1/providers)");
    }
    take_relay(fields, made.relay, kSubmissionPort);
    return made;
  });
  if (!sending) co_return sending.error();
  const auto kept = co_await services->directory.put_sending_account(*id, *std::move(sending));
  if (!kept) co_return problem_of(kept.error());
  co_return co_await try_out(services, *kept);
}

Reply test_sending(const Services* services, Request request) {
  const auto id = account_of(*services, request);
  if (!id) co_return id.error();
  auto sending = sending_of(*services, *id, request);
  if (!sending) co_return problem_of(DirectoryError::kNoSuchSendingAccount);
  co_return co_await try_out(services, *std::move(sending));
}

Reply remove_sending(const Services* services, Request request) {
  const auto id = account_of(*services, request);
  if (!id) co_return id.error();
  std::string address(request.parameter("sending"));
  const auto removed = co_await services->directory.delete_sending_account(*id, std::move(address));
  if (!removed) co_return problem_of(removed.error());
  services->queue.routes_changed();
  co_return no_content();
}

Reply all_providers(const Services*, Request) {
  boost::json::array all;
  for (const auto& preset : state::directory::provider_presets()) {
    boost::json::object object{{"name", preset.name}, {"title", preset.title}, {"implicit_tls", preset.implicit_tls}};
    object["host"] = to_text({.host = std::string(preset.host), .port = preset.port});
    if (!preset.user.empty()) object["user"] = preset.user;
    object["password"] = preset.advice;
    all.push_back(std::move(object));
  }
  co_return reply(boost::json::object{{"providers", std::move(all)}});
}

}  // namespace

void add_forward_calls(Routes& routes) {
  add(routes, Method::kGet, "/v1/accounts/{address}/forward", show_forward);
  add(routes, Method::kPut, "/v1/accounts/{address}/forward", put_forward);
  add(routes, Method::kDelete, "/v1/accounts/{address}/forward", remove_forward);
  add(routes, Method::kGet, "/v1/accounts/{address}/sending-accounts", all_sending);
  add(routes, Method::kPut, "/v1/accounts/{address}/sending-accounts/{sending}", put_sending);
  add(routes, Method::kDelete, "/v1/accounts/{address}/sending-accounts/{sending}", remove_sending);
  add(routes, Method::kPost, "/v1/accounts/{address}/sending-accounts/{sending}/test", test_sending);
  add(routes, Method::kGet, "/v1/providers", all_providers);
}

}  // namespace veredus::doors::admin
