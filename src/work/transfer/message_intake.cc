#include "work/transfer/message_intake.h"

#include <algorithm>
#include <boost/asio/post.hpp>
#include <utility>

#include "base/crypto/digest.h"
#include "base/types/bytes.h"
#include "state/mailbox/mailboxes.h"

namespace veredus::work::transfer {

using state::mailbox::Appended;
using state::mailbox::AppendOutcome;
using state::mailbox::MailboxError;
using state::mailbox::NewMessage;
using state::mailbox::Upload;
using Stored = std::expected<void, MailboxError>;

namespace {

constexpr std::size_t kTogetherOctets = 4 * 1024 * 1024;
constexpr std::size_t kTogether = 500;
constexpr std::size_t kMessagesInARow = 8;
constexpr std::chrono::hours kStagedFor{24};

std::uint64_t octets_of(const NewMessage& message) {
  return message.octets.size() + (message.staged ? message.staged->octets : 0);
}

}  // namespace

MessageKey message_key(const std::vector<std::string>& parts) {
  std::string all;
  for (const auto& part : parts) put_string(all, part);
  const auto hash = base::crypto::sha256(all);
  MessageKey key{};
  std::transform(hash.begin(), hash.begin() + std::ssize(key), key.begin(),
                 [](char octet) { return static_cast<std::uint8_t>(octet); });
  return key;
}

MessageIntake::MessageIntake(state::mailbox::Mailboxes* mailboxes, const Clock* clock, AccountId account,
                             MailboxId mailbox, state::mailbox::QuotaLimits limits, SystemTime remember_until)
    : mailboxes_(mailboxes),
      clock_(clock),
      account_(account),
      mailbox_(mailbox),
      limits_(limits),
      remember_until_(remember_until) {}

asio::awaitable<void> MessageIntake::feed(std::string octets) {
  if (!upload_)
    upload_ = std::make_unique<Upload>(mailboxes_, account_, clock_->now() + kStagedFor, Upload::Keep::kFirstChunk);
  if (upload_->feed(octets, Upload::Octets::kText)) co_await upload_->stage();
}

asio::awaitable<std::expected<MessageIntake::Ended, MailboxError>> MessageIntake::end(Brought what) {
  const auto upload = std::move(upload_);
  if (!upload || upload->octets() == 0) co_return Ended::kEmpty;
  co_await upload->finish();
  auto message = upload->take();
  if (!message) co_return std::unexpected(message.error());
  message->mailbox = mailbox_;
  message->flags = what.flags;
  std::erase_if(what.keywords, [](const std::string& name) { return !state::mailbox::is_keyword(name); });
  message->keywords = std::move(what.keywords);
  message->internal_date = what.date;
  message->dedupe = state::mailbox::DedupeKey{what.key, remember_until_, what.remembered};
  waiting_octets_ += message->octets.size();
  waiting_.push_back(*std::move(message));
  if (waiting_.size() % kMessagesInARow == 0) {  // others on this reactor have their turn
    const auto executor = co_await asio::this_coro::executor;
    co_await asio::post(executor, asio::use_awaitable);
  }
  if (waiting_octets_ >= kTogetherOctets || waiting_.size() >= kTogether) {
    const auto flushed = co_await flush();
    if (!flushed) co_return std::unexpected(flushed.error());
  }
  co_return Ended::kTaken;
}

asio::awaitable<void> MessageIntake::abandon() {
  const auto upload = std::move(upload_);
  if (upload) co_await upload->discard();
}

void MessageIntake::count(const std::vector<Appended>& appended, const std::vector<std::uint64_t>& octets) {
  for (std::size_t i = 0; i < appended.size(); ++i) {
    if (appended[i].outcome == AppendOutcome::kAlreadyThere) {
      ++counts_.already_there;
      continue;
    }
    ++counts_.stored;
    counts_.octets += octets[i];
  }
}

asio::awaitable<Stored> MessageIntake::store_one(NewMessage message) {
  const std::vector<std::uint64_t> octets(1, octets_of(message));
  const auto appended = co_await mailboxes_->append(account_, std::move(message), limits_);
  if (!appended) co_return std::unexpected(appended.error());
  count({*appended}, octets);
  co_return Stored();
}

asio::awaitable<Stored> MessageIntake::store(std::vector<NewMessage> messages) {
  std::vector<std::uint64_t> octets;
  for (const auto& message : messages) octets.push_back(octets_of(message));
  auto copies = messages;
  const auto appended = co_await mailboxes_->append_all(account_, std::move(copies), limits_);
  if (appended) {
    count(*appended, octets);
    co_return Stored();
  }
  const auto error = appended.error();
  if (error != MailboxError::kTooBig && error != MailboxError::kStagedBodyGone && error != MailboxError::kOverQuota)
    co_return std::unexpected(error);
  for (auto& message : messages) {  // as many of them as there is room for
    const auto stored = co_await store_one(std::move(message));
    if (!stored) co_return stored;
  }
  co_return Stored();
}

asio::awaitable<Stored> MessageIntake::flush() {
  waiting_octets_ = 0;
  auto messages = std::exchange(waiting_, {});
  if (messages.empty()) co_return Stored();
  co_return co_await store(std::move(messages));
}

}  // namespace veredus::work::transfer
