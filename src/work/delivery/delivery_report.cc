#include "work/delivery/delivery_report.h"

#include <utility>

#include "base/crypto/digest.h"
#include "base/crypto/random.h"
#include "base/types/bytes.h"
#include "rules/dsn/report.h"

namespace veredus::work::delivery {

using state::spool::SpooledMessage;
using state::spool::SpooledTarget;

namespace {

constexpr std::size_t kSeedOctets = 16;

/// Of the message's age, and told from it and from the other reports on it.
QueueId report_id(const SpooledMessage& message, const SpooledTarget& target) {
  std::string named(message.id.key());
  put_be(named, target.account.value);
  named += target.delivered_to;
  const auto digest = base::crypto::sha256(named);
  ByteReader reader(digest);
  auto origin = reader.take_be<std::uint16_t>().value_or(0);
  auto id = QueueId::make(message.id.stamp(), origin);
  if (id == message.id) id = QueueId::make(message.id.stamp(), ++origin);
  return id;
}

}  // namespace

bool wants_report(const SpooledMessage& message, const SpooledTarget& target, Reported about) {
  if (!message.sender || (target.notify && target.notify->never)) return false;
  if (about != Reported::kRemoved) return target.notify && target.notify->success;
  const bool by_list =
      target.passage != 0 && target.passage <= message.passages.size() && message.passages[target.passage - 1].is_list;
  return !by_list && (!target.notify || target.notify->failure);
}

OwnMessage delivery_report(const SpooledMessage& message, const SpooledTarget& target, Reported about,
                           std::string header, std::string hostname, SystemTime now) {
  OwnMessage own;
  own.id = report_id(message, target);
  own.origin = "delivery report";
  rules::dsn::Report report;
  report.from = "postmaster@" + hostname;
  report.to = message.sender.value_or("");
  report.envelope_id = message.mail.envelope_id;
  report.arrived = message.received_at;
  rules::dsn::ReportedRecipient recipient;
  recipient.address = target.delivered_to;
  recipient.original = target.original;
  if (about != Reported::kRemoved) {
    const bool expanded = about == Reported::kExpanded;
    recipient.action = expanded ? rules::dsn::Action::kExpanded : rules::dsn::Action::kDelivered;
    recipient.status = {.klass = 2, .subject = 0, .detail = 0};
  } else {
    recipient.action = rules::dsn::Action::kFailed;
    recipient.status = {.klass = 5, .subject = 1, .detail = 1};
    recipient.explanation = "the mailbox was removed after your message had been accepted";
  }
  report.recipients.push_back(std::move(recipient));
  report.original = std::move(header);
  report.original_kind = wire::smtp::DsnReturn::kHeaders;
  report.smtputf8 = message.mail.smtputf8;
  report.date = now;
  report.message_id = to_string(*own.id) + "@" + hostname;
  report.boundary_seed = base::crypto::random_octets(kSeedOctets);
  report.reporting_mta = std::move(hostname);
  own.smtputf8 = rules::dsn::needs_smtputf8(report);
  own.require_tls = message.mail.requiretls;  // RFC 8689 s5
  own.octets = rules::dsn::build_report(report);
  if (auto sender = wire::smtp::parse_mailbox(report.to)) own.recipients.push_back(*std::move(sender));
  return own;
}

}  // namespace veredus::work::delivery
