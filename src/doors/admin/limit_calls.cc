#include <array>
#include <limits>

#include "doors/admin/calls.h"
#include "work/queue/queue.h"

namespace veredus::doors::admin {
namespace {

using io::http::Method;
using io::http::Request;
using io::http::Response;
using work::queue::BrakeLimits;

struct LimitName {
  std::string_view name;
  std::uint32_t BrakeLimits::* limit;
};
constexpr std::array<LimitName, 6> kLimits{{{"messages_per_hour", &BrakeLimits::messages_per_hour},
                                            {"messages_per_day", &BrakeLimits::messages_per_day},
                                            {"recipients_per_message", &BrakeLimits::recipients_per_message},
                                            {"new_recipients_per_day", &BrakeLimits::new_recipients_per_day},
                                            {"bounce_percent", &BrakeLimits::bounce_percent},
                                            {"bounce_from", &BrakeLimits::bounce_from}}};

Response unavailable(io::engine::StoreError error) { return io::http::problem(503, "unavailable", to_string(error)); }

boost::json::object json_of(const work::queue::Queue::BrakeState& state) {
  boost::json::object object;
  for (const auto& [name, limit] : kLimits) object[name] = state.limits.*limit;
  object["own"] = state.own_limits;
  object["messages_in_hour"] = state.messages_in_hour;
  object["messages_in_day"] = state.messages_in_day;
  return object;
}

/// Those given take the place of `limits`'.
BrakeLimits changed_limits(Fields& fields, BrakeLimits limits) {
  for (const auto& [name, limit] : kLimits) {
    const auto number = fields.take_number(name);
    if (!number) continue;
    if (*number > std::numeric_limits<std::uint32_t>::max()) fields.mistake(name, "is too large");
    limits.*limit = static_cast<std::uint32_t>(*number);
  }
  return limits;
}

/// GET …/sending-limits: what the account may send before its mail waits, and how much it sent.
Reply show(const Services* services, Request request) {
  const auto id = account_of(*services, request);
  if (!id) co_return id.error();
  const auto state = co_await services->queue.brakes(*id);
  co_return state ? reply(json_of(*state)) : unavailable(state.error());
}

/// Changes those that are given, from now on the account's own.
Reply change(const Services* services, Request request) {
  const auto id = account_of(*services, request);
  if (!id) co_return id.error();
  const auto before = co_await services->queue.brakes(*id);
  if (!before) co_return unavailable(before.error());
  const auto take = [&](Fields& fields) { return changed_limits(fields, before->limits); };
  const auto limits = read_body(request, take);
  if (!limits) co_return limits.error();
  const auto set = co_await services->queue.set_brakes(*id, *limits);
  if (!set) co_return unavailable(set.error());
  const auto after = co_await services->queue.brakes(*id);
  co_return after ? reply(json_of(*after)) : unavailable(after.error());
}

/// The configured limits again.
Reply remove(const Services* services, Request request) {
  const auto id = account_of(*services, request);
  if (!id) co_return id.error();
  const auto set = co_await services->queue.set_brakes(*id, std::nullopt);
  co_return set ? no_content() : unavailable(set.error());
}

}  // namespace

void add_limit_calls(Routes& routes) {
  add(routes, Method::kGet, "/v1/accounts/{address}/sending-limits", show);
  add(routes, Method::kPatch, "/v1/accounts/{address}/sending-limits", change);
  add(routes, Method::kDelete, "/v1/accounts/{address}/sending-limits", remove);
}

}  // namespace veredus::doors::admin
