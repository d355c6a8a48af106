#pragma once

#include <boost/json.hpp>
#include <optional>
#include <string>

#include "doors/admin/json.h"
#include "doors/admin/services.h"
#include "state/spool/queue_query.h"
#include "state/spool/queue_rows.h"
#include "work/queue/figures.h"

namespace veredus::doors::admin {

/// Which entries a call means, as it was said in its query or body; absent or empty: not asked for.
struct AskedEntries {
  std::string id;         // a queue id, or one entry's
  std::string sender;     // an address, `@domain`, or `<>`
  std::string recipient;  // an address or `@domain`
  std::string domain;     // of the destination
  std::string submitter;  // an account's address
  std::optional<std::string> route;
  std::string reason;      // part of a last reply or of why it is held
  std::string older_than;  // seconds
  std::string held;        // "true" or "false"
};
[[nodiscard]] AskedEntries asked_entries(const io::http::Request& request);
[[nodiscard]] AskedEntries asked_entries(Fields& fields);
/// Errors: 400 for what is malformed, 404 for an account that is not there.
Outcome<state::spool::QueueQuery> query_of(const Services& services, const AskedEntries& asked);
/// Whether it means every entry there is.
[[nodiscard]] bool means_all(const state::spool::QueueQuery& query);

/// A domain as entries name it: lower case, A-labels. Error: 400.
Outcome<std::string> destination_of(std::string_view text);

[[nodiscard]] boost::json::object json_of(const Services& services, const state::spool::QueueEntry& entry,
                                          const work::queue::EntryStatus& status);
[[nodiscard]] boost::json::object json_of(const work::queue::QueueFigures& figures);
[[nodiscard]] boost::json::object json_of(const state::spool::Pause& pause);

}  // namespace veredus::doors::admin
