#include "work/delivery/queue_entries.h"

#include <algorithm>
#include <map>
#include <optional>
#include <tuple>
#include <utility>

#include "base/codec/ascii.h"
#include "base/crypto/digest.h"
#include "base/types/bytes.h"
#include "io/engine/limits.h"

namespace veredus::work::delivery {

using state::spool::QueuedRecipient;
using state::spool::QueueEntry;
using state::spool::Shard;
using state::spool::SpooledMessage;
using state::spool::SpooledPassage;
using state::spool::SpooledRemote;
using state::spool::SpooledTarget;

namespace {

std::string_view domain_of(std::string_view address) {
  const auto at = address.rfind('@');
  return at == std::string_view::npos ? std::string_view() : address.substr(at + 1);
}

/// Who shares a place in a lane: the account, else the sender's domain.
std::uint64_t sender_key(const Envelope& envelope) {
  if (envelope.submitter) return envelope.submitter->value;
  if (!envelope.sender) return 0;
  const auto digest = base::crypto::sha256(base::codec::to_lower_ascii(envelope.sender->domain));
  return ByteReader(digest).take_be<std::uint64_t>().value_or(0);
}

state::spool::MailParameters mail_parameters(const Envelope& envelope, SystemTime accepted_at) {
  state::spool::MailParameters mail{.envelope_id = envelope.envelope_id,
                                    .dsn_return = envelope.dsn_return,
                                    .body = envelope.body,
                                    .smtputf8 = envelope.smtputf8,
                                    .requiretls = envelope.require_tls,
                                    .unvouched = envelope.unvouched,
                                    .priority = envelope.priority};
  if (envelope.deliver_by) {
    const auto& [seconds, mode, trace] = *envelope.deliver_by;
    mail.deliver_by =
        state::spool::DeliveryDeadline{.at = accepted_at + std::chrono::seconds(seconds), .mode = mode, .trace = trace};
  }
  mail.hold_until = envelope.hold_until;
  return mail;
}

/// Fills a SpooledMessage from an Envelope, recipient by recipient.
class Spooling {
 public:
  explicit Spooling(SpooledMessage& message) : message_(message) {}

  void add(const Recipient& recipient) {
    const auto ending = ending_of(recipient);
    // Who is told of success before the message is anywhere: what comes behind the list or alias is another matter.
    if (recipient.notify && recipient.notify->success && ending != Ending::kOne && ending != Ending::kMailbox)
      note_end(recipient, ending == Ending::kExpanded ? state::spool::kExpandedDetail : "");
    for (const auto& target : recipient.targets) {
      const bool first = &target == &recipient.targets.front();
      add_target(recipient, target, first && (ending == Ending::kOne || ending == Ending::kMailbox));
    }
    for (const auto& remote : recipient.remote) add_remote(recipient, remote, ending);
  }

 private:
  /// Where a recipient ends, as far as its sender is told of success.
  enum class Ending : std::uint8_t {
    kOne,       // in the one place it leads to (RFC 3461 s5.2.7.2)
    kMailbox,   // in its mailbox, whatever is forwarded from there
    kList,      // in the list, whose members are the list's affair (RFC 3461 s5.2.7.1)
    kExpanded,  // in several places (RFC 3461 s5.2.7.3)
  };

  static Ending ending_of(const Recipient& recipient) {
    const auto by_list = [](const auto& target) { return target.passage && target.passage->is_list; };
    if (std::ranges::all_of(recipient.targets, by_list) && std::ranges::all_of(recipient.remote, by_list))
      return Ending::kList;
    if (recipient.targets.size() + recipient.remote.size() == 1) return Ending::kOne;
    return recipient.own_mailbox ? Ending::kMailbox : Ending::kExpanded;
  }

  /// A target without an account: only to be told of.
  void note_end(const Recipient& recipient, std::string_view detail) {
    message_.targets.push_back({.account = AccountId(),
                                .delivered_to = to_string(recipient.address),
                                .detail = std::string(detail),
                                .notify = recipient.notify,
                                .original = recipient.original});
  }

  /// The same wishes but for success, of which somebody else tells.
  static std::optional<wire::smtp::Notify> without_success(std::optional<wire::smtp::Notify> notify) {
    if (!notify || !notify->success) return notify;
    notify->success = false;
    notify->never = !notify->failure && !notify->delay;  // RFC 3461 s4.1: nothing else was asked for
    return notify;
  }

  /// An account that is among the targets already gets one copy, but its sender is told once for each recipient.
  void add_target(const Recipient& recipient, const Target& target, bool reports) {
    const auto is_it = [&](const SpooledTarget& other) { return other.account == target.account; };
    const bool is_there = std::ranges::any_of(message_.targets, is_it);
    if (is_there && reports && recipient.notify && recipient.notify->success) return note_end(recipient, {});
    if (is_there) return;
    SpooledTarget spooled{
        .account = target.account, .delivered_to = to_string(recipient.address), .detail = target.detail};
    spooled.notify = reports ? recipient.notify : without_success(recipient.notify);
    spooled.original = recipient.original;
    spooled.passage = passage_of(target.passage);
    message_.targets.push_back(std::move(spooled));
  }

  void add_remote(const Recipient& recipient, const RemoteTarget& remote, Ending ending) {
    SpooledRemote spooled{.address = to_string(remote.address), .route = remote.route};
    spooled.passage = passage_of(remote.passage);
    const auto is_it = [&](const SpooledRemote& other) {
      return other.address == spooled.address && other.route == spooled.route;
    };
    if (std::ranges::any_of(message_.remotes, is_it)) return;
    const bool by_list = remote.passage && remote.passage->is_list;
    if (!by_list) {  // a list's members are told nothing of its posters' wishes
      spooled.notify = ending == Ending::kOne ? recipient.notify : without_success(recipient.notify);
      spooled.original = recipient.original;
    }
    message_.remotes.push_back(std::move(spooled));
  }

  std::uint32_t passage_of(const std::shared_ptr<const Passage>& passage) {
    if (!passage) return 0;
    const auto at = std::ranges::find(known_, passage.get());
    if (at != known_.end()) return static_cast<std::uint32_t>(at - known_.begin()) + 1;
    known_.push_back(passage.get());
    message_.passages.push_back({.sender = passage->sender, .fields = passage->fields, .is_list = passage->is_list});
    return static_cast<std::uint32_t>(known_.size());
  }

  SpooledMessage& message_;
  std::vector<const Passage*> known_;
};

/// Whether any of these may be told that the message is late (RFC 3461 s4.1: without NOTIFY, a sender is).
bool wants_delay_notice(const QueueEntry& entry) {
  if (!entry.sender) return false;
  return std::ranges::any_of(entry.recipients, [](const QueuedRecipient& recipient) {
    return !recipient.notify || (recipient.notify->delay && !recipient.notify->never);
  });
}

void set_times(QueueEntry& entry, const Lifetimes& lifetimes) {
  const auto& mail = entry.mail;
  entry.due_at = std::max(entry.accepted_at, mail.hold_until.value_or(entry.accepted_at));
  const auto life = !entry.sender                                        ? lifetimes.report
                    : entry.traffic == state::spool::TrafficClass::kBulk ? lifetimes.bulk
                                                                         : lifetimes.transactional;
  entry.expires_at = entry.due_at + life;
  if (wants_delay_notice(entry)) entry.delay_notice_at = entry.due_at + lifetimes.delay_notice;
  if (!mail.deliver_by) return;
  if (mail.deliver_by->mode == wire::smtp::ByMode::kReturn) {  // RFC 2852 s4
    entry.expires_at = std::min(entry.expires_at, mail.deliver_by->at);
  } else if (entry.delay_notice_at) {
    entry.delay_notice_at = std::min(*entry.delay_notice_at, mail.deliver_by->at);
  }
}

/// Posts of lists and bulk mail have a return path for each recipient (rules/verp), so a transaction for each.
bool goes_alone(const SpooledMessage& message, const SpooledRemote& remote) {
  if (message.traffic == state::spool::TrafficClass::kBulk) return true;
  if (remote.passage == 0 || remote.passage > message.passages.size()) return false;
  const SpooledPassage& passage = message.passages[remote.passage - 1];
  return passage.is_list && passage.sender.has_value();
}

/// An entry for one destination, still without recipients.
QueueEntry new_entry(const SpooledMessage& message, const SpooledRemote& remote, std::string_view domain) {
  QueueEntry entry{.domain = std::string(domain),
                   .route = remote.route,
                   .pool = message.pool,
                   .sender = message.sender,
                   .accepted_at = message.received_at,
                   .traffic = message.traffic,
                   .submitter = message.submitter,
                   .sender_key = message.sender_key,
                   .mail = message.mail,
                   .octets = message.octets,
                   .chunks = message.chunks};
  if (remote.passage == 0 || remote.passage > message.passages.size()) {
    entry.trace = message.trace;
    return entry;
  }
  const SpooledPassage& passage = message.passages[remote.passage - 1];
  if (passage.sender) {
    entry.sender = passage.sender;
    entry.mail.unvouched = true;
  }
  entry.trace = passage.fields + message.trace;
  if (passage.is_list) {  // what the sender wanted to be told ended with the list
    entry.mail.envelope_id.clear();
    entry.mail.dsn_return.reset();
    entry.mail.deliver_by.reset();
  }
  return entry;
}

}  // namespace

SpooledMessage spooled_envelope(const Envelope& envelope, const QueueId& id, SystemTime accepted_at) {
  SpooledMessage message{.id = id, .received_at = accepted_at};
  if (envelope.sender) message.sender = to_string(*envelope.sender);
  message.submitter = envelope.submitter;
  Spooling spooling(message);
  for (const auto& recipient : envelope.recipients) spooling.add(recipient);
  message.mail = mail_parameters(envelope, accepted_at);
  if (!message.remotes.empty()) message.sender_key = sender_key(envelope);
  return message;
}

Shard shard_of_address(std::string_view address) { return state::spool::shard_of(domain_of(address)); }

std::vector<ShardEntries> queue_entries(const SpooledMessage& message, const Lifetimes& lifetimes) {
  // Groups in the order in which they first come; those of one domain and route are numbered, so that each has its own
  // id. All groups of a domain are of one shard and leave the message together: the numbers stay.
  using Way = std::pair<std::string_view, std::string_view>;  // domain, route
  struct Open {
    std::size_t place = 0;  // of its shard
    std::size_t index = 0;
    std::size_t octets = 0;  // of its row, at most
  };
  std::map<Way, std::uint32_t> parts;
  std::map<std::tuple<Way, std::uint32_t>, Open> open;  // the entry being filled
  std::vector<ShardEntries> shards;
  std::map<Shard, std::size_t> places;
  for (const auto& remote : message.remotes) {
    const auto domain = domain_of(remote.address);
    const Way way{domain, remote.route};
    QueuedRecipient recipient{.address = remote.address, .notify = remote.notify, .original = remote.original};
    const auto octets = state::spool::row_octets(recipient);
    const auto [at, fresh] = open.try_emplace({way, remote.passage});
    auto& [place, index, filled] = at->second;
    const bool is_full =
        !fresh && (goes_alone(message, remote) ||
                   shards[place].entries[index].recipients.size() >= state::spool::kMaxEntryRecipients ||
                   filled + octets > io::engine::kMaxValueOctets);
    if (fresh || is_full) {
      const auto shard = state::spool::shard_of(domain);
      const auto [where, new_shard] = places.try_emplace(shard, shards.size());
      if (new_shard) shards.push_back({.shard = shard, .entries = {}});
      place = where->second;
      index = shards[place].entries.size();
      auto entry = new_entry(message, remote, domain);
      entry.id = state::spool::EntryId::make(message.id, domain, remote.route, parts[way]++);
      filled = state::spool::row_octets_without_recipients(entry);
      shards[place].entries.push_back(std::move(entry));
    }
    filled += octets;
    shards[place].entries[index].recipients.push_back(std::move(recipient));
  }
  for (auto& shard : shards)
    for (auto& entry : shard.entries) set_times(entry, lifetimes);
  return shards;
}

}  // namespace veredus::work::delivery
