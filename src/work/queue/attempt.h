#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/observe/events.h"
#include "base/types/clock.h"
#include "rules/dsn/report.h"
#include "state/spool/queue_entry.h"
#include "work/queue/retry_schedule.h"
#include "work/smtpclient/outgoing.h"
#include "work/smtpclient/peer.h"
#include "work/smtpclient/site.h"

namespace veredus::work::queue {

/// Where and when an attempt took place, for the journal and for reports.
struct AttemptPlace {
  SystemTime began{};
  SystemTime ended{};
  std::string mx;          // the host's name; empty: none was reached
  std::string address;     // and its address
  std::string source;      // the egress source's name
  std::string tls;         // "TLSv1.3 TLS_AES_256_GCM_SHA384"; empty: in the clear
  std::string tls_policy;  // what TLS had to be, and why (smtpclient::Peer); empty: it was not connected
  std::string tls_failure;
  bool is_final = false;  // LMTP: the host has delivered it, not only taken it on
};
[[nodiscard]] AttemptPlace place_of(const smtpclient::PeerDetails& details, std::string source);

/// What an attempt, or the lack of one, means for an entry.
struct Judged {
  std::optional<state::spool::QueueEntry> left;         // what is to be tried again; nullopt: nothing
  std::vector<rules::dsn::ReportedRecipient> reported;  // what its sender is to be told
  std::vector<base::observe::JournalEvent> events;
  unsigned delivered = 0;  // recipients
  unsigned refused = 0;
  unsigned deferred = 0;
  bool asked_for_less = false;  // the site said that it gets too much
};

/// How long until the next attempt, given how this one ended.
struct Patience {
  const RetrySchedule& schedule;
  double chance = 0.5;  // [0, 1)
};

/// After a transaction: `outcomes` are those of the entry's recipients, in their order. `setback` is why recipients
/// that stand as kNotTried were not; kUncertain: they may have the message.
[[nodiscard]] Judged judge_transaction(const state::spool::QueueEntry& entry,
                                       std::span<const smtpclient::RecipientOutcome> outcomes, Setback setback,
                                       std::string_view why, const AttemptPlace& place, Patience patience);

/// No host of the site could be talked to. `reply`: the last one's, if it said something; `permanent`: all of them
/// refuse for good.
[[nodiscard]] Judged judge_unreachable(const state::spool::QueueEntry& entry,
                                       const std::optional<wire::smtp::Reply>& reply, bool permanent,
                                       std::string_view why, const AttemptPlace& place, Patience patience);

/// Its domain takes no mail, by what DNS says.
[[nodiscard]] Judged judge_no_site(const state::spool::QueueEntry& entry, smtpclient::SiteError error, SystemTime now);

/// Its time is over. `last_failure`: what is known of its site beside the last replies.
[[nodiscard]] Judged judge_expired(const state::spool::QueueEntry& entry, std::string_view last_failure,
                                   SystemTime now);

/// It is late: the sender is told once. What is left is the entry without its notice.
[[nodiscard]] Judged judge_late(const state::spool::QueueEntry& entry, std::string_view last_failure, SystemTime now);

/// An attempt of an earlier run, or of another node, has no result: perhaps it was sent. Tried again later.
[[nodiscard]] Judged judge_uncertain(const state::spool::QueueEntry& entry, std::string_view host, SystemTime attempted,
                                     SystemTime now, Patience patience);

/// When the entry is given up, and when its sender hears that it is late: its own times and RFC 2852's.
[[nodiscard]] SystemTime expiry_of(const state::spool::QueueEntry& entry);
[[nodiscard]] std::optional<SystemTime> notice_of(const state::spool::QueueEntry& entry);

}  // namespace veredus::work::queue
