#include "work/delivery/reception.h"

#include <algorithm>
#include <iterator>
#include <utility>

#include "base/codec/ascii.h"
#include "base/observe/events.h"
#include "base/types/result.h"
#include "io/engine/engine.h"
#include "io/net/memory_budget.h"
#include "io/net/task_group.h"
#include "state/mailbox/mailboxes.h"
#include "state/spool/queue_shards.h"
#include "state/spool/spool.h"
#include "wire/mime/header_block.h"
#include "wire/mime/structure_parser.h"
#include "wire/mime/summary.h"
#include "work/delivery/account_copy.h"
#include "work/delivery/fan_out.h"
#include "work/delivery/journey.h"
#include "work/delivery/junk_mailbox.h"
#include "work/delivery/queue_entries.h"
#include "work/delivery/queue_sink.h"
#include "work/delivery/signing.h"
#include "work/delivery/spooled_content.h"
#include "work/delivery/store_errors.h"
#include "work/mailauth/signer.h"

namespace veredus::work::delivery {

using state::mailbox::QuotaLimits;
using state::spool::kChunkOctets;
using state::spool::SharedEntry;
using state::spool::SpooledMessage;
using state::spool::SpooledTarget;
using wire::mime::Structure;
template <class T>
using Result = asio::awaitable<std::expected<T, DeliveryError>>;

namespace {

static_assert(state::mailbox::kChunkOctets == kChunkOctets);    // the fan-out hands chunks over as they are
constexpr std::size_t kSmallOctets = 32 * 1024;                 // what most messages fit in
constexpr std::size_t kLargeOctets = kChunkOctets + 64 * 1024;  // one chunk, and what comes after it at once
/// How long an account remembers a message that may be submitted again.
constexpr auto kDedupeLife = std::chrono::days(14);
constexpr int kCommitAttempts = 3;  // while the store does not know the outcome

/// Where the message goes in one durable commit.
enum class Place : std::uint8_t {
  kAccount,  // the only target
  kShard,    // of all its addresses elsewhere
  kIntake,   // several places, or later: the fan-out brings it there
};

Place place_of(const SpooledMessage& message) {
  const auto& targets = message.targets;
  const auto& remotes = message.remotes;
  if (targets.size() == 1 && remotes.empty()) {
    // A report of the delivery is due with it; what is held must not be seen yet.
    const auto& notify = targets.front().notify;
    const bool later = (notify && notify->success) || message.mail.hold_until.has_value();
    return later ? Place::kIntake : Place::kAccount;
  }
  if (!targets.empty() || remotes.empty()) return Place::kIntake;
  const auto shard = shard_of_address(remotes.front().address);
  const auto is_there = [&](const auto& remote) { return shard_of_address(remote.address) == shard; };
  return std::ranges::all_of(remotes, is_there) ? Place::kShard : Place::kIntake;
}

/// RFC 8689 s3: the sender asks that no policy of the recipient's domain keeps the message back for want of TLS.
bool says_tls_optional(const Structure& structure) {
  const auto field = wire::mime::find_field(structure.root().header, "tls-required");
  return field && base::codec::iequals_ascii(base::codec::trim_ascii(field->value), "no");
}

/// What was submitted says that it goes to many (RFC 2369 s3.2, and what lists have always said).
bool is_bulk(const Structure& structure) {
  const auto& header = structure.root().header;
  if (wire::mime::find_field(header, "list-unsubscribe")) return true;
  const auto precedence = wire::mime::find_field(header, "precedence");
  if (!precedence) return false;
  const auto word = base::codec::trim_ascii(precedence->value);
  return base::codec::iequals_ascii(word, "bulk") || base::codec::iequals_ascii(word, "list");
}

asio::awaitable<void> discard_in_account(state::mailbox::Mailboxes* mailboxes, AccountId account, EmailId email) {
  co_await mailboxes->discard_staged(account, email);  // when it fails, the sweep does it
}

asio::awaitable<void> discard_in_spool(state::spool::Spool* spool, QueueId id) {
  co_await spool->discard(id);  // when it fails, the sweep does it
}

asio::awaitable<void> discard_in_shard(state::spool::QueueShards* shards, state::spool::Shard shard, QueueId id) {
  co_await shards->discard(shard, id);  // when it fails, the sweep does it
}

}  // namespace

struct Reception::Impl {
  Impl(Receptions::Parts with, const Receptions::Options& limits, Envelope taken)
      : parts(with),
        options(limits),
        envelope(std::move(taken)),
        id(envelope.id ? *envelope.id : parts.ids.next()),
        message(spooled_envelope(envelope, id, parts.clock.now())),
        place(place_of(message)),
        shard(place == Place::kShard ? shard_of_address(message.remotes.front().address) : 0) {
    for (const auto& recipient : envelope.recipients)
      if (recipient.returned) returned.push_back(*recipient.returned);
    if (may_be_signed(parts.signer, envelope, message)) signing.emplace(parts.signer);
  }

  std::unexpected<DeliveryError> fail(DeliveryError error);
  Result<void> reserve(std::size_t incoming);
  Result<void> take(std::string octets);
  Result<void> stage(std::string chunk);
  void abandon();

  Result<Accepted> finish(std::string trace, Assessment assessment);
  [[nodiscard]] bool goes_in_a_circle(const Structure& structure) const;
  Result<Accepted> deliver(Structure structure);
  Result<Accepted> enqueue(Structure structure);
  Result<Accepted> spool(Structure structure);
  Result<std::vector<SharedEntry>> commit_to_shard(state::spool::Enqueue enqueue);
  Result<void> commit_to_spool();
  void note_received(const Structure& structure);
  void tell_who_waits_for_reports();
  [[nodiscard]] QuotaLimits quota_of(AccountId account) const;
  asio::awaitable<std::vector<AccountId>> accounts_without_room();
  Accepted accepted(const std::vector<AccountId>& full) const;

  Receptions::Parts parts;
  Receptions::Options options;
  Envelope envelope;
  QueueId id;
  SpooledMessage message;  // the envelope as it is stored
  Place place;
  state::spool::Shard shard;  // of Place::kShard
  std::optional<DeliveryError> failure;
  wire::mime::StructureParser parser;
  std::string buffer;  // what is not staged yet, at most a chunk between calls
  std::vector<io::net::MemoryBudget::Share> shares;
  std::size_t shared_octets = 0;
  std::uint64_t octets = 0;
  std::uint32_t staged_chunks = 0;
  EmailId staged_email;
  std::vector<ReturnedTo> returned;  // what it may report on
  std::string beginning;             // and the message, as far as that needs it
  std::optional<mailauth::SigningJob> signing;
};

std::unexpected<DeliveryError> Reception::Impl::fail(DeliveryError error) {
  failure = error;
  abandon();
  return std::unexpected(error);
}

/// Gives back what the message holds; what was staged is erased in the background.
void Reception::Impl::abandon() {
  buffer = {};
  shares.clear();
  if (std::exchange(staged_chunks, 0) == 0) return;
  switch (place) {
    case Place::kAccount:
      parts.tasks.spawn(discard_in_account(&parts.mailboxes, message.targets.front().account, staged_email));
      break;
    case Place::kShard:
      parts.tasks.spawn(discard_in_shard(&parts.shards, shard, id));
      break;
    case Place::kIntake:
      parts.tasks.spawn(discard_in_spool(&parts.spool, id));
      break;
  }
}

/// Takes a share of the octets in flight in at most two steps, so that many receptions cannot block each other half
/// way.
Result<void> Reception::Impl::reserve(std::size_t incoming) {
  const std::size_t needed = buffer.size() + incoming;
  const auto declared = static_cast<std::size_t>(std::min<std::uint64_t>(envelope.declared_octets, kLargeOctets));
  const std::size_t first = shares.empty() ? std::max(kSmallOctets, declared) : kLargeOctets;
  const std::size_t more = std::max(needed, first) - shared_octets;
  auto share = parts.budget.try_acquire(more);
  if (!share) {
    auto waited = co_await parts.budget.acquire(more, options.budget_wait);
    if (!waited) co_return std::unexpected(DeliveryError::kBusy);
    share = std::move(*waited);
  }
  shares.push_back(*std::move(share));
  shared_octets += more;
  co_return std::expected<void, DeliveryError>{};
}

Result<void> Reception::Impl::take(std::string incoming) {
  octets += incoming.size();
  if (octets > options.max_octets) co_return std::unexpected(DeliveryError::kTooBig);
  if (buffer.size() + incoming.size() > shared_octets) VEREDUS_CO_TRY(co_await reserve(incoming.size()));
  parser.feed(incoming);
  if (signing) signing->feed(incoming);
  if (!returned.empty() && beginning.size() < kCameBackOctets)
    beginning.append(incoming, 0, kCameBackOctets - beginning.size());
  if (buffer.empty())
    buffer = std::move(incoming);
  else
    buffer.append(incoming);
  while (buffer.size() > kChunkOctets) {
    std::string rest = buffer.substr(kChunkOctets);
    buffer.resize(kChunkOctets);
    VEREDUS_CO_TRY(co_await stage(std::exchange(buffer, std::move(rest))));
  }
  co_return std::expected<void, DeliveryError>{};
}

Result<void> Reception::Impl::stage(std::string chunk) {
  const std::uint32_t index = staged_chunks++;
  if (place != Place::kAccount) {
    const auto staged = place == Place::kShard ? co_await parts.shards.stage(shard, id, index, std::move(chunk))
                                               : co_await parts.spool.stage(id, index, std::move(chunk));
    if (!staged) co_return std::unexpected(delivery_error(staged.error(), parts.engine));
    co_return std::expected<void, DeliveryError>{};
  }
  if (index == 0) staged_email = parts.mailboxes.new_staged_email();
  const auto account = message.targets.front().account;
  const auto expiry = parts.clock.now() + options.staging_life;
  // Chunk 0 is for the header that is put before the message.
  const auto staged = co_await parts.mailboxes.stage_chunk(account, staged_email, index + 1, std::move(chunk), expiry);
  if (!staged) co_return std::unexpected(delivery_error(staged.error(), parts.engine));
  co_return std::expected<void, DeliveryError>{};
}

Result<Accepted> Reception::Impl::finish(std::string trace, Assessment assessment) {
  message.junk = assessment.folder == Folder::kJunk;
  std::ranges::move(assessment.decisions, std::back_inserter(envelope.circumstances));
  Structure structure = parser.finish();
  if (count_received(structure) > options.max_received || goes_in_a_circle(structure))
    co_return std::unexpected(DeliveryError::kLoop);
  message.received_at = parts.clock.now();
  if (message.submitter && is_bulk(structure)) message.traffic = state::spool::TrafficClass::kBulk;
  message.trace = std::move(trace);
  message.octets = octets;
  message.chunks = staged_chunks + 1;
  // RFC 8689 s4.1: REQUIRETLS goes before the field.
  if (!message.remotes.empty() && !message.mail.requiretls) message.mail.tls_optional = says_tls_optional(structure);
  if (signing) {
    const auto is_signed = co_await sign_ways(&*signing, parts.signer, &envelope, &message, std::move(assessment));
    if (!is_signed) {
      const bool stops = is_signed.error() == mailauth::SigningError::kStopping;
      co_return std::unexpected(stops ? DeliveryError::kStopping : DeliveryError::kBusy);
    }
    std::ranges::copy(signing->made(), std::back_inserter(envelope.circumstances));
  }
  switch (place) {
    case Place::kAccount:
      co_return co_await deliver(std::move(structure));
    case Place::kShard:
      co_return co_await enqueue(std::move(structure));
    case Place::kIntake:
      break;
  }
  co_return co_await spool(std::move(structure));
}

/// Whether the message has been at an address that would lead it on again.
bool Reception::Impl::goes_in_a_circle(const Structure& structure) const {
  const auto passed = [&](const auto& target) {
    return target.passage != nullptr && has_passed(structure, target.passage->address);
  };
  return std::ranges::any_of(envelope.recipients, [&](const Recipient& recipient) {
    return std::ranges::any_of(recipient.targets, passed) || std::ranges::any_of(recipient.remote, passed);
  });
}

/// Straight into the one account, in one durable commit.
Result<Accepted> Reception::Impl::deliver(Structure structure) {
  const auto& target = message.targets.front();
  state::mailbox::NewMessage copy;
  copy.octets = account_header(message, target);
  prepend_header(structure, copy.octets);
  copy.content = wire::mime::summarize(structure);
  copy.internal_date = message.received_at;
  if (envelope.id) copy.dedupe = dedupe_key(id, target.account, message.received_at + kDedupeLife);
  if (staged_chunks > 0 || copy.octets.size() + buffer.size() > kChunkOctets) {
    VEREDUS_CO_TRY(co_await stage(std::exchange(buffer, {})));
    copy.staged = state::mailbox::StagedBody{.email = staged_email, .octets = octets};
  } else {
    copy.octets.append(buffer);
  }
  if (message.junk) copy.mailbox = co_await junk_mailbox(&parts.mailboxes, target.account);
  const auto folder = copy.mailbox == state::mailbox::kInbox ? Folder::kInbox : Folder::kJunk;
  std::string message_id = copy.content.message_id;
  const auto appended = co_await parts.mailboxes.append(target.account, std::move(copy), quota_of(target.account));
  if (!appended) co_return std::unexpected(delivery_error(appended.error(), parts.engine));
  Accepted answer = accepted({});
  if (appended->outcome == state::mailbox::AppendOutcome::kAlreadyThere) {
    abandon();
    co_return answer;
  }
  staged_chunks = 0;
  const auto now = parts.clock.now();
  parts.journal.record(received_event(now, id, std::move(envelope), octets, std::move(message_id)));
  parts.journal.record(delivered_event(now, id, target, appended->email, folder));
  co_return answer;
}

/// Straight into the one shard of the queue, in one durable commit.
Result<Accepted> Reception::Impl::enqueue(Structure structure) {
  Accepted answer = accepted({});
  auto entries = queue_entries(message, options.lifetimes);
  std::shared_ptr<const std::string> whole;
  if (staged_chunks == 0) whole = std::make_shared<const std::string>(buffer);
  state::spool::Enqueue enqueue{
      .entries = std::move(entries.front().entries), .last_chunk = std::move(buffer), .once = envelope.id.has_value()};
  VEREDUS_CO_TRY(auto queued, co_await commit_to_shard(std::move(enqueue)));
  if (queued.empty()) {  // it was there before
    abandon();
    co_return answer;
  }
  staged_chunks = 0;
  note_received(structure);
  parts.queue.arrived(std::move(queued), std::move(whole));
  co_return answer;
}

/// Into the intake, in one durable commit; the fan-out does the rest.
Result<Accepted> Reception::Impl::spool(Structure structure) {
  const auto full = co_await accounts_without_room();
  Accepted answer = accepted(full);
  std::erase_if(message.targets,
                [&](const SpooledTarget& target) { return std::ranges::find(full, target.account) != full.end(); });
  if (message.targets.empty() && message.remotes.empty()) co_return std::unexpected(DeliveryError::kOverQuota);
  const bool in_memory = staged_chunks == 0;
  VEREDUS_CO_TRY(co_await commit_to_spool());
  staged_chunks = 0;
  note_received(structure);
  std::shared_ptr<SpooledContent> content;
  if (in_memory) {
    content = std::make_shared<SpooledContent>();
    content->octets = std::move(buffer);
    content->structure = std::move(structure);
    content->shares = std::move(shares);
  }
  parts.fan_out.hand_over(std::make_shared<const SpooledMessage>(std::move(message)), std::move(content));
  co_return answer;
}

void Reception::Impl::tell_who_waits_for_reports() {
  for (auto& about : returned) parts.queue.came_back({.about = std::move(about), .id = id, .octets = beginning});
}

void Reception::Impl::note_received(const Structure& structure) {
  const auto field = wire::mime::find_field(structure.root().header, "message-id");
  std::string message_id(field ? base::codec::trim_ascii(field->value) : "");
  parts.journal.record(received_event(parts.clock.now(), id, std::move(envelope), octets, std::move(message_id)));
}

/// Where the store does not know what became of the commit, the shard is asked.
Result<std::vector<SharedEntry>> Reception::Impl::commit_to_shard(state::spool::Enqueue enqueue) {
  std::vector<state::spool::EntryId> ids;
  for (const auto& entry : enqueue.entries) ids.push_back(entry.id);
  auto outcome = co_await parts.shards.enqueue(shard, std::move(enqueue));
  if (outcome) co_return *std::move(outcome);
  if (outcome.error() != io::engine::StoreError::kUnknownOutcome)
    co_return std::unexpected(delivery_error(outcome.error(), parts.engine));
  auto there = co_await parts.shards.read(shard, std::move(ids));
  if (!there) co_return std::unexpected(DeliveryError::kOutcomeUnsure);
  std::vector<SharedEntry> queued;
  for (auto& entry : *there)
    if (entry) queued.push_back(std::make_shared<const state::spool::QueueEntry>(*std::move(entry)));
  if (queued.empty()) co_return std::unexpected(DeliveryError::kOutcomeUnsure);
  co_return queued;
}

/// Repeats itself while the store does not know what became of the commit: the same rows again change nothing.
Result<void> Reception::Impl::commit_to_spool() {
  std::expected<void, io::engine::StoreError> outcome;
  bool unsure = false;
  for (int attempt = 0; attempt < kCommitAttempts; ++attempt) {
    outcome = co_await parts.spool.commit(message, buffer);
    if (outcome) co_return std::expected<void, DeliveryError>{};
    if (outcome.error() == io::engine::StoreError::kUnknownOutcome) unsure = true;
    if (!unsure) co_return std::unexpected(delivery_error(outcome.error(), parts.engine));
  }
  const auto there = co_await parts.spool.read(id);
  if (!there) co_return std::unexpected(DeliveryError::kOutcomeUnsure);
  if (!*there) co_return std::unexpected(delivery_error(io::engine::StoreError::kUnavailable, parts.engine));
  co_return std::expected<void, DeliveryError>{};
}

QuotaLimits Reception::Impl::quota_of(AccountId account) const {
  for (const auto& recipient : envelope.recipients)
    for (const auto& target : recipient.targets)
      if (target.account == account) return target.quota;
  return {};
}

/// Which accounts do not take the message. Where one reply stands for all recipients, all do: their quotas were looked
/// at by RCPT. Else an account that filled up since is left out, unless a recipient with other targets leads there.
asio::awaitable<std::vector<AccountId>> Reception::Impl::accounts_without_room() {
  std::vector<AccountId> full;
  if (envelope.answers == Answers::kOneForAll) co_return full;
  for (const auto& target : message.targets) {
    const auto account = target.account;
    const auto quota = quota_of(account);
    if (quota.octets == 0 && quota.messages == 0) continue;
    const auto leads_there = [account](const Target& other) { return other.account == account; };
    const auto is_shared = [&](const Recipient& recipient) {
      return recipient.targets.size() + recipient.remote.size() > 1 &&
             std::ranges::any_of(recipient.targets, leads_there);
    };
    if (std::ranges::any_of(envelope.recipients, is_shared)) continue;
    const auto usage = co_await parts.mailboxes.usage(account);
    if (!usage) continue;  // the fan-out will see
    const bool has_room = (quota.octets == 0 || usage->octets + octets <= quota.octets) &&
                          (quota.messages == 0 || usage->messages < quota.messages);
    if (!has_room) full.push_back(account);
  }
  co_return full;
}

Accepted Reception::Impl::accepted(const std::vector<AccountId>& full) const {
  Accepted answer{.id = id, .octets = octets};
  const auto has_room = [&](const Target& target) { return std::ranges::find(full, target.account) == full.end(); };
  for (const auto& recipient : envelope.recipients) {
    if (!recipient.remote.empty() || std::ranges::any_of(recipient.targets, has_room))
      answer.recipients.emplace_back();
    else
      answer.recipients.emplace_back(std::unexpected(DeliveryError::kOverQuota));
  }
  return answer;
}

Reception::Reception(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
Reception::Reception(Reception&&) noexcept = default;

Reception& Reception::operator=(Reception&& other) noexcept {
  if (this != &other) {
    discard();
    impl_ = std::move(other.impl_);
  }
  return *this;
}

Reception::~Reception() { discard(); }

const QueueId& Reception::id() const { return impl_->id; }

std::uint64_t Reception::octets() const { return impl_->octets; }

Result<void> Reception::write(std::string octets) {
  if (impl_->failure) co_return std::unexpected(*impl_->failure);
  const auto taken = co_await impl_->take(std::move(octets));
  if (!taken) co_return impl_->fail(taken.error());
  co_return std::expected<void, DeliveryError>{};
}

Result<Accepted> Reception::commit(std::string trace, Assessment assessment) {
  if (impl_->failure) co_return std::unexpected(*impl_->failure);
  auto outcome = co_await impl_->finish(std::move(trace), std::move(assessment));
  if (outcome) {
    impl_->tell_who_waits_for_reports();
    co_return outcome;
  }
  const auto reason = to_string(outcome.error());
  impl_->parts.journal.record(failed_event(impl_->parts.clock.now(), impl_->id, impl_->envelope, reason));
  co_return impl_->fail(outcome.error());
}

void Reception::refuse(std::string_view reason, Assessment assessment) {
  std::ranges::move(assessment.decisions, std::back_inserter(impl_->envelope.circumstances));
  impl_->parts.journal.record(failed_event(impl_->parts.clock.now(), impl_->id, impl_->envelope, reason));
  discard();
}

void Reception::discard() {
  if (!impl_) return;
  impl_->failure = DeliveryError::kStopping;
  impl_->abandon();
}

std::expected<Reception, DeliveryError> Receptions::begin(Envelope envelope) {
  VEREDUS_CHECK(!envelope.recipients.empty());
  if (envelope.declared_octets > options_.max_octets) return std::unexpected(DeliveryError::kTooBig);
  if (!parts_.engine.health().writable) return std::unexpected(DeliveryError::kStoreFull);
  auto impl = std::make_unique<Reception::Impl>(parts_, options_, std::move(envelope));
  if (impl->place == Place::kIntake && parts_.fan_out.full()) return std::unexpected(DeliveryError::kBusy);
  if (!impl->message.remotes.empty() && parts_.queue.full()) return std::unexpected(DeliveryError::kBusy);
  return Reception(std::move(impl));
}

}  // namespace veredus::work::delivery
