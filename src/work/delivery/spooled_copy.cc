#include "work/delivery/spooled_copy.h"

#include <chrono>
#include <utility>
#include <vector>

#include "base/observe/events.h"
#include "base/types/result.h"
#include "state/directory/directory.h"
#include "state/directory/snapshot.h"
#include "state/mailbox/mailboxes.h"
#include "state/spool/spool.h"
#include "wire/mime/structure_parser.h"
#include "wire/mime/summary.h"
#include "work/delivery/account_copy.h"
#include "work/delivery/journey.h"
#include "work/delivery/spooled_content.h"

namespace veredus::work::delivery {

using io::engine::StoreError;
using state::mailbox::Appended;
using state::mailbox::AppendOutcome;
using state::mailbox::from_store;
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

SpooledCopy::Result<void> SpooledCopy::deliver() {
  VEREDUS_CO_TRY(const bool is_there, co_await read());
  if (!is_there) co_return std::expected<void, MailboxError>{};
  SpooledMessage rest = *message_;
  rest.targets.clear();
  std::optional<MailboxError> failure;
  for (const auto& target : message_->targets) {
    const auto delivered = co_await deliver_to(target);
    if (delivered) continue;
    rest.targets.push_back(target);
    if (!failure) failure = delivered.error();
  }
  if (rest.targets.size() == message_->targets.size()) co_return std::unexpected(*failure);
  const auto noted =
      failure ? co_await parts_.spool.keep_remaining(std::move(rest)) : co_await parts_.spool.finish(id_);
  if (failure) co_return std::unexpected(*failure);
  if (!noted) co_return std::unexpected(from_store(noted.error()));
  co_return std::expected<void, MailboxError>{};
}

/// Has the envelope and the structure in memory, and the octets where they are one chunk. False: the message is no
/// longer in the spool, so everybody has it.
SpooledCopy::Result<bool> SpooledCopy::read() {
  if (!message_) {
    auto message = co_await parts_.spool.read(id_);
    if (!message) co_return std::unexpected(from_store(message.error()));
    if (!*message) co_return false;
    message_ = std::make_shared<const SpooledMessage>(**std::move(message));
  }
  if (content_) co_return true;
  const auto content = std::make_shared<SpooledContent>();
  wire::mime::StructureParser parser;
  for (std::uint32_t i = 0; i < message_->chunks; ++i) {
    auto chunk = co_await parts_.spool.read_chunk(id_, i);
    if (!chunk) co_return std::unexpected(from_store(chunk.error()));
    parser.feed(*chunk);
    if (message_->chunks == 1) content->octets = *std::move(chunk);
  }
  content->structure = parser.finish();
  content_ = content;
  co_return true;
}

SpooledCopy::Result<void> SpooledCopy::deliver_to(SpooledTarget target) {
  if (parts_.directory.snapshot()->account(target.account) == nullptr) {
    parts_.journal.record(undeliverable_event(parts_.clock.now(), id_, target, "account removed"));
    co_return std::expected<void, MailboxError>{};
  }
  VEREDUS_CO_TRY(const auto appended, co_await append(target));
  if (appended.outcome == AppendOutcome::kStored)
    parts_.journal.record(delivered_event(parts_.clock.now(), id_, target, appended.email));
  co_return std::expected<void, MailboxError>{};
}

SpooledCopy::Result<Appended> SpooledCopy::append(SpooledTarget target) {
  state::mailbox::NewMessage message;
  message.octets = account_header(message_->sender, target.delivered_to, message_->trace);
  wire::mime::Structure structure = content_->structure;
  prepend_header(structure, message.octets);
  message.content = wire::mime::summarize(structure);
  message.internal_date = message_->received_at;
  message.dedupe = dedupe_key(id_, target.account, parts_.clock.now() + kDedupeLife);
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
    std::string octets = content_->octets;
    if (message_->chunks > 1) {
      auto chunk = co_await parts_.spool.read_chunk(id_, i);
      if (!chunk) co_return std::unexpected(from_store(chunk.error()));
      octets = *std::move(chunk);
    }
    VEREDUS_CO_TRY(co_await parts_.mailboxes.stage_chunk(account, body.email, i + 1, std::move(octets), expiry));
  }
  co_return body;
}

}  // namespace veredus::work::delivery
