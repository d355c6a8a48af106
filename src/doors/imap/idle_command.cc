#include "doors/imap/idle_command.h"

#include <utility>

#include "doors/imap/input.h"
#include "doors/imap/notify_command.h"
#include "doors/imap/own_account.h"
#include "doors/imap/updates.h"
#include "doors/imap/waiting.h"
#include "state/mailbox/mailboxes.h"
#include "wire/imap/reply.h"

namespace veredus::doors::imap {

using state::mailbox::ChangeWatch;

namespace {

constexpr std::size_t kDoneOctets = 1024;

/// Without NOTIFY, which has a watch of its own.
ChangeWatch watch_for(Talk* talk) {
  auto& mailboxes = talk->services.mailboxes;
  const auto& session = talk->session;
  if (session.selected) return mailboxes.watch(session.selected->account(), session.selected->mailbox());
  return mailboxes.watch(session.account(), MailboxId());  // no mailbox: nothing ever changes in it
}

/// What is told of the selected mailbox.
Updates updates_for(const Session& session) {
  if (!session.used_notify) return Updates::kAll;
  const auto& notification = session.notification;
  const bool asked = notification && notification->selected_mode() != Notification::SelectedMode::kUnasked;
  return asked ? Updates::kAll : Updates::kNone;  // RFC 5465 s4: exactly what NOTIFY asked for
}

/// What the client sent instead of waiting on.
Outcome ended(const Input::Octets& line, Updates updates) {
  if (!line && line.error() != io::net::IoError::kLineTooLong) return gone();
  const bool done = line && wire::imap::is_done(*line);
  auto outcome = done ? ok("Done waiting") : bad("Expected DONE");
  outcome.updates = updates;
  return outcome;
}

}  // namespace

asio::awaitable<Outcome> idle(Talk* talk, wire::imap::Idle /*command*/) {
  auto watch = watch_for(talk);  // before the first look: nothing falls in between
  // First of all, for programs that take any other reply for a refusal.
  wire::imap::append_continuation(talk->out.buffer(), "idling");
  while (true) {
    bool told = co_await tell_updates(talk, updates_for(talk->session));
    if (told && talk->session.notification) told = co_await tell_notifications(talk);
    if (!told) {
      co_await talk->out.flush();
      co_return gone();
    }
    const bool sent = co_await talk->out.flush();
    if (!sent) co_return gone();
    auto* notified = talk->session.notification ? talk->session.notification->watch() : nullptr;
    auto* watched = notified != nullptr ? notified : &watch;
    const auto waited = co_await line_or_change(talk, watched, kDoneOctets, talk->timeouts.sign_of_life);
    if (account_is_gone(*talk)) co_return gone();
    if (!waited) continue;
    const auto& line = *waited;
    if (line || line.error() != io::net::IoError::kTimeout) {
      if (!line && line.error() == io::net::IoError::kStopping) {
        wire::imap::append_untagged(talk->out.buffer(), wire::imap::Condition::kBye, "UNAVAILABLE",
                                    "The server is stopping");
        co_await talk->out.flush();
      }
      co_return ended(line, updates_for(talk->session));
    }
    wire::imap::append_untagged(talk->out.buffer(), wire::imap::Condition::kOk, "", "Still here");
  }
}

}  // namespace veredus::doors::imap
