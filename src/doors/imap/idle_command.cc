#include "doors/imap/idle_command.h"

#include <utility>
#include <vector>

#include "doors/imap/input.h"
#include "doors/imap/notify_command.h"
#include "doors/imap/own_account.h"
#include "doors/imap/updates.h"
#include "doors/imap/waiting.h"
#include "state/mailbox/mailboxes.h"
#include "wire/imap/reply.h"

namespace veredus::doors::imap {

using state::mailbox::ChangeWatch;
using state::mailbox::Watched;

namespace {

constexpr std::size_t kDoneOctets = 1024;

/// Without NOTIFY, which has a watch of its own. Who watches a mailbox hears of its account's end as well.
ChangeWatch watch_for(const Talk& talk) {
  const auto own = talk.session.account();
  const auto& selected = talk.session.selected;
  std::vector<Watched> watched;
  if (selected) watched.push_back({selected->account(), selected->mailbox()});
  if (!selected || selected->account() != own) watched.push_back({own, state::mailbox::kWholeAccount});
  return talk.services.mailboxes.watch(watched);
}

/// What is told of the selected mailbox.
Updates updates_for(const Session& session) {
  if (!session.used_notify) return Updates::kAll;
  const auto& notification = session.notification;
  const bool asked = notification && notification->selected_mode() != Notification::SelectedMode::kUnasked;
  return asked ? Updates::kAll : Updates::kNone;  // RFC 5465 s4: exactly what NOTIFY asked for
}

/// What the client sent instead of waiting on.
Outcome ended_by(const Input::Octets& line, Updates updates) {
  if (!line && line.error() != io::net::IoError::kLineTooLong) return ended(line.error());
  const bool done = line && wire::imap::is_done(*line);
  auto outcome = done ? ok("Done waiting") : bad("Expected DONE");
  outcome.updates = updates;
  return outcome;
}

}  // namespace

asio::awaitable<Outcome> idle(Talk* talk, wire::imap::Idle /*command*/) {
  auto watch = watch_for(*talk);  // before the first look: nothing falls in between
  // First of all, for programs that take any other reply for a refusal.
  wire::imap::append_continuation(talk->out.buffer(), "idling");
  while (true) {
    if (const auto why = why_account_went(*talk); !why.empty()) co_return goodbye(why);
    const auto told = co_await tell_updates(talk, updates_for(talk->session));
    if (told != Telling::kWell) co_return over_by(told, talk->session);
    if (talk->session.notification && !co_await tell_notifications(talk)) co_return gone();
    const bool sent = co_await talk->out.flush();
    if (!sent) co_return gone();
    auto* notified = talk->session.notification ? talk->session.notification->watch() : nullptr;
    auto* watched = notified != nullptr ? notified : &watch;
    const auto waited = co_await line_or_change(talk, watched, kDoneOctets, talk->timeouts.sign_of_life);
    if (!waited) continue;
    const auto& line = *waited;
    if (line || line.error() != io::net::IoError::kTimeout) co_return ended_by(line, updates_for(talk->session));
    wire::imap::append_untagged(talk->out.buffer(), wire::imap::Condition::kOk, "", "Still here");
  }
}

}  // namespace veredus::doors::imap
