#include "work/queue/attempt.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "rules/bounce/classify.h"
#include "state/journal/journal.h"

namespace veredus::work::queue {

using base::observe::JournalEvent;
using rules::dsn::Action;
using rules::dsn::ReportedRecipient;
using smtpclient::RecipientOutcome;
using state::spool::QueuedRecipient;
using state::spool::QueueEntry;
using wire::smtp::EnhancedStatus;
using wire::smtp::Reply;

namespace {

constexpr EnhancedStatus kDeliveryTimeExpired{4, 4, 7};  // RFC 3463 s3.5
constexpr EnhancedStatus kDeliverByExpired{5, 4, 7};     // RFC 2852 s4.1.4

/// RFC 3461 s4.1: without NOTIFY a failure and a delay are told, a success is not.
bool wants(const QueuedRecipient& recipient, Action action) {
  if (!recipient.notify) return action == Action::kFailed || action == Action::kDelayed;
  if (recipient.notify->never) return false;
  if (action == Action::kFailed) return recipient.notify->failure;
  if (action == Action::kDelayed) return recipient.notify->delay;
  return recipient.notify->success;
}

/// "450 4.2.1 text", lines joined by a space.
std::string one_line(const Reply& reply) {
  std::string text = std::to_string(reply.code);
  if (reply.status.klass != 0) text += " " + wire::smtp::to_string(reply.status);
  if (!reply.text.empty()) text += " " + reply.text;
  std::ranges::replace(text, '\n', ' ');
  return text;
}

/// What one_line made; nullopt: the text is our own.
std::optional<Reply> reply_of(const std::string& text) {
  wire::smtp::ReplyReader reader;
  auto reply = reader.feed(text);
  if (!reply || !*reply || (*reply)->code < 400) return std::nullopt;
  return std::move(**reply);
}

JournalEvent event_for(const QueueEntry& entry, std::string_view kind, SystemTime at) {
  JournalEvent event;
  event.at = at;
  event.message_id = to_string(entry.id.message());
  event.kind = kind;
  event.details.reserve(entry.recipients.size() + 13);
  event.details.emplace_back(state::journal::kSenderDetail, entry.sender ? *entry.sender : "<>");
  return event;
}

void put_place(JournalEvent& event, const QueueEntry& entry, const AttemptPlace& place) {
  auto& details = event.details;
  details.emplace_back("domain", entry.domain);
  if (!place.mx.empty()) details.emplace_back("mx", place.mx);
  if (!place.address.empty()) details.emplace_back("address", place.address);
  if (!place.source.empty()) details.emplace_back("source", place.source);
  if (!place.tls.empty()) details.emplace_back("tls", place.tls);
  if (!place.tls_policy.empty()) details.emplace_back("tls_policy", place.tls_policy);
  if (!place.tls_failure.empty()) details.emplace_back("tls_failure", place.tls_failure);
  details.emplace_back("attempt", std::to_string(entry.attempts + 1));
  details.emplace_back("took_ms", std::to_string((place.ended - place.began).count()));
}

void put_classification(JournalEvent& event, const rules::bounce::Classification& what) {
  event.details.emplace_back("category", rules::bounce::to_string(what.category));
  event.details.emplace_back("bounce", what.hard ? "hard" : "soft");
  if (!what.provider.empty()) event.details.emplace_back("provider", what.provider);
}

ReportedRecipient reported(const QueuedRecipient& recipient, Action action) {
  ReportedRecipient told;
  told.address = recipient.address;
  told.original = recipient.original;
  told.action = action;
  return told;
}

/// The same, with what was said of it last.
ReportedRecipient reported_with_last(const QueuedRecipient& recipient, Action action, std::string_view last_failure) {
  ReportedRecipient told = reported(recipient, action);
  if (auto reply = reply_of(recipient.last_reply))
    told.reply = std::move(*reply);
  else if (!recipient.last_reply.empty())
    told.explanation = recipient.last_reply;
  else
    told.explanation = last_failure;
  return told;
}

bool is_rate(rules::bounce::Category category) {
  return category == rules::bounce::Category::kSpeeding || category == rules::bounce::Category::kTooManyConnections;
}

/// Puts what became of one recipient where it belongs. One event tells of all recipients that fared alike.
class TransactionJudge {
 public:
  TransactionJudge(const QueueEntry& entry, const AttemptPlace& place) : entry_(entry), place_(place) {}

  void delivered(const QueuedRecipient& recipient, const RecipientOutcome& outcome) {
    ++judged_.delivered;
    add_event("sent", recipient, outcome.reply);
    // RFC 3461 s5.2.2: who speaks DSN tells of the success himself; for others "relayed" is all that is known.
    if (!wants(recipient, Action::kRelayed) || outcome.peer_speaks_dsn) return;
    ReportedRecipient told = reported(recipient, place_.is_final ? Action::kDelivered : Action::kRelayed);
    told.reply = outcome.reply;
    add_report(std::move(told));
  }

  void refused(const QueuedRecipient& recipient, const RecipientOutcome& outcome) {
    ++judged_.refused;
    classify(add_event("bounced", recipient, outcome.reply), outcome.reply, recipient);
    if (!wants(recipient, Action::kFailed)) return;
    ReportedRecipient told = reported(recipient, Action::kFailed);
    if (outcome.said_by.empty()) {  // decided here
      told.status = outcome.reply.status;
      told.explanation = outcome.reply.text;
    } else {
      told.reply = outcome.reply;
    }
    add_report(std::move(told));
  }

  void deferred(QueuedRecipient recipient, const Reply& reply, std::string_view why) {
    ++judged_.deferred;
    JournalEvent& event = add_event("deferred", recipient, reply, why);
    if (reply.code != 0) classify(event, reply, recipient);
    if (reply.code == 421) judged_.asked_for_less = true;  // RFC 5321 s3.8
    recipient.last_reply = reply.code != 0 ? one_line(reply) : std::string(why);
    recipient.attempts = static_cast<std::uint16_t>(std::min(recipient.attempts + 1, 0xFFFF));
    left_.push_back(std::move(recipient));
  }

  void uncertain(QueuedRecipient recipient, std::string_view why) {
    ++judged_.deferred;
    add_event("uncertain", recipient, Reply{}, why);
    recipient.last_reply = why;
    recipient.attempts = static_cast<std::uint16_t>(std::min(recipient.attempts + 1, 0xFFFF));
    left_.push_back(std::move(recipient));
  }

  Judged finish(Setback setback, Patience patience) && {
    if (left_.empty()) return std::move(judged_);
    QueueEntry left = entry_;
    left.recipients = std::move(left_);
    ++left.attempts;
    if (setback == Setback::kUncertain) ++left.uncertain;
    left.due_at = place_.ended + patience.schedule.wait(setback, left.attempts, patience.chance);
    judged_.left = std::move(left);
    return std::move(judged_);
  }

 private:
  JournalEvent& add_event(std::string_view kind, const QueuedRecipient& recipient, const Reply& reply,
                          std::string_view why = {}) {
    std::string text = reply.code != 0 ? one_line(reply) : std::string(why);
    for (std::size_t i = 0; i < judged_.events.size(); ++i) {
      if (judged_.events[i].kind != kind || texts_[i] != text) continue;
      judged_.events[i].details.emplace_back(state::journal::kRecipientDetail, recipient.address);
      fresh_ = false;
      return judged_.events[i];
    }
    JournalEvent event = event_for(entry_, kind, place_.ended);
    event.details.emplace_back(state::journal::kRecipientDetail, recipient.address);
    put_place(event, entry_, place_);
    event.details.emplace_back(reply.code != 0 ? "reply" : "reason", text);
    texts_.push_back(std::move(text));
    fresh_ = true;
    return judged_.events.emplace_back(std::move(event));
  }

  void classify(JournalEvent& event, const Reply& reply, const QueuedRecipient& recipient) {
    const auto what =
        rules::bounce::classify_reply(reply, {.remote_mta = place_.mx, .recipient = recipient.address, .command = {}});
    if (is_rate(what.category)) judged_.asked_for_less = true;
    if (fresh_) put_classification(event, what);
  }

  void add_report(ReportedRecipient told) {
    told.remote_mta = place_.mx;
    told.last_attempt = place_.ended;
    judged_.reported.push_back(std::move(told));
  }

  const QueueEntry& entry_;
  const AttemptPlace& place_;
  Judged judged_;
  std::vector<QueuedRecipient> left_;
  std::vector<std::string> texts_;  // of the events
  bool fresh_ = false;              // the event was just made
};

/// Everybody the entry still has is given up.
Judged fail_all(const QueueEntry& entry, JournalEvent event, EnhancedStatus status, std::string_view explanation,
                std::string_view last_failure, SystemTime now) {
  Judged judged;
  judged.refused = static_cast<unsigned>(entry.recipients.size());
  for (const auto& recipient : entry.recipients) {
    event.details.emplace_back(state::journal::kRecipientDetail, recipient.address);
    if (!wants(recipient, Action::kFailed)) continue;
    ReportedRecipient told = reported_with_last(recipient, Action::kFailed, last_failure);
    told.status = status;
    if (!explanation.empty()) told.explanation = explanation;
    if (recipient.attempts > 0) told.last_attempt = now;
    judged.reported.push_back(std::move(told));
  }
  judged.events.push_back(std::move(event));
  return judged;
}

bool is_by_deadline(const QueueEntry& entry) {
  const auto& by = entry.mail.deliver_by;
  return by && by->mode == wire::smtp::ByMode::kReturn && by->at <= entry.expires_at;
}

}  // namespace

AttemptPlace place_of(const smtpclient::PeerDetails& details, std::string source) {
  AttemptPlace place;
  place.mx = details.host_name;
  place.address = details.address.to_string();
  place.source = std::move(source);
  if (details.tls) place.tls = details.tls->version + " " + details.tls->cipher;
  place.tls_policy = details.tls_policy;
  place.tls_failure = details.tls_failure;
  return place;
}

SystemTime expiry_of(const QueueEntry& entry) {
  return is_by_deadline(entry) ? entry.mail.deliver_by->at : entry.expires_at;
}

std::optional<SystemTime> notice_of(const QueueEntry& entry) {
  auto notice = entry.delay_notice_at;
  const auto& by = entry.mail.deliver_by;
  // RFC 2852 s4.1.4.1: by-mode N: told when the time is over, and tried on. The notice of a normal delay comes first.
  if (notice && by && by->mode == wire::smtp::ByMode::kNotify) notice = std::min(*notice, by->at);
  return notice;
}

Judged judge_transaction(const QueueEntry& entry, std::span<const RecipientOutcome> outcomes, Setback setback,
                         std::string_view why, const AttemptPlace& place, Patience patience) {
  TransactionJudge judge(entry, place);
  bool replied = false;
  bool not_tried = false;
  for (std::size_t i = 0; i < entry.recipients.size(); ++i) {
    const auto& recipient = entry.recipients[i];
    const RecipientOutcome untried;
    const RecipientOutcome& outcome = i < outcomes.size() ? outcomes[i] : untried;
    switch (outcome.kind) {
      case RecipientOutcome::Kind::kDelivered:
        judge.delivered(recipient, outcome);
        break;
      case RecipientOutcome::Kind::kRefused:
        judge.refused(recipient, outcome);
        break;
      case RecipientOutcome::Kind::kDeferred:
        replied = true;
        judge.deferred(recipient, outcome.reply, why);
        break;
      case RecipientOutcome::Kind::kNotTried:
        not_tried = true;
        if (setback == Setback::kUncertain)
          judge.uncertain(recipient, why);
        else
          judge.deferred(recipient, outcome.reply, why);
    }
  }
  if (replied && (!not_tried || setback != Setback::kUncertain)) setback = Setback::kReply;
  return std::move(judge).finish(setback, patience);
}

Judged judge_unreachable(const QueueEntry& entry, const std::optional<Reply>& reply, bool permanent,
                         std::string_view why, const AttemptPlace& place, Patience patience) {
  TransactionJudge judge(entry, place);
  RecipientOutcome outcome;
  if (reply) outcome.reply = *reply;
  outcome.said_by = place.mx;
  for (const auto& recipient : entry.recipients) {
    if (permanent && reply)
      judge.refused(recipient, outcome);
    else
      judge.deferred(recipient, outcome.reply, why);
  }
  return std::move(judge).finish(Setback::kConnect, patience);
}

Judged judge_no_site(const QueueEntry& entry, smtpclient::SiteError error, SystemTime now) {
  JournalEvent event = event_for(entry, "bounced", now);
  event.details.emplace_back("domain", entry.domain);
  event.details.emplace_back("reason", smtpclient::to_string(error));
  const Reply as_reply{.code = 550, .status = smtpclient::status_of(error), .text = std::string(to_string(error))};
  put_classification(event, rules::bounce::classify_reply(as_reply));
  return fail_all(entry, std::move(event), smtpclient::status_of(error), smtpclient::to_string(error), {}, now);
}

Judged judge_expired(const QueueEntry& entry, std::string_view last_failure, SystemTime now) {
  JournalEvent event = event_for(entry, "expired", now);
  event.details.emplace_back("domain", entry.domain);
  event.details.emplace_back("attempts", std::to_string(entry.attempts));
  const std::string& last = entry.recipients.empty() ? std::string() : entry.recipients.front().last_reply;
  if (!last.empty() || !last_failure.empty()) event.details.emplace_back("reason", last.empty() ? last_failure : last);
  event.details.emplace_back("category", rules::bounce::to_string(rules::bounce::Category::kExpired));
  return fail_all(entry, std::move(event), is_by_deadline(entry) ? kDeliverByExpired : kDeliveryTimeExpired, {},
                  last_failure, now);
}

Judged judge_late(const QueueEntry& entry, std::string_view last_failure, SystemTime now) {
  Judged judged;
  for (const auto& recipient : entry.recipients) {
    if (!wants(recipient, Action::kDelayed)) continue;
    ReportedRecipient told = reported_with_last(recipient, Action::kDelayed, last_failure);
    if (!told.reply) told.status = {4, 4, 7};
    told.will_retry_until = expiry_of(entry);
    judged.reported.push_back(std::move(told));
  }
  judged.left = entry;
  judged.left->delay_notice_at.reset();
  if (judged.reported.empty()) return judged;
  JournalEvent event = event_for(entry, "delayed", now);
  for (const auto& told : judged.reported) event.details.emplace_back(state::journal::kRecipientDetail, told.address);
  event.details.emplace_back("domain", entry.domain);
  judged.events.push_back(std::move(event));
  return judged;
}

Judged judge_uncertain(const QueueEntry& entry, std::string_view host, SystemTime attempted, SystemTime now,
                       Patience patience) {
  AttemptPlace place;
  place.began = attempted;
  place.ended = now;
  place.mx = host;
  return judge_transaction(entry, {}, Setback::kUncertain,
                           "the attempt was cut off before its result was known; the message may have been delivered",
                           place, patience);
}

}  // namespace veredus::work::queue
