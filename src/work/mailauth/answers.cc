#include "work/mailauth/answers.h"

#include <algorithm>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/deferred.hpp>
#include <boost/asio/experimental/parallel_group.hpp>
#include <boost/asio/this_coro.hpp>
#include <exception>
#include <optional>

#include "io/net/deadline.h"
#include "work/mailauth/lookup.h"

namespace veredus::work::mailauth {

using rules::inquiry::Reply;
using rules::inquiry::ReplyStatus;

namespace {

Reply no_answer() {
  Reply reply;
  reply.status = ReplyStatus::kFailed;
  return reply;
}

/// About what an answer costs in memory.
std::size_t octets_of(const rules::inquiry::Question& question, const Reply& reply) {
  constexpr std::size_t kEach = 48;  // of an entry in a list
  std::size_t octets = 256 + question.name.size() + reply.addresses.size() * kEach;
  for (const auto& exchange : reply.exchanges) octets += kEach + exchange.host.size();
  for (const auto& name : reply.names) octets += kEach + name.size();
  for (const auto& text : reply.texts) octets += kEach + text.size();
  return octets;
}

/// nullopt: not so soon. The one that ends second is cancelled and awaited.
asio::awaitable<std::optional<Looked>> look_up_within(io::dns::Resolver* resolver, rules::inquiry::Question question,
                                                      std::chrono::milliseconds patience) {
  const auto executor = co_await asio::this_coro::executor;
  auto group = asio::experimental::make_parallel_group(
      asio::co_spawn(executor, look_up_with_ttl(resolver, std::move(question)), asio::deferred),
      asio::co_spawn(executor, io::net::pause(patience), asio::deferred));
  auto [order, failure, looked, overdue] =
      co_await group.async_wait(asio::experimental::wait_for_one(), asio::use_awaitable);
  if (order[0] == 1) co_return std::nullopt;
  if (failure) std::rethrow_exception(failure);
  co_return std::move(looked);
}

}  // namespace

Answers::Answers(io::dns::Resolver& resolver, const Clock& clock, Options options)
    : resolver_(resolver), clock_(clock), options_(options) {}

std::shared_ptr<const Reply> Answers::known(const Question& question) {
  auto& shelf = shelf_of(question);
  const auto now = clock_.steady_now();
  const std::scoped_lock lock(shelf.mutex);
  const auto found = shelf.entries.find(question);
  if (found == shelf.entries.end() || found->second.until <= now) return nullptr;
  known_.fetch_add(1, std::memory_order_relaxed);
  return found->second.reply;
}

/// A shelf that is full drops what has run out, and everything when that is not enough: DNS is asked again then.
void Answers::make_room(Shelf& shelf, std::size_t wanted, std::size_t most, SteadyTime now) {
  if (shelf.octets + wanted <= most) return;
  std::erase_if(shelf.entries, [&shelf, now](const auto& held) {
    if (held.second.until > now) return false;
    shelf.octets -= held.second.octets;
    return true;
  });
  if (shelf.octets + wanted <= most / 2) return;
  shelf.entries.clear();
  shelf.octets = 0;
}

void Answers::keep(Question question, const Reply& reply, std::chrono::seconds ttl) {
  auto& shelf = shelf_of(question);
  const auto now = clock_.steady_now();
  const auto octets = octets_of(question, reply);
  const auto most = options_.octets / shelves_.size();
  if (octets > most / 8) return;
  Entry entry{.reply = std::make_shared<const Reply>(reply),
              .until = now + std::clamp(ttl, options_.shortest, options_.longest),
              .octets = octets};
  const std::scoped_lock lock(shelf.mutex);
  make_room(shelf, octets, most, now);
  auto& place = shelf.entries[std::move(question)];
  shelf.octets += octets - place.octets;
  place = std::move(entry);
}

asio::awaitable<Reply> Answers::ask(Question question, SteadyTime until) {
  const auto left = std::chrono::ceil<std::chrono::milliseconds>(until - clock_.steady_now());
  if (left.count() <= 0) co_return no_answer();
  asked_.fetch_add(1, std::memory_order_relaxed);
  auto looking = look_up_within(&resolver_, question, left);
  auto looked = co_await std::move(looking);
  if (!looked) co_return no_answer();
  keep(std::move(question), looked->reply, looked->ttl);  // failures too, for a moment (RFC 9520 s3.2)
  co_return std::move(looked->reply);
}

Answers::Figures Answers::figures() const {
  return {.known = known_.load(std::memory_order_relaxed), .asked = asked_.load(std::memory_order_relaxed)};
}

}  // namespace veredus::work::mailauth
