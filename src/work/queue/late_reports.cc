#include "work/queue/late_reports.h"

#include <algorithm>
#include <utility>

#include "base/codec/ascii.h"
#include "rules/verp/verp.h"
#include "state/directory/address_form.h"
#include "state/directory/directory.h"
#include "state/directory/snapshot.h"
#include "state/journal/journal.h"
#include "work/queue/impl.h"

namespace veredus::work::queue {

using delivery::CameBack;
using rules::bounce::BouncedRecipient;
using rules::bounce::Category;
using state::directory::MailList;
using state::directory::NewTrouble;
using wire::smtp::Address;

namespace {

constexpr std::size_t kMostWaiting = 1'000;
constexpr std::size_t kJourneyEvents = 10'000;  // of one message: a list's post has one for each member at least

/// The step of the journey it is.
std::string_view kind_of(const BouncedRecipient& what) {
  if (what.reason == Category::kFeedback) return "complaint";
  if (what.reason == Category::kVacation) return "auto_reply";
  if (what.reason == Category::kDelivered) return "confirmed";
  return what.action == "delayed" ? "delayed_later" : "bounced_later";
}

/// The list whose bounces come to this path; nullptr: it is no such path.
const MailList* list_behind(const state::directory::Snapshot& snapshot, const Address& path) {
  using state::directory::kBouncesSuffix;
  std::string_view local = path.local_part;
  if (local.size() <= kBouncesSuffix.size() ||
      !base::codec::iequals_ascii(local.substr(local.size() - kBouncesSuffix.size()), kBouncesSuffix))
    return nullptr;
  local.remove_suffix(kBouncesSuffix.size());
  const auto* domain = state::directory::find_domain(snapshot, path.domain);
  return domain == nullptr ? nullptr : state::directory::find_mail_list(snapshot, local, *domain);
}

std::string_view detail_of(const base::observe::JournalEvent& event, std::string_view name) {
  for (const auto& [key, value] : event.details)
    if (key == name) return value;
  return {};
}

}  // namespace

std::optional<Address> Queue::Impl::return_path_of(const QueueEntry& entry) const {
  if (!options.own_return_paths || !has_own_return_path(entry)) return std::nullopt;
  const auto sender = wire::smtp::parse_mailbox(*entry.sender);
  if (!sender) return std::nullopt;
  const auto snapshot = parts.directory.snapshot();
  const bool ours = entry.traffic == state::spool::TrafficClass::kBulk
                        ? state::directory::find_domain(*snapshot, sender->domain) != nullptr
                        : list_behind(*snapshot, *sender) != nullptr;
  std::vector<std::string> secrets;
  if (ours)
    for (const auto& secret : snapshot->routing().srs_secrets()) secrets.push_back(secret.octets);
  if (secrets.empty()) return std::nullopt;
  rules::verp::Envelope envelope;
  envelope.queue_id = entry.id.message().octets;
  envelope.recipient = rules::verp::recipient_number(entry.recipients.front().address);
  return rules::verp::return_path(envelope, *sender, secrets);
}

bool Queue::Impl::has_own_return_path(const QueueEntry& entry) {
  if (entry.recipients.size() != 1 || !entry.sender) return false;
  if (entry.traffic == state::spool::TrafficClass::kBulk) return true;
  const std::string_view sender = *entry.sender;
  return sender.substr(0, sender.rfind('@')).ends_with(state::directory::kBouncesSuffix);
}

void LateReports::post(CameBack mail) {
  bool begin = false;
  {
    const std::scoped_lock lock(mutex_);
    if (waiting_.size() >= kMostWaiting) {
      queue_.counters.late_dropped.add();
      return;
    }
    waiting_.push_back(std::move(mail));
    begin = !std::exchange(working_, true);
  }
  if (begin) queue_.house.spawn(work());
}

std::optional<CameBack> LateReports::next() {
  const std::scoped_lock lock(mutex_);
  if (waiting_.empty()) {
    working_ = false;
    return std::nullopt;
  }
  CameBack mail = std::move(waiting_.front());
  waiting_.pop_front();
  return mail;
}

asio::awaitable<void> LateReports::work() {
  const auto keep_alive = queue_.shared_from_this();
  for (auto mail = next(); mail; mail = next()) co_await look_at(*std::move(mail));
}

asio::awaitable<void> LateReports::look_at(CameBack mail) {
  const auto report = rules::bounce::recognize(mail.octets);
  if (report.recipients.empty()) co_return;  // somebody has written to the address: it is in the mailbox it leads to
  // The path was made for one recipient: what the report says first is about that one, whatever it calls it.
  const BouncedRecipient& what = report.recipients.front();
  const auto kind = kind_of(what);
  std::string recipient = co_await recipient_of(mail.about);
  if (recipient.empty()) recipient = what.original_recipient.empty() ? what.recipient : what.original_recipient;
  journal(mail, what, kind, std::move(recipient));
  const bool complaint = kind == "complaint";
  const bool bounce = kind == "bounced_later";
  (complaint ? queue_.counters.complaints : bounce ? queue_.counters.late_bounces : queue_.counters.late_others).add();
  if (!complaint && !bounce) co_return;
  const auto trouble = complaint   ? NewTrouble::Kind::kComplaint
                       : what.hard ? NewTrouble::Kind::kHard
                                   : NewTrouble::Kind::kSoft;
  std::string reason = what.diagnostic.empty() ? std::string(rules::bounce::to_string(what.reason)) : what.diagnostic;
  auto noted = counted(mail.about.path, mail.about.recipient, trouble, std::move(reason));
  if (noted) co_await count(*std::move(noted));
}

/// As the journal knows it; empty: it has forgotten.
asio::awaitable<std::string> LateReports::recipient_of(delivery::ReturnedTo about) {
  if (queue_.parts.journeys == nullptr) co_return std::string();
  state::journal::Query query;
  query.value = to_string(about.message);
  query.limit = kJourneyEvents;
  const auto events = co_await queue_.parts.journeys->find(std::move(query));
  if (!events) co_return std::string();
  for (const auto& event : *events)
    for (const auto& [name, value] : event.details)
      if (name == state::journal::kRecipientDetail && rules::verp::recipient_number(value) == about.recipient)
        co_return value;
  co_return std::string();
}

void LateReports::journal(const CameBack& mail, const BouncedRecipient& what, std::string_view kind,
                          std::string recipient) {
  base::observe::JournalEvent event;
  event.at = queue_.parts.clock.now();
  event.message_id = to_string(mail.about.message);
  event.kind = kind;
  auto& details = event.details;
  if (!recipient.empty()) details.emplace_back(state::journal::kRecipientDetail, std::move(recipient));
  details.emplace_back("report", to_string(mail.id));
  const std::pair<std::string_view, std::string_view> rest[] = {
      {"status", what.status},          {"reply", what.reply},
      {"reason", what.diagnostic},      {"mx", what.remote_mta},
      {"feedback", what.feedback_type}, {"category", rules::bounce::to_string(what.reason)}};
  for (const auto& [name, value] : rest)
    if (!value.empty()) details.emplace_back(name, value);
  if (kind == "bounced_later") details.emplace_back("bounce", what.hard ? "hard" : "soft");
  queue_.parts.log.info("queue.late_report", {{"queue_id", event.message_id},
                                              {"kind", kind},
                                              {"to", detail_of(event, state::journal::kRecipientDetail)},
                                              {"status", what.status}});
  queue_.parts.journal.record(std::move(event));
}

/// nullopt: no list's path, or the recipient is no member by that address: one that an alias or a list within leads to.
std::optional<LateReports::Counted> LateReports::counted(const Address& path, std::uint32_t recipient,
                                                         NewTrouble::Kind kind, std::string reason) const {
  const auto snapshot = queue_.parts.directory.snapshot();
  const auto* list = list_behind(*snapshot, path);
  if (list == nullptr) return std::nullopt;
  const auto member = std::ranges::find(list->members, recipient,
                                        [](const auto& address) { return rules::verp::recipient_number(address); });
  if (member == list->members.end()) return std::nullopt;
  const auto& limits = queue_.options.lists;
  NewTrouble trouble{.member = *member, .kind = kind, .reason = std::move(reason)};
  trouble.suspend_after = limits.suspend_after;
  trouble.suspend_on_complaint = limits.suspend_on_complaint;
  trouble.forget_after = limits.forget_after;
  return Counted{.list = list->address, .trouble = std::move(trouble)};
}

asio::awaitable<void> LateReports::count(Counted what) {
  const auto keep_alive = queue_.shared_from_this();
  const std::string member = what.trouble.member;
  const auto suspended = [&](const MailList& list) {
    const auto* trouble = trouble_of(list, member);
    return trouble != nullptr && trouble->suspended;
  };
  const auto snapshot = queue_.parts.directory.snapshot();
  const auto* before = snapshot->mail_list(what.list);
  const bool was_suspended = before != nullptr && suspended(*before);
  auto noted = co_await queue_.parts.directory.note_trouble(what.list, std::move(what.trouble));
  if (!noted || was_suspended || !suspended(*noted)) co_return;
  queue_.counters.members_suspended.add();
  queue_.parts.log.warning("queue.member_suspended", {{"list", what.list}, {"member", member}});
}

void LateReports::count_refusals(const QueueEntry& entry, const Judged& judged) {
  if (judged.refused == 0 || !entry.sender) return;
  const auto path = wire::smtp::parse_mailbox(*entry.sender);
  if (!path) return;
  for (const auto& event : judged.events) {
    const auto bounce = detail_of(event, "bounce");
    if (event.kind != "bounced" || bounce.empty()) continue;
    const auto kind = bounce == "hard" ? NewTrouble::Kind::kHard : NewTrouble::Kind::kSoft;
    for (const auto& [name, value] : event.details) {
      if (name != state::journal::kRecipientDetail) continue;
      auto noted = counted(*path, rules::verp::recipient_number(value), kind, std::string(detail_of(event, "reply")));
      if (noted) queue_.house.spawn(count(*std::move(noted)));
    }
  }
}

}  // namespace veredus::work::queue
