#include "work/delivery/spooled_copy.h"

#include <chrono>
#include <utility>
#include <vector>

#include "base/observe/events.h"
#include "base/types/result.h"
#include "state/directory/directory.h"
#include "state/directory/snapshot.h"
#include "state/mailbox/mailboxes.h"
#include "state/spool/queue_shards.h"
#include "state/spool/spool.h"
#include "wire/mime/structure_parser.h"
#include "wire/mime/summary.h"
#include "work/delivery/account_copy.h"
#include "work/delivery/delivery_report.h"
#include "work/delivery/journey.h"
#include "work/delivery/junk_mailbox.h"
#include "work/delivery/queue_sink.h"
#include "work/delivery/spooled_content.h"

namespace veredus::work::delivery {

using io::engine::StoreError;
using state::mailbox::Appended;
using state::mailbox::AppendOutcome;
using state::mailbox::from_store;
using state::mailbox::kInbox;
using state::mailbox::MailboxError;
using state::mailbox::StagedBody;
using state::spool::SpooledMessage;
using state::spool::SpooledTarget;

namespace {

/// How long an account remembers that it has the message. A message that stays in the spool longer does so for other
/// accounts: those that have it are taken off its list at the first failure.
constexpr auto kDedupeLife = std::chrono::days(14);
constexpr auto kStagingLife = std::chrono::hours(24);
/// The mail was promised when its quota was looked at: it is delivered though the account filled up since.
constexpr state::mailbox::QuotaLimits kNoLimit{};

}  // namespace

SpooledCopy::SpooledCopy(Parts parts, QueueId id, std::shared_ptr<const SpooledMessage> message,
                         std::shared_ptr<const SpooledContent> content)
    : parts_(parts), id_(id), message_(std::move(message)), content_(std::move(content)) {}

SpooledCopy::~SpooledCopy() = default;

SpooledCopy::Result<std::optional<SystemTime>> SpooledCopy::deliver() {
  VEREDUS_CO_TRY(const bool is_there, co_await read());
  if (!is_there) co_return std::nullopt;
  const auto held = held_until();
  if (held && message_->remotes.empty()) co_return held;
  VEREDUS_CO_TRY(co_await read_content());
  SpooledMessage rest = *message_;
  rest.targets.clear();
  rest.remotes.clear();
  std::optional<MailboxError> failure;
  const auto queued = co_await enqueue_remotes(&rest);
  if (!queued) failure = queued.error();
  for (const auto& target : message_->targets) {
    if (held) {
      rest.targets.push_back(target);
      continue;
    }
    const auto delivered = co_await deliver_and_report(target);
    if (delivered) continue;
    rest.targets.push_back(target);
    if (!failure) failure = delivered.error();
  }
  const auto noted = co_await note(std::move(rest));
  if (failure) co_return std::unexpected(*failure);
  if (!noted) co_return std::unexpected(noted.error());
  co_return held;
}

/// RFC 4865 s4.2; nullopt: no account waits, or the time has come.
std::optional<SystemTime> SpooledCopy::held_until() const {
  const auto& until = message_->mail.hold_until;
  return until && *until > parts_.clock.now() && !message_->targets.empty() ? until : std::nullopt;
}

/// Writes down who is left.
SpooledCopy::Result<void> SpooledCopy::note(SpooledMessage rest) {
  if (rest.targets.size() == message_->targets.size() && rest.remotes.size() == message_->remotes.size())
    co_return std::expected<void, MailboxError>{};
  const bool done = rest.targets.empty() && rest.remotes.empty();
  const auto noted = done ? co_await parts_.spool.finish(id_) : co_await parts_.spool.keep_remaining(std::move(rest));
  if (!noted) co_return std::unexpected(from_store(noted.error()));
  co_return std::expected<void, MailboxError>{};
}

/// Has the envelope in memory. False: the message is no longer in the spool, so everybody has it.
SpooledCopy::Result<bool> SpooledCopy::read() {
  if (message_) co_return true;
  auto message = co_await parts_.spool.read(id_);
  if (!message) co_return std::unexpected(from_store(message.error()));
  if (!*message) co_return false;
  message_ = std::make_shared<const SpooledMessage>(**std::move(message));
  co_return true;
}

/// Has the structure in memory, and the octets where they are one chunk.
SpooledCopy::Result<void> SpooledCopy::read_content() {
  if (content_) co_return std::expected<void, MailboxError>{};
  const auto content = std::make_shared<SpooledContent>();
  wire::mime::StructureParser parser;
  for (std::uint32_t i = 0; i < message_->chunks; ++i) {
    auto octets = co_await parts_.spool.read_chunk(id_, i);
    if (!octets) co_return std::unexpected(from_store(octets.error()));
    parser.feed(*octets);
    if (message_->chunks == 1) content->octets = *std::move(octets);
  }
  content->structure = parser.finish();
  content_ = content;
  co_return std::expected<void, MailboxError>{};
}

SpooledCopy::Result<std::string> SpooledCopy::chunk(std::uint32_t index) {
  if (message_->chunks == 1) co_return content_->octets;
  auto octets = co_await parts_.spool.read_chunk(id_, index);
  if (!octets) co_return std::unexpected(from_store(octets.error()));
  co_return *std::move(octets);
}

/// `rest` is the caller's: gets the addresses whose shard could not take the message now.
SpooledCopy::Result<void> SpooledCopy::enqueue_remotes(SpooledMessage* rest) {
  std::optional<MailboxError> failure;
  for (auto& entries : queue_entries(*message_, parts_.lifetimes)) {
    const auto shard = entries.shard;
    const auto queued = co_await enqueue(std::move(entries));
    if (queued) continue;
    if (!failure) failure = queued.error();
    for (const auto& remote : message_->remotes)
      if (shard_of_address(remote.address) == shard) rest->remotes.push_back(remote);
  }
  if (failure) co_return std::unexpected(*failure);
  co_return std::expected<void, MailboxError>{};
}

/// Copies the chunks as they are, the last one with the entries.
SpooledCopy::Result<void> SpooledCopy::enqueue(ShardEntries entries) {
  const auto shard = entries.shard;
  for (std::uint32_t i = 0; i + 1 < message_->chunks; ++i) {
    VEREDUS_CO_TRY(auto octets, co_await chunk(i));
    const auto staged = co_await parts_.shards.stage(shard, id_, i, std::move(octets));
    if (!staged) co_return std::unexpected(from_store(staged.error()));
  }
  state::spool::Enqueue enqueue{.entries = std::move(entries.entries), .last_chunk = {}, .once = true};
  VEREDUS_CO_TRY(enqueue.last_chunk, co_await chunk(message_->chunks - 1));
  std::shared_ptr<const std::string> whole;
  if (message_->chunks == 1) whole = std::make_shared<const std::string>(enqueue.last_chunk);
  std::vector<state::spool::EntryId> ids;
  for (const auto& entry : enqueue.entries) ids.push_back(entry.id);
  auto queued = co_await parts_.shards.enqueue(shard, std::move(enqueue));
  if (!queued) co_return std::unexpected(from_store(queued.error()));
  if (queued->size() < ids.size()) {
    // An attempt before this one was in, and perhaps nobody heard of it.
    auto there = co_await parts_.shards.read(shard, std::move(ids));
    if (!there) co_return std::unexpected(from_store(there.error()));
    if (queued->empty() && message_->chunks > 1)
      co_await parts_.shards.discard(shard, id_);  // when it fails, the sweep does it
    queued->clear();
    for (auto& entry : *there)
      if (entry) queued->push_back(std::make_shared<const state::spool::QueueEntry>(*std::move(entry)));
  }
  if (!queued->empty()) parts_.queue.arrived(*std::move(queued), std::move(whole));
  co_return std::expected<void, MailboxError>{};
}

SpooledCopy::Result<void> SpooledCopy::deliver_and_report(SpooledTarget target) {
  auto about = Reported::kDelivered;
  if (target.account == AccountId()) {  // a list or an alias: there is nothing to deliver
    if (target.detail == state::spool::kExpandedDetail) about = Reported::kExpanded;
  } else {
    VEREDUS_CO_TRY(const bool is_there, co_await deliver_to(target));
    if (!is_there) about = Reported::kRemoved;
  }
  if (!parts_.report || !wants_report(*message_, target, about)) co_return std::expected<void, MailboxError>{};
  auto report =
      delivery_report(*message_, target, about, content_->structure.root().header, parts_.hostname, parts_.clock.now());
  const bool told = co_await parts_.report(std::move(report));
  if (!told) co_return std::unexpected(MailboxError::kUnavailable);
  co_return std::expected<void, MailboxError>{};
}

/// False: the account was removed since the message was taken.
SpooledCopy::Result<bool> SpooledCopy::deliver_to(SpooledTarget target) {
  if (parts_.directory.snapshot()->account(target.account) == nullptr) {
    parts_.journal.record(undeliverable_event(parts_.clock.now(), id_, target, "account removed"));
    co_return false;
  }
  VEREDUS_CO_TRY(const auto appended, co_await append(target));
  if (appended.outcome == AppendOutcome::kStored)
    parts_.journal.record(delivered_event(parts_.clock.now(), id_, target, appended.email,
                                          appended.at.mailbox == kInbox ? Folder::kInbox : Folder::kJunk));
  co_return true;
}

SpooledCopy::Result<Appended> SpooledCopy::append(SpooledTarget target) {
  state::mailbox::NewMessage message;
  message.octets = account_header(*message_, target);
  wire::mime::Structure structure = content_->structure;
  prepend_header(structure, message.octets);
  message.content = wire::mime::summarize(structure);
  message.internal_date = message_->received_at;
  message.dedupe = dedupe_key(id_, target.account, parts_.clock.now() + kDedupeLife);
  if (message_->junk) message.mailbox = co_await junk_mailbox(&parts_.mailboxes, target.account);
  std::optional<EmailId> staged;
  if (message_->chunks == 1 && message.octets.size() + content_->octets.size() <= state::spool::kChunkOctets) {
    message.octets.append(content_->octets);
  } else {
    VEREDUS_CO_TRY(message.staged, co_await stage(target.account));
    staged = message.staged->email;
  }
  auto appended = co_await parts_.mailboxes.append(target.account, std::move(message), kNoLimit);
  if (staged && (!appended || appended->outcome == AppendOutcome::kAlreadyThere))
    co_await parts_.mailboxes.discard_staged(target.account, *staged);  // when it fails, the sweep does it
  co_return appended;
}

/// Copies the chunks as they are: chunk 0 of the account's copy is for its header.
SpooledCopy::Result<StagedBody> SpooledCopy::stage(AccountId account) {
  const StagedBody body{.email = parts_.mailboxes.new_staged_email(), .octets = message_->octets};
  const auto expiry = parts_.clock.now() + kStagingLife;
  for (std::uint32_t i = 0; i < message_->chunks; ++i) {
    VEREDUS_CO_TRY(auto octets, co_await chunk(i));
    VEREDUS_CO_TRY(co_await parts_.mailboxes.stage_chunk(account, body.email, i + 1, std::move(octets), expiry));
  }
  co_return body;
}

}  // namespace veredus::work::delivery
