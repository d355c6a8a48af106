#include "doors/admin/queue_json.h"

#include "base/codec/ascii.h"
#include "base/codec/idna.h"
#include "base/types/result.h"
#include "doors/admin/calls.h"
#include "state/directory/directory.h"

namespace veredus::doors::admin {
namespace {

using state::spool::Hold;
using state::spool::QueueEntry;
using state::spool::QueueQuery;

constexpr std::uint64_t kLongestAge = 10ULL * 365 * 24 * 3600;  // seconds

boost::json::value json_or_null(const std::optional<SystemTime>& time) {
  return time ? boost::json::value(json_time(*time)) : nullptr;
}

boost::json::value submitter_of(const Services& services, const QueueEntry& entry) {
  if (!entry.submitter) return nullptr;
  const auto account = services.directory.account(*entry.submitter);
  return account ? boost::json::value(account->address_shown) : nullptr;
}

boost::json::array recipients_of(const QueueEntry& entry) {
  boost::json::array all;
  for (const auto& recipient : entry.recipients) {
    boost::json::object object;
    object["address"] = recipient.address;
    object["attempts"] = recipient.attempts;
    object["last_reply"] = recipient.last_reply;
    all.push_back(std::move(object));
  }
  return all;
}

std::string_view state_of(const QueueEntry& entry, const work::queue::EntryStatus& status) {
  if (entry.hold != Hold::kNone) return "held";
  return status.place == work::queue::Place::kParked ? "paused" : to_string(status.place);
}

Outcome<void> read_id(std::string_view text, QueueQuery& query) {
  query.message = state::spool::parse_queue_id(text);
  if (!query.message) query.entry = state::spool::parse_entry_id(text);
  if (!query.message && !query.entry) return std::unexpected(bad_request("'id' wants the id of a queued message"));
  return {};
}

Outcome<void> read_submitter(const Services& services, std::string_view address, QueueQuery& query) {
  const auto account = services.directory.account_by_address(address);
  if (!account) return std::unexpected(problem_of(state::directory::DirectoryError::kNoSuchAccount));
  query.submitter = account->id;
  return {};
}

Outcome<void> read_held(std::string_view text, QueueQuery& query) {
  if (text != "true" && text != "false") return std::unexpected(bad_request("'held' wants true or false"));
  query.held = text == "true";
  return {};
}

}  // namespace

AskedEntries asked_entries(const io::http::Request& request) {
  const auto of = [&](std::string_view name) { return std::string(request.query_value(name)); };
  AskedEntries asked{.id = of("id"),
                     .sender = of("sender"),
                     .recipient = of("recipient"),
                     .domain = of("domain"),
                     .submitter = of("submitter"),
                     .route = {},
                     .reason = of("reason"),
                     .older_than = of("older_than"),
                     .held = of("held")};
  for (const auto& [name, value] : request.query)
    if (name == "route") asked.route = value;
  return asked;
}

AskedEntries asked_entries(Fields& fields) {
  const auto of = [&](std::string_view name) { return fields.take_string(name).value_or(""); };
  AskedEntries asked{.id = of("id"),
                     .sender = of("sender"),
                     .recipient = of("recipient"),
                     .domain = of("domain"),
                     .submitter = of("submitter"),
                     .route = fields.take_string("of_route"),
                     .reason = of("reason"),
                     .older_than = {},
                     .held = {}};
  if (const auto seconds = fields.take_number("older_than")) asked.older_than = std::to_string(*seconds);
  if (const auto held = fields.take_bool("held")) asked.held = *held ? "true" : "false";
  return asked;
}

Outcome<std::string> destination_of(std::string_view text) {
  if (text.starts_with('[')) return base::codec::to_lower_ascii(text);
  auto domain = base::codec::to_ascii(text);
  if (!domain) return std::unexpected(bad_request("'domain' is no domain name"));
  return *std::move(domain);
}

Outcome<QueueQuery> query_of(const Services& services, const AskedEntries& asked) {
  QueueQuery query;
  if (!asked.id.empty()) VEREDUS_TRY(read_id(asked.id, query));
  if (!asked.sender.empty()) query.sender = asked.sender == "<>" ? std::string() : asked.sender;
  if (!asked.recipient.empty()) query.recipient = asked.recipient;
  if (!asked.domain.empty()) {
    VEREDUS_TRY(auto domain, destination_of(asked.domain));
    query.domain = std::move(domain);
  }
  if (!asked.submitter.empty()) VEREDUS_TRY(read_submitter(services, asked.submitter, query));
  query.route = asked.route;
  if (!asked.reason.empty()) query.reason = asked.reason;
  if (!asked.older_than.empty()) {
    const auto seconds = number_of(asked.older_than);
    if (!seconds || *seconds > kLongestAge) return std::unexpected(bad_request("'older_than' wants seconds"));
    query.accepted_before = services.clock.now() - std::chrono::seconds(*seconds);
  }
  if (!asked.held.empty()) VEREDUS_TRY(read_held(asked.held, query));
  return query;
}

bool means_all(const QueueQuery& query) {
  return !query.message && !query.entry && !query.sender && !query.recipient && !query.domain && !query.submitter &&
         !query.route && !query.reason && !query.accepted_before && !query.held;
}

boost::json::object json_of(const Services& services, const QueueEntry& entry, const work::queue::EntryStatus& status) {
  boost::json::object object;
  object["id"] = to_string(entry.id);
  object["message"] = to_string(entry.id.message());
  object["sender"] = entry.sender ? boost::json::value(*entry.sender) : nullptr;
  object["domain"] = entry.domain;
  object["route"] = entry.route;
  object["recipients"] = recipients_of(entry);
  object["state"] = state_of(entry, status);
  object["hold"] = to_string(entry.hold);
  object["hold_reason"] = entry.hold_reason;
  object["last_failure"] = status.last_failure;
  object["accepted"] = json_time(entry.accepted_at);
  object["due"] = json_time(status.place == work::queue::Place::kFree ? entry.due_at : status.due);
  object["expires"] = json_time(entry.expires_at);
  object["delay_notice"] = json_or_null(entry.delay_notice_at);
  object["attempts"] = entry.attempts;
  object["uncertain"] = entry.uncertain;
  object["priority"] = entry.mail.priority;
  object["bulk"] = entry.traffic == state::spool::TrafficClass::kBulk;
  object["submitter"] = submitter_of(services, entry);
  object["envelope_id"] = entry.mail.envelope_id;
  object["octets"] = entry.octets;
  object["pool"] = entry.pool;
  return object;
}

boost::json::object json_of(const work::queue::QueueFigures& figures) {
  boost::json::object object;
  object["entries"] = figures.entries;
  object["later"] = figures.later;
  object["searching"] = figures.searching;
  object["ready"] = figures.ready;
  object["parked"] = figures.parked;
  object["under_way"] = figures.taken;
  object["connections"] = figures.connections;
  object["lanes_resting"] = figures.lanes_resting;
  object["delivered"] = figures.delivered;
  object["deferred"] = figures.deferred;
  object["refused"] = figures.refused;
  object["paused"] = figures.paused;
  object["suspended"] = figures.suspended;
  object["loaded"] = figures.loaded;
  boost::json::array lanes;
  for (const auto& lane : figures.lanes) {
    boost::json::object one;
    one["source"] = lane.source;
    one["site"] = lane.site;
    one["ready"] = lane.ready;
    one["senders"] = lane.senders;
    one["connections"] = lane.connections;
    one["allowed"] = lane.allowed;
    one["rests_seconds"] = std::chrono::ceil<std::chrono::seconds>(lane.rest).count();
    one["delivered"] = lane.delivered;
    one["deferred"] = lane.deferred;
    one["refused"] = lane.refused;
    one["last_failure"] = lane.last_failure;
    one["tls"] = lane.last_tls;
    lanes.push_back(std::move(one));
  }
  object["lanes"] = std::move(lanes);
  return object;
}

boost::json::object json_of(const state::spool::Pause& pause) {
  boost::json::object object;
  object["of"] = to_string(pause.of);
  object["subject"] = pause.subject;
  object["reason"] = pause.reason;
  object["since"] = json_time(pause.since);
  return object;
}

}  // namespace veredus::doors::admin
