#include "work/delivery/reception.h"

#include <algorithm>
#include <utility>

#include "base/codec/ascii.h"
#include "base/observe/events.h"
#include "base/types/result.h"
#include "io/engine/engine.h"
#include "io/net/memory_budget.h"
#include "io/net/task_group.h"
#include "state/mailbox/mailboxes.h"
#include "state/spool/spool.h"
#include "wire/mime/header_block.h"
#include "wire/mime/structure_parser.h"
#include "wire/mime/summary.h"
#include "work/delivery/account_copy.h"
#include "work/delivery/fan_out.h"
#include "work/delivery/journey.h"
#include "work/delivery/spooled_content.h"
#include "work/delivery/store_errors.h"

namespace veredus::work::delivery {

using state::mailbox::QuotaLimits;
using state::spool::kChunkOctets;
using state::spool::SpooledMessage;
using state::spool::SpooledTarget;
using wire::mime::Structure;
template <class T>
using Result = asio::awaitable<std::expected<T, DeliveryError>>;

namespace {

static_assert(state::mailbox::kChunkOctets == kChunkOctets);    // the fan-out hands chunks over as they are
constexpr std::size_t kSmallOctets = 32 * 1024;                 // what most messages fit in
constexpr std::size_t kLargeOctets = kChunkOctets + 64 * 1024;  // one chunk, and what comes after it at once
constexpr int kCommitAttempts = 3;                              // while the store does not know the outcome

/// One account the message goes to, whatever number of recipients led there.
struct Destination {
  SpooledTarget target;
  QuotaLimits quota;
};

std::vector<Destination> destinations_of(const Envelope& envelope) {
  std::vector<Destination> destinations;
  for (const auto& recipient : envelope.recipients) {
    for (const auto& [account, detail, quota, passage] : recipient.targets) {
      const auto is_it = [&](const Destination& other) { return other.target.account == account; };
      if (std::ranges::any_of(destinations, is_it)) continue;
      SpooledTarget target{
          .account = account, .delivered_to = wire::smtp::to_string(recipient.address), .detail = detail};
      destinations.push_back({.target = std::move(target), .quota = quota});
    }
  }
  return destinations;
}

asio::awaitable<void> discard_in_account(state::mailbox::Mailboxes* mailboxes, AccountId account, EmailId email) {
  co_await mailboxes->discard_staged(account, email);  // when it fails, the sweep does it
}

asio::awaitable<void> discard_in_spool(state::spool::Spool* spool, QueueId id) {
  co_await spool->discard(id);  // when it fails, the sweep does it
}

}  // namespace

struct Reception::Impl {
  Impl(Receptions::Parts with, const Receptions::Options& limits, Envelope taken)
      : parts(with),
        options(limits),
        envelope(std::move(taken)),
        id(parts.ids.next()),
        destinations(destinations_of(envelope)) {}

  [[nodiscard]] bool is_direct() const { return destinations.size() == 1; }
  std::unexpected<DeliveryError> fail(DeliveryError error);
  Result<void> reserve(std::size_t incoming);
  Result<void> take(std::string octets);
  Result<void> stage(std::string chunk);
  void abandon();

  Result<Accepted> finish(std::string trace);
  Result<Accepted> deliver(std::string trace, Structure structure);
  Result<Accepted> spool(std::string trace, Structure structure);
  Result<void> commit_to_spool(SpooledMessage message);
  asio::awaitable<std::vector<bool>> accounts_with_room();
  Accepted accepted(const std::vector<bool>& has_room) const;
  std::optional<std::string> sender() const;

  Receptions::Parts parts;
  Receptions::Options options;
  Envelope envelope;
  QueueId id;
  std::vector<Destination> destinations;
  std::optional<DeliveryError> failure;
  wire::mime::StructureParser parser;
  std::string buffer;  // what is not staged yet, at most a chunk between calls
  std::vector<io::net::MemoryBudget::Share> shares;
  std::size_t shared_octets = 0;
  std::uint64_t octets = 0;
  std::uint32_t staged_chunks = 0;
  EmailId staged_email;
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
  parts.tasks.spawn(is_direct()
                        ? discard_in_account(&parts.mailboxes, destinations.front().target.account, staged_email)
                        : discard_in_spool(&parts.spool, id));
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
  if (!is_direct()) {
    const auto staged = co_await parts.spool.stage(id, index, std::move(chunk));
    if (!staged) co_return std::unexpected(delivery_error(staged.error(), parts.engine));
    co_return std::expected<void, DeliveryError>{};
  }
  if (index == 0) staged_email = parts.mailboxes.new_staged_email();
  const auto account = destinations.front().target.account;
  const auto expiry = parts.clock.now() + options.staging_life;
  // Chunk 0 is for the header that is put before the message.
  const auto staged = co_await parts.mailboxes.stage_chunk(account, staged_email, index + 1, std::move(chunk), expiry);
  if (!staged) co_return std::unexpected(delivery_error(staged.error(), parts.engine));
  co_return std::expected<void, DeliveryError>{};
}

Result<Accepted> Reception::Impl::finish(std::string trace) {
  Structure structure = parser.finish();
  if (count_received(structure) > options.max_received) co_return std::unexpected(DeliveryError::kLoop);
  if (is_direct()) co_return co_await deliver(std::move(trace), std::move(structure));
  co_return co_await spool(std::move(trace), std::move(structure));
}

/// Straight into the one account, in one durable commit.
Result<Accepted> Reception::Impl::deliver(std::string trace, Structure structure) {
  const auto& [target, quota] = destinations.front();
  state::mailbox::NewMessage message;
  message.octets = account_header(sender(), target.delivered_to, trace);
  prepend_header(structure, message.octets);
  message.content = wire::mime::summarize(structure);
  message.internal_date = parts.clock.now();
  if (staged_chunks > 0 || message.octets.size() + buffer.size() > kChunkOctets) {
    VEREDUS_CO_TRY(co_await stage(std::exchange(buffer, {})));
    message.staged = state::mailbox::StagedBody{.email = staged_email, .octets = octets};
  } else {
    message.octets.append(buffer);
  }
  std::string message_id = message.content.message_id;
  const auto appended = co_await parts.mailboxes.append(target.account, std::move(message), quota);
  if (!appended) co_return std::unexpected(delivery_error(appended.error(), parts.engine));
  staged_chunks = 0;
  Accepted answer = accepted({true});
  const auto now = parts.clock.now();
  parts.journal.record(received_event(now, id, std::move(envelope), octets, std::move(message_id)));
  parts.journal.record(delivered_event(now, id, target, appended->email));
  co_return answer;
}

/// Into the intake, in one durable commit; the fan-out does the rest.
Result<Accepted> Reception::Impl::spool(std::string trace, Structure structure) {
  const auto has_room = co_await accounts_with_room();
  SpooledMessage message{.id = id, .received_at = parts.clock.now(), .sender = sender(), .trace = std::move(trace)};
  message.octets = octets;
  message.chunks = staged_chunks + 1;
  Accepted answer = accepted(has_room);
  for (std::size_t i = 0; i < destinations.size(); ++i)
    if (has_room[i]) message.targets.push_back(destinations[i].target);
  if (message.targets.empty()) co_return std::unexpected(DeliveryError::kOverQuota);
  const bool in_memory = staged_chunks == 0;
  VEREDUS_CO_TRY(co_await commit_to_spool(message));
  staged_chunks = 0;
  const auto field = wire::mime::find_field(structure.root().header, "message-id");
  std::string message_id(field ? base::codec::trim_ascii(field->value) : "");
  parts.journal.record(received_event(parts.clock.now(), id, std::move(envelope), octets, std::move(message_id)));
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

/// Repeats itself while the store does not know what became of the commit: the same rows again change nothing.
Result<void> Reception::Impl::commit_to_spool(SpooledMessage message) {
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

/// Which accounts take the message. Where one reply stands for all recipients, all do: their quotas were looked at by
/// RCPT. Else an account that filled up since is left out, unless a recipient with other accounts leads there.
asio::awaitable<std::vector<bool>> Reception::Impl::accounts_with_room() {
  std::vector<bool> has_room(destinations.size(), true);
  if (envelope.answers == Answers::kOneForAll) co_return has_room;
  for (std::size_t i = 0; i < destinations.size(); ++i) {
    const auto& [target, quota] = destinations[i];
    if (quota.octets == 0 && quota.messages == 0) continue;
    const auto leads_there = [account = target.account](const Target& other) { return other.account == account; };
    const auto is_shared = [&](const Recipient& recipient) {
      return recipient.targets.size() > 1 && std::ranges::any_of(recipient.targets, leads_there);
    };
    if (std::ranges::any_of(envelope.recipients, is_shared)) continue;
    const auto usage = co_await parts.mailboxes.usage(target.account);
    if (!usage) continue;  // the fan-out will see
    has_room[i] = (quota.octets == 0 || usage->octets + octets <= quota.octets) &&
                  (quota.messages == 0 || usage->messages < quota.messages);
  }
  co_return has_room;
}

Accepted Reception::Impl::accepted(const std::vector<bool>& has_room) const {
  Accepted answer{.id = id, .octets = octets};
  for (const auto& recipient : envelope.recipients) {
    const auto is_reached = [&](const Target& target) {
      for (std::size_t i = 0; i < destinations.size(); ++i)
        if (destinations[i].target.account == target.account && has_room[i]) return true;
      return false;
    };
    if (std::ranges::any_of(recipient.targets, is_reached))
      answer.recipients.emplace_back();
    else
      answer.recipients.emplace_back(std::unexpected(DeliveryError::kOverQuota));
  }
  return answer;
}

std::optional<std::string> Reception::Impl::sender() const {
  if (!envelope.sender) return std::nullopt;
  return wire::smtp::to_string(*envelope.sender);
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

Result<Accepted> Reception::commit(std::string trace) {
  if (impl_->failure) co_return std::unexpected(*impl_->failure);
  auto outcome = co_await impl_->finish(std::move(trace));
  if (outcome) co_return outcome;
  const auto reason = to_string(outcome.error());
  impl_->parts.journal.record(failed_event(impl_->parts.clock.now(), impl_->id, impl_->envelope, reason));
  co_return impl_->fail(outcome.error());
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
  if (!impl->is_direct() && parts_.fan_out.full()) return std::unexpected(DeliveryError::kBusy);
  return Reception(std::move(impl));
}

}  // namespace veredus::work::delivery
