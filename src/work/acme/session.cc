#include "work/acme/session.h"

#include <algorithm>
#include <boost/json.hpp>
#include <charconv>
#include <utility>

#include "base/codec/base64.h"
#include "base/codec/date.h"
#include "base/types/result.h"
#include "io/net/deadline.h"

namespace veredus::work::acme {

namespace json = boost::json;
using io::http::Method;

namespace {

constexpr std::string_view kErrorPrefix = "urn:ietf:params:acme:error:";  // RFC 8555 s6.7
constexpr int kNonceTries = 10;  // some servers refuse good ones at random, to see whether clients bear it
constexpr std::chrono::seconds kLongestWait{60};
constexpr std::size_t kMaxNames = 100;

std::string_view header(const io::http::Response& response, std::string_view lower_name) {
  for (const auto& [name, value] : response.headers)
    if (name == lower_name) return value;
  return {};
}

/// RFC 9110 s10.2.3: seconds; dates are not looked at.
std::optional<std::chrono::seconds> retry_after(const io::http::Response& response) {
  const auto text = header(response, "retry-after");
  std::int64_t seconds = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), seconds);
  if (text.empty() || error != std::errc() || end != text.data() + text.size() || seconds < 0) return std::nullopt;
  return std::chrono::seconds(std::min<std::int64_t>(seconds, 7 * 86'400));
}

/// Empty when it is not there, or no text.
std::string text_at(const json::object& object, std::string_view name) {
  const auto* value = object.if_contains(name);
  if (value == nullptr || !value->is_string()) return {};
  return std::string(value->as_string());
}

std::vector<std::string> texts_at(const json::object& object, std::string_view name) {
  std::vector<std::string> texts;
  const auto* value = object.if_contains(name);
  if (value == nullptr || !value->is_array()) return texts;
  for (const auto& one : value->as_array())
    if (one.is_string()) texts.emplace_back(one.as_string());
  return texts;
}

Expected<json::object> object_of(const io::http::Response& response) {
  boost::system::error_code error;
  auto value = json::parse(response.body, error);
  if (error || !value.is_object()) return failed(AcmeError::kMalformed, "no JSON object");
  return std::move(value.as_object());
}

/// What an answer that says no means. RFC 9457, RFC 8555 s6.7.
Failure problem_of(const io::http::Response& response) {
  Failure failure{.error = AcmeError::kProblem, .detail = "status " + std::to_string(response.status)};
  failure.retry_after = retry_after(response);
  const auto object = object_of(response);
  if (!object) return failure;
  failure.type = text_at(*object, "type");
  if (failure.type.starts_with(kErrorPrefix)) failure.type.erase(0, kErrorPrefix.size());
  failure.detail += ", " + failure.type + ": " + text_at(*object, "detail");
  return failure;
}

bool good(const io::http::Response& response) { return response.status / 100 == 2; }

/// Why an authorization is invalid: the error of the challenge that was tried.
std::string error_in(const json::object& authorization) {
  const auto* challenges = authorization.if_contains("challenges");
  if (challenges == nullptr || !challenges->is_array()) return "it does not say why";
  for (const auto& one : challenges->as_array()) {
    const auto* error = one.is_object() ? one.as_object().if_contains("error") : nullptr;
    if (error != nullptr && error->is_object()) return text_at(error->as_object(), "detail");
  }
  return "it does not say why";
}

/// RFC 8555 s8.1: base64url characters; what goes into a path and a comparison must be nothing else.
bool is_token(std::string_view token) {
  constexpr std::string_view kAlphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
  return !token.empty() && token.size() <= 512 && token.find_first_not_of(kAlphabet) == std::string_view::npos;
}

}  // namespace

std::string_view to_string(ChallengeKind kind) { return kind == ChallengeKind::kHttp01 ? "http-01" : "tls-alpn-01"; }

struct Session::Order {
  std::string url;
  std::vector<std::string> authorizations;
  std::string finalize;
};

void Session::take_nonce(const Response& response) { nonce_ = header(response, "replay-nonce"); }

asio::awaitable<void> Session::wait(Response response) {
  std::chrono::milliseconds length = options_.poll_wait;
  if (const auto wished = retry_after(response))
    length = std::clamp<std::chrono::milliseconds>(*wished, std::chrono::milliseconds(1), kLongestWait);
  co_await io::net::pause(length);
}

/// RFC 8555 s7.1.1.
Session::Result<void> Session::read_directory() {
  VEREDUS_CO_TRY(const auto response, co_await transport_->call(Method::kGet, options_.directory, {}));
  if (!good(response)) co_return std::unexpected(problem_of(response));
  VEREDUS_CO_TRY(const auto directory, object_of(response));
  urls_ = {.nonce = text_at(directory, "newNonce"),
           .account = text_at(directory, "newAccount"),
           .order = text_at(directory, "newOrder"),
           .renewal = text_at(directory, "renewalInfo")};
  if (urls_.nonce.empty() || urls_.account.empty() || urls_.order.empty())
    co_return failed(AcmeError::kMalformed, "the directory lacks URLs");
  co_return Expected<void>();
}

/// RFC 8555 s7.2.
Session::Result<std::string> Session::fresh_nonce() {
  if (!nonce_.empty()) co_return std::exchange(nonce_, {});
  VEREDUS_CO_TRY(const auto response, co_await transport_->call(Method::kHead, urls_.nonce, {}));
  take_nonce(response);
  if (nonce_.empty()) co_return failed(AcmeError::kMalformed, "no nonce is given");
  co_return std::exchange(nonce_, {});
}

/// RFC 8555 s6.5: a nonce that is refused came with another one.
Session::Result<io::http::Response> Session::post(std::string url, std::string payload) {
  Failure last{.error = AcmeError::kProblem, .detail = "every nonce is refused"};
  for (int i = 0; i < kNonceTries; ++i) {
    VEREDUS_CO_TRY(auto nonce, co_await fresh_nonce());
    const Envelope envelope{.url = url, .nonce = std::move(nonce), .account = account_};
    auto body = signed_request(*key_, envelope, payload);
    VEREDUS_CO_TRY(auto response, co_await transport_->call(Method::kPost, url, std::move(body)));
    take_nonce(response);
    if (good(response)) co_return response;
    last = problem_of(response);
    if (last.type != "badNonce") break;
  }
  co_return std::unexpected(std::move(last));
}

/// RFC 8555 s7.3: the same request finds an account that is there.
Session::Result<void> Session::open() {
  VEREDUS_CO_TRY(co_await read_directory());
  json::object wanted{{"termsOfServiceAgreed", true}};
  if (!options_.contacts.empty()) wanted["contact"] = json::array(options_.contacts.begin(), options_.contacts.end());
  if (!options_.binding.id.empty())
    wanted["externalAccountBinding"] = json::parse(binding_of(*key_, options_.binding, urls_.account));
  account_.clear();
  auto payload = json::serialize(wanted);
  VEREDUS_CO_TRY(const auto response, co_await post(urls_.account, std::move(payload)));
  account_ = header(response, "location");
  if (account_.empty()) co_return failed(AcmeError::kMalformed, "the account has no URL");
  co_return Expected<void>();
}

/// RFC 8555 s7.4, RFC 9773 s5.
Session::Result<Session::Order> Session::order_for(std::vector<std::string> names, std::string replaces) {
  json::array identifiers;
  for (const auto& name : names) identifiers.push_back(json::object{{"type", "dns"}, {"value", name}});
  json::object wanted{{"identifiers", std::move(identifiers)}};
  if (!replaces.empty()) wanted["replaces"] = replaces;
  auto payload = json::serialize(wanted);
  VEREDUS_CO_TRY(const auto response, co_await post(urls_.order, std::move(payload)));
  VEREDUS_CO_TRY(const auto order, object_of(response));
  Order made{.url = std::string(header(response, "location")),
             .authorizations = texts_at(order, "authorizations"),
             .finalize = text_at(order, "finalize")};
  if (made.url.empty() || made.finalize.empty() || made.authorizations.size() > kMaxNames)
    co_return failed(AcmeError::kMalformed, "the order lacks URLs");
  co_return made;
}

Session::Result<std::string> Session::obtain(std::vector<std::string> names, std::string request, std::string replaces,
                                             Prover* prover) {
  auto order = co_await order_for(names, replaces);
  // RFC 9773 s5: a server may know nothing of the one before, or hold it for replaced.
  const bool no = !order && order.error().error == AcmeError::kProblem && order.error().type != "rateLimited";
  if (no && !replaces.empty()) order = co_await order_for(std::move(names), {});
  if (!order) co_return std::unexpected(std::move(order).error());
  for (const auto& authorization : order->authorizations) VEREDUS_CO_TRY(co_await prove(authorization, prover));
  co_return co_await finalize(*std::move(order), std::move(request));
}

/// RFC 8555 s7.5.
Session::Result<void> Session::prove(std::string authorization, Prover* prover) {
  VEREDUS_CO_TRY(const auto response, co_await post(authorization, {}));
  VEREDUS_CO_TRY(const auto object, object_of(response));
  if (text_at(object, "status") == "valid") co_return Expected<void>();
  const auto* identifier = object.if_contains("identifier");
  const auto* challenges = object.if_contains("challenges");
  if (identifier == nullptr || !identifier->is_object() || challenges == nullptr || !challenges->is_array())
    co_return failed(AcmeError::kMalformed, "the authorization lacks its parts");
  for (const auto& one : challenges->as_array()) {
    if (!one.is_object() || text_at(one.as_object(), "type") != to_string(prover->kind())) continue;
    Challenge challenge{.name = text_at(identifier->as_object(), "value"),
                        .token = text_at(one.as_object(), "token"),
                        .key_authorization = {}};
    if (!is_token(challenge.token)) co_return failed(AcmeError::kMalformed, "the challenge's token is none");
    challenge.key_authorization = key_authorization(*key_, challenge.token);
    VEREDUS_CO_TRY(prover->show(challenge));
    auto begun = co_await post(text_at(one.as_object(), "url"), "{}");  // RFC 8555 s7.5.1
    auto proven =
        begun ? co_await wait_for_proof(authorization) : Expected<void>(std::unexpected(std::move(begun).error()));
    prover->take_down(challenge);
    co_return proven;
  }
  co_return failed(AcmeError::kNoChallenge, std::string(to_string(prover->kind())));
}

Session::Result<void> Session::wait_for_proof(std::string authorization) {
  for (int i = 0; i < options_.polls; ++i) {
    VEREDUS_CO_TRY(auto response, co_await post(authorization, {}));
    VEREDUS_CO_TRY(const auto object, object_of(response));
    const auto status = text_at(object, "status");
    if (status == "valid") co_return Expected<void>();
    if (status != "pending" && status != "processing") co_return failed(AcmeError::kUnproven, error_in(object));
    co_await wait(std::move(response));
  }
  co_return failed(AcmeError::kTimeout, "the proof is not looked at");
}

/// RFC 8555 s7.4, s7.4.2.
Session::Result<std::string> Session::finalize(Order order, std::string request) {
  auto payload = json::serialize(json::object{{"csr", base::codec::base64url_encode(request)}});
  VEREDUS_CO_TRY(auto response, co_await post(order.finalize, std::move(payload)));
  for (int i = 0; i < options_.polls; ++i) {
    VEREDUS_CO_TRY(const auto object, object_of(response));
    const auto status = text_at(object, "status");
    if (status == "valid") {
      VEREDUS_CO_TRY(auto chain, co_await post(text_at(object, "certificate"), {}));
      co_return std::move(chain.body);
    }
    if (status != "processing" && status != "ready" && status != "pending")
      co_return failed(AcmeError::kProblem, "the order is " + status);
    co_await wait(std::move(response));
    VEREDUS_CO_TRY(response, co_await post(order.url, {}));
  }
  co_return failed(AcmeError::kTimeout, "the certificate is not made");
}

/// RFC 9773 s4.1: asked without a signature.
Session::Result<std::optional<RenewalWindow>> Session::renewal_window(std::string renewal_id) {
  if (urls_.renewal.empty() || renewal_id.empty()) co_return std::nullopt;
  auto url = urls_.renewal + "/" + renewal_id;
  VEREDUS_CO_TRY(const auto response, co_await transport_->call(Method::kGet, std::move(url), {}));
  if (!good(response)) co_return std::nullopt;
  VEREDUS_CO_TRY(const auto object, object_of(response));
  const auto* window = object.if_contains("suggestedWindow");
  if (window == nullptr || !window->is_object()) co_return std::nullopt;
  const auto from = base::codec::parse_rfc3339(text_at(window->as_object(), "start"));
  const auto until = base::codec::parse_rfc3339(text_at(window->as_object(), "end"));
  if (!from || !until || from->time >= until->time) co_return std::nullopt;  // RFC 9773 s4.2
  co_return RenewalWindow{.from = from->time, .until = until->time, .ask_again = retry_after(response)};
}

}  // namespace veredus::work::acme
