#include "base/codec/ascii.h"
#include "doors/admin/calls.h"
#include "doors/admin/queue_json.h"
#include "state/directory/directory.h"
#include "state/directory/snapshot.h"
#include "state/spool/queue_shards.h"
#include "work/delivery/routes.h"
#include "work/queue/queue.h"

namespace veredus::doors::admin {
namespace {

using io::http::Method;
using io::http::Request;
using io::http::Response;
using state::spool::EntryId;
using state::spool::EntryPage;
using state::spool::Pause;
using state::spool::PauseOf;
using state::spool::QueueChange;
using state::spool::QueueQuery;
using state::spool::Shard;

constexpr std::uint32_t kScanned = 1000;  // entries looked at in one read
constexpr std::uint64_t kShown = 100;     // entries in an answer, unless asked otherwise
constexpr std::uint64_t kMostShown = 1000;
constexpr std::uint64_t kLanesShown = 50;
constexpr std::size_t kLongestReason = 500;

Response unavailable(io::engine::StoreError error) { return io::http::problem(503, "unavailable", to_string(error)); }
Response no_such_entry() { return io::http::problem(404, "no-such-entry", "nothing of the kind is in the queue"); }

/// Where a listing goes on: the shard, and the entry in it that came last.
struct Cursor {
  Shard shard = 0;
  std::optional<EntryId> after;
};

std::string to_string(const Cursor& cursor) {
  return std::to_string(cursor.shard) + (cursor.after ? "." + to_string(*cursor.after) : "");
}

std::optional<Cursor> parse_cursor(std::string_view text) {
  Cursor cursor;
  if (text.empty()) return cursor;
  const auto dot = text.find('.');
  const auto shard = number_of(text.substr(0, dot));
  if (!shard || *shard >= state::spool::kShards) return std::nullopt;
  cursor.shard = static_cast<Shard>(*shard);
  if (dot == std::string_view::npos) return cursor;
  cursor.after = state::spool::parse_entry_id(text.substr(dot + 1));
  if (!cursor.after) return std::nullopt;
  return cursor;
}

/// Reads on from `*cursor` and moves it; answers nullopt after the last shard.
asio::awaitable<std::expected<std::optional<EntryPage>, io::engine::StoreError>> next_page(
    state::spool::QueueShards* shards, QueueQuery query, Cursor* cursor) {
  const auto only = only_shard(query);
  if (only && cursor->shard < *only) *cursor = {.shard = *only, .after = {}};
  if (cursor->shard >= state::spool::kShards || (only && cursor->shard > *only)) co_return std::nullopt;
  auto page = co_await shards->find(cursor->shard, std::move(query), cursor->after, kScanned);
  if (!page) co_return std::unexpected(page.error());
  cursor->after = page->next;
  if (!page->next) ++cursor->shard;
  co_return std::move(*page);
}

/// GET /v1/queue?…&limit=&after=: entries that match, a page of them.
Reply list(const Services* services, Request request) {
  const auto query = query_of(*services, asked_entries(request));
  if (!query) co_return query.error();
  auto cursor = parse_cursor(request.query_value("after"));
  const auto limit_text = request.query_value("limit");
  const auto limit = limit_text.empty() ? kShown : number_of(limit_text).value_or(0);
  if (!cursor || limit == 0 || limit > kMostShown) co_return bad_request("'limit' wants 1 to 1000, 'after' a 'next'");
  boost::json::array entries;
  boost::json::value next = nullptr;
  while (next.is_null()) {
    auto page = co_await next_page(&services->queue_shards, *query, &*cursor);
    if (!page) co_return unavailable(page.error());
    if (!*page) break;
    for (const auto& entry : (*page)->entries) {
      if (entries.size() == limit) break;
      entries.push_back(json_of(*services, entry, services->queue.status(entry.id)));
      if (entries.size() == limit)
        next = to_string(Cursor{.shard = state::spool::shard_of(entry.domain), .after = entry.id});
    }
  }
  co_return reply(boost::json::object{{"entries", std::move(entries)}, {"next", std::move(next)}});
}

/// GET /v1/queue/count?…: how many entries, recipients and octets match.
Reply count(const Services* services, Request request) {
  const auto query = query_of(*services, asked_entries(request));
  if (!query) co_return query.error();
  std::uint64_t entries = 0;
  std::uint64_t recipients = 0;
  std::uint64_t octets = 0;
  Cursor cursor;
  while (true) {
    const auto page = co_await next_page(&services->queue_shards, *query, &cursor);
    if (!page) co_return unavailable(page.error());
    if (!*page) break;
    for (const auto& entry : (*page)->entries) {
      ++entries;
      recipients += entry.recipients.size();
      octets += entry.octets;
    }
  }
  co_return reply(boost::json::object{{"entries", entries}, {"recipients", recipients}, {"octets", octets}});
}

/// GET /v1/queue/entries/{id}: of a message all its entries, or the one named.
Reply show(const Services* services, Request request) {
  AskedEntries asked;
  asked.id = request.parameter("id");
  const auto query = query_of(*services, asked);
  if (!query) co_return no_such_entry();
  boost::json::array entries;
  Cursor cursor;
  while (true) {
    const auto page = co_await next_page(&services->queue_shards, *query, &cursor);
    if (!page) co_return unavailable(page.error());
    if (!*page) break;
    for (const auto& entry : (*page)->entries)
      entries.push_back(json_of(*services, entry, services->queue.status(entry.id)));
  }
  if (entries.empty()) co_return no_such_entry();
  co_return reply(boost::json::object{{"entries", std::move(entries)}});
}

struct AskedChange {
  AskedEntries entries;
  QueueChange change;
};

using ReadChange = void (*)(Fields& fields, QueueChange& change);

void read_nothing(Fields& /*fields*/, QueueChange& /*change*/) {}

void read_hold(Fields& fields, QueueChange& change) {
  change.reason = fields.take_string("because").value_or("").substr(0, kLongestReason);
}

void read_drop(Fields& fields, QueueChange& change) {
  if (fields.take_bool("tell_sender").value_or(false)) change.kind = QueueChange::Kind::kBounce;
}

void read_route(Fields& fields, QueueChange& change) { change.route = fields.need_string("route"); }

/// Whether entries may be sent that way: as the routes say, by MX, or by a route of that name.
bool is_way(const Services& services, const std::string& route) {
  return route.empty() || route == work::delivery::kMxRoute ||
         services.directory.snapshot()->routing().route(route) != nullptr;
}

/// Changes every entry that matches and says how many. Without a query, `"all": true` is wanted.
Reply change(const Services* services, Request request, QueueChange::Kind kind, ReadChange read) {
  QueueChange change{.kind = kind, .due_at = services->clock.now()};
  auto query = read_body(request, [&](Fields& fields) -> Outcome<QueueQuery> {
    read(fields, change);
    auto asked = query_of(*services, asked_entries(fields));
    const bool all = fields.take_bool("all").value_or(false);
    if (asked && means_all(*asked) && !all)
      fields.mistake("all", "must be true when nothing else says which are meant");
    return asked;
  });
  if (!query) co_return query.error();
  if (!is_way(*services, change.route)) co_return problem_of(state::directory::DirectoryError::kNoSuchRoute);
  const auto changed = co_await services->queue.change(*std::move(query), std::move(change));
  if (!changed) co_return unavailable(changed.error());
  co_return reply(boost::json::object{{"changed", *changed}});
}

Reply retry(const Services* services, Request request) {
  return change(services, std::move(request), QueueChange::Kind::kRetry, read_nothing);
}
Reply hold(const Services* services, Request request) {
  return change(services, std::move(request), QueueChange::Kind::kHold, read_hold);
}
Reply release(const Services* services, Request request) {
  return change(services, std::move(request), QueueChange::Kind::kRelease, read_nothing);
}
Reply drop(const Services* services, Request request) {
  return change(services, std::move(request), QueueChange::Kind::kDrop, read_drop);
}
Reply reroute(const Services* services, Request request) {
  return change(services, std::move(request), QueueChange::Kind::kReroute, read_route);
}

/// GET /v1/queue/stats?lanes=: how the queue stands now.
Reply stats(const Services* services, Request request) {
  const auto text = request.query_value("lanes");
  const auto lanes = text.empty() ? kLanesShown : number_of(text).value_or(kMostShown + 1);
  if (lanes > kMostShown) co_return bad_request("'lanes' wants a number up to 1000");
  auto object = json_of(services->queue.figures(lanes));
  boost::json::array pauses;
  for (const auto& pause : services->queue.pauses()) pauses.push_back(json_of(pause));
  object["pauses"] = std::move(pauses);
  co_return reply(object);
}

/// What a body says is to be paused or resumed: one of everything, domain, sender.
Outcome<Pause> pause_of(Fields& fields) {
  const bool everything = fields.take_bool("everything").value_or(false);
  const auto domain = fields.take_string("domain");
  const auto sender = fields.take_string("sender");
  if (static_cast<int>(everything) + static_cast<int>(domain.has_value()) + static_cast<int>(sender.has_value()) != 1)
    return std::unexpected(bad_request("give one of everything, domain or sender"));
  if (everything) return Pause{.of = PauseOf::kEverything};
  if (sender) return Pause{.of = PauseOf::kSender, .subject = base::codec::to_lower_ascii(*sender)};
  auto name = destination_of(*domain);
  if (!name) return std::unexpected(name.error());
  return Pause{.of = PauseOf::kDestination, .subject = *std::move(name)};
}

Reply pause(const Services* services, Request request) {
  auto asked = read_body(request, [&](Fields& fields) {
    auto reason = fields.take_string("because").value_or("").substr(0, kLongestReason);
    auto wanted = pause_of(fields);
    if (wanted) wanted->reason = std::move(reason);
    return wanted;
  });
  if (!asked) co_return asked.error();
  asked->since = services->clock.now();
  const auto paused = co_await services->queue.pause(*asked);
  co_return paused ? reply(json_of(*asked)) : unavailable(paused.error());
}

Reply resume(const Services* services, Request request) {
  const auto asked = read_body(request, pause_of);
  if (!asked) co_return asked.error();
  const auto resumed = co_await services->queue.resume(asked->of, asked->subject);
  if (!resumed) co_return unavailable(resumed.error());
  co_return *resumed ? no_content() : io::http::problem(404, "not-paused", "that is not paused");
}

}  // namespace

void add_queue_calls(Routes& routes) {
  add(routes, Method::kGet, "/v1/queue", list);
  add(routes, Method::kGet, "/v1/queue/count", count);
  add(routes, Method::kGet, "/v1/queue/stats", stats);
  add(routes, Method::kGet, "/v1/queue/entries/{id}", show);
  add(routes, Method::kPost, "/v1/queue/retry", retry);
  add(routes, Method::kPost, "/v1/queue/hold", hold);
  add(routes, Method::kPost, "/v1/queue/release", release);
  add(routes, Method::kPost, "/v1/queue/drop", drop);
  add(routes, Method::kPost, "/v1/queue/reroute", reroute);
  add(routes, Method::kPost, "/v1/queue/pause", pause);
  add(routes, Method::kPost, "/v1/queue/resume", resume);
}

}  // namespace veredus::doors::admin
