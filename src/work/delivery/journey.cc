#include "work/delivery/journey.h"

#include <utility>

#include "state/journal/journal.h"

namespace veredus::work::delivery {

using base::observe::JournalEvent;
using state::journal::kMessageIdDetail;
using state::journal::kRecipientDetail;
using state::journal::kSenderDetail;

namespace {

JournalEvent event_of(SystemTime at, std::string message_id, std::string_view kind) {
  JournalEvent event;
  event.at = at;
  event.message_id = std::move(message_id);
  event.kind = kind;
  return event;
}

void put_envelope(JournalEvent& event, const Envelope& envelope) {
  event.details.emplace_back(kSenderDetail, envelope.sender ? wire::smtp::to_string(*envelope.sender) : "<>");
  for (const auto& recipient : envelope.recipients)
    event.details.emplace_back(kRecipientDetail, wire::smtp::to_string(recipient.address));
}

}  // namespace

JournalEvent received_event(SystemTime at, const QueueId& id, Envelope envelope, std::uint64_t octets,
                            std::string message_id) {
  JournalEvent event = event_of(at, to_string(id), "received");
  auto& details = event.details;
  details.reserve(envelope.recipients.size() + envelope.circumstances.size() + 4);
  put_envelope(event, envelope);
  if (!message_id.empty()) details.emplace_back(kMessageIdDetail, std::move(message_id));
  details.emplace_back("octets", std::to_string(octets));
  if (envelope.submitter) details.emplace_back("submitter", std::to_string(envelope.submitter->value));
  for (auto& circumstance : envelope.circumstances) details.push_back(std::move(circumstance));
  return event;
}

JournalEvent delivered_event(SystemTime at, const QueueId& id, const state::spool::SpooledTarget& target, EmailId email,
                             Folder folder) {
  JournalEvent event = event_of(at, to_string(id), "delivered");
  event.details.emplace_back("account", std::to_string(target.account.value));
  event.details.emplace_back(kRecipientDetail, target.delivered_to);
  event.details.emplace_back("email", std::to_string(email.value));
  if (folder == Folder::kJunk) event.details.emplace_back("mailbox", "Junk");
  return event;
}

JournalEvent failed_event(SystemTime at, const QueueId& id, const Envelope& envelope, std::string_view reason) {
  JournalEvent event = event_of(at, to_string(id), "failed");
  put_envelope(event, envelope);
  event.details.emplace_back("reason", reason);
  event.details.insert(event.details.end(), envelope.circumstances.begin(), envelope.circumstances.end());
  return event;
}

JournalEvent undeliverable_event(SystemTime at, const QueueId& id, const state::spool::SpooledTarget& target,
                                 std::string_view reason) {
  JournalEvent event = event_of(at, to_string(id), "undeliverable");
  event.details.emplace_back("account", std::to_string(target.account.value));
  event.details.emplace_back(kRecipientDetail, target.delivered_to);
  event.details.emplace_back("reason", reason);
  return event;
}

JournalEvent refused_event(SystemTime at, std::string sender, const wire::smtp::Address& recipient,
                           std::string_view reason) {
  JournalEvent event = event_of(at, {}, "refused");
  event.details.emplace_back(kSenderDetail, std::move(sender));
  event.details.emplace_back(kRecipientDetail, wire::smtp::to_string(recipient));
  event.details.emplace_back("reason", reason);
  return event;
}

}  // namespace veredus::work::delivery
