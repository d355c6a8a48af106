#include "doors/imap/incoming.h"

#include <algorithm>
#include <utility>

#include "doors/imap/failures.h"
#include "doors/imap/input.h"
#include "doors/imap/own_account.h"
#include "state/directory/directory.h"
#include "state/directory/snapshot.h"
#include "state/mailbox/allowed_flags.h"
#include "state/mailbox/mailboxes.h"

namespace veredus::doors::imap {

using state::mailbox::MailboxError;
using state::mailbox::NewMessage;
using state::mailbox::QuotaLimits;
using state::mailbox::QuotaUsage;
using state::mailbox::Right;
using state::mailbox::Upload;
using wire::imap::AppendedMessage;

namespace {

constexpr std::chrono::hours kStagingLife{24};
constexpr std::size_t kHeldOctets = std::size_t{4} * 1024 * 1024;  // of one command; what is more is staged
constexpr std::size_t kPieceOctets = std::size_t{64} * 1024;

Outcome too_large() { return no("TOOBIG", "The message is too large"); }  // RFC 4469 s5

/// The URL as a response code can have it, whatever was sent (RFC 4469 s5 url-resp-text): the rest percent-encoded.
std::string shown_url(std::string_view url) {
  constexpr std::size_t kMostShown = 1000;
  constexpr std::string_view kHex = "0123456789ABCDEF";
  if (url.size() > kMostShown) url = {};  // a line is no place for it
  std::string shown = "\"";
  for (const char c : url) {
    const auto octet = static_cast<unsigned char>(c);
    if (octet > 0x20 && octet < 0x7F && c != '"' && c != '\\' && c != ']')
      shown.push_back(c);
    else
      shown.append(1, '%').append(1, kHex[octet >> 4]).append(1, kHex[octet & 15]);
  }
  return shown.append("\"");
}

/// RFC 4469 s3, s5.
Outcome bad_url(std::string_view url, std::string why) { return no("BADURL " + shown_url(url), std::move(why)); }

}  // namespace

asio::awaitable<std::optional<Outcome>> Incoming::find_target(std::string mailbox) {
  auto found = co_await find_mailbox(talk_, std::move(mailbox));
  if (!found) co_return target_failure(found.error());
  if (!found->rights.has(Right::kInsert)) co_return not_target(found->rights);
  target_ = *std::move(found);
  co_return std::nullopt;
}

/// The owner may have taken rights back while the octets came (RFC 4314 s4).
asio::awaitable<std::optional<Outcome>> Incoming::renew_target() {
  const auto rights =
      co_await talk_->services.mailboxes.rights(target_->account, target_->mailbox.id, talk_->session.account());
  if (!rights) co_return failure(rights.error());
  if (!rights->has(Right::kInsert)) co_return not_target(*rights);
  target_->rights = *rights;
  co_return std::nullopt;
}

/// Before the octets come; the commit looks again.
asio::awaitable<std::optional<Outcome>> Incoming::check_quota(std::uint64_t octets) {
  const auto limits = quota_of(*talk_, target_->account);
  if (!limits) co_return target_failure(limits.error());
  if (limits->octets == 0 && limits->messages == 0) co_return std::nullopt;
  const auto usage = co_await talk_->services.mailboxes.usage(target_->account);
  if (!usage) co_return failure(usage.error());
  const auto free = co_await room();
  const bool over = (limits->octets != 0 && usage->octets + octets_ + octets > limits->octets + free.octets) ||
                    (limits->messages != 0 && usage->messages + done_.size() + 1 > limits->messages + free.messages);
  if (over) co_return failure(MailboxError::kOverQuota);
  co_return std::nullopt;
}

asio::awaitable<QuotaUsage> Incoming::room() {
  QuotaUsage room;
  const auto* selected = talk_->session.selected.get();
  if (replaced_.empty() || selected == nullptr || selected->account() != target_->account) co_return room;
  const Uid uid = replaced_.ranges().front().first;
  auto& mailboxes = talk_->services.mailboxes;
  const auto found = co_await mailboxes.messages(target_->account, selected->mailbox(), uid, uid, 1);
  if (!found || found->messages.empty()) co_return room;
  room.octets = found->messages.front().body.octets;
  room.messages = 1;
  co_return room;
}

void Incoming::settle(const AppendedMessage& from, NewMessage& message) const {
  message.mailbox = target_->mailbox.id;
  message.internal_date = from.date ? from.date->time : talk_->services.clock.now();
  // RFC 4314 s4: flags that may not be set are left out, and the message is taken.
  const auto allowed = state::mailbox::flags_within(target_->rights);
  message.flags = allowed.of(state::mailbox::FlagSet::from_bits(from.flags.system));
  if (allowed.keywords) message.keywords = from.flags.keywords;
}

asio::awaitable<std::optional<Outcome>> Incoming::finish_message(const AppendedMessage* message) {
  const auto pieces = message->pieces.size();
  if (auto refused = co_await take_urls(message, pieces, 0)) co_return refused;
  co_await upload_->finish();
  if (upload_->met_nul()) co_return bad("NUL in a message needs a literal8");
  if (upload_->octets() == 0) co_return no("An empty message cannot be kept");
  if (upload_->octets() > talk_->options.max_message_octets) co_return too_large();
  auto made = upload_->take();
  if (!made) co_return failure(made.error());
  done_.add(*std::move(made), upload_->is_parsed());
  upload_.reset();
  pieces_ = 0;
  co_return std::nullopt;
}

asio::awaitable<std::optional<Outcome>> Incoming::advance(const std::vector<AppendedMessage>* messages,
                                                          std::size_t index) {
  while (done_.size() < index) {
    if (!upload_) begin();
    if (auto refused = co_await finish_message(&(*messages)[done_.size()])) co_return refused;
  }
  if (!upload_ && index < messages->size()) begin();
  co_return std::nullopt;
}

void Incoming::begin() {
  const auto keep = done_.octets() < kHeldOctets ? Upload::Keep::kFirstChunk : Upload::Keep::kStaged;
  upload_ = std::make_unique<Upload>(&talk_->services.mailboxes, target_->account,
                                     talk_->services.clock.now() + kStagingLife, keep, done_.parsing());
}

asio::awaitable<std::optional<Outcome>> Incoming::announce(std::string mailbox,
                                                           const std::vector<AppendedMessage>* messages,
                                                           std::uint64_t octets) {
  if (!target_)
    if (auto refused = co_await find_target(std::move(mailbox))) co_return refused;
  if (messages->size() > talk_->options.max_append_messages) co_return failure(MailboxError::kTooManyMessages);
  if (auto refused = co_await check_quota(octets)) co_return refused;
  if (auto refused = co_await advance(messages, messages->size() - 1)) co_return refused;
  const auto& message = messages->back();
  co_return co_await take_urls(&message, message.pieces.size() - 1, octets);
}

asio::awaitable<bool> Incoming::receive(std::uint64_t octets, bool binary) {
  const auto kind = binary ? Upload::Octets::kBinary : Upload::Octets::kText;
  octets_ += octets;
  upload_->expect(octets);
  while (octets != 0) {
    const auto wanted = std::min<std::uint64_t>(octets, kPieceOctets);
    const auto piece = co_await talk_->in.octets(wanted, talk_->timeouts.literal);
    if (!piece) co_return false;
    octets -= piece->size();
    const bool is_full = upload_->feed(*piece, kind);
    if (is_full && account_is_gone(*talk_)) co_return false;
    if (is_full) co_await upload_->stage();
  }
  ++pieces_;
  co_return true;
}

asio::awaitable<std::expected<std::vector<MessagePart>, Outcome>> Incoming::find_parts(const AppendedMessage* message,
                                                                                       std::size_t end,
                                                                                       std::uint64_t more) {
  auto octets = upload_->octets() + more;
  std::vector<MessagePart> parts;
  for (auto at = pieces_; at < end; ++at) {
    const auto& url = message->pieces[at].url;
    if (!url) co_return std::unexpected(bad("A literal was announced and did not come"));
    auto part = co_await MessagePart::find(talk_, *url);
    if (!part) co_return std::unexpected(bad_url(*url, "The URL names nothing that is here"));
    octets += part->octets();
    parts.push_back(*std::move(part));
    if (stint_.is_long()) co_await stint_.pause();
  }
  if (octets > talk_->options.max_message_octets) co_return std::unexpected(too_large());
  co_return parts;
}

asio::awaitable<std::optional<Outcome>> Incoming::take_urls(const AppendedMessage* message, std::size_t end,
                                                            std::uint64_t more) {
  auto parts = co_await find_parts(message, end, more);
  if (!parts) co_return std::move(parts).error();
  for (auto& part : *parts) {
    const auto* url = &*message->pieces[pieces_].url;
    if (auto refused = co_await take_part(std::move(part), url)) co_return refused;
    ++pieces_;
  }
  co_return std::nullopt;
}

asio::awaitable<std::optional<Outcome>> Incoming::take_part(MessagePart part, const std::string* url) {
  while (true) {
    const auto some = co_await part.next();
    if (!some) co_return bad_url(*url, "What the URL names cannot be read");
    if (some->empty()) co_return std::nullopt;
    octets_ += some->size();
    if (upload_->octets() + some->size() > talk_->options.max_message_octets) co_return too_large();
    if (upload_->feed(*some, Upload::Octets::kText)) co_await upload_->stage();
    if (stint_.is_long()) co_await stint_.pause();
  }
}

asio::awaitable<std::expected<std::vector<NewMessage>, Outcome>> Incoming::take(std::string mailbox,
                                                                                std::vector<AppendedMessage> messages) {
  auto looking = target_ ? renew_target() : find_target(std::move(mailbox));
  if (auto refused = co_await std::move(looking)) co_return std::unexpected(*std::move(refused));
  if (auto refused = co_await advance(&messages, messages.size())) co_return std::unexpected(*std::move(refused));
  auto taken = co_await done_.take();
  for (std::size_t i = 0; i < taken.size(); ++i) settle(messages[i], taken[i]);
  co_return taken;
}

asio::awaitable<void> Incoming::discard() {
  if (upload_) co_await upload_->discard();
  upload_.reset();
  for (const auto email : done_.staged()) co_await talk_->services.mailboxes.discard_staged(target_->account, email);
  done_ = TakenMessages(&talk_->services.workers);
}

std::expected<QuotaLimits, MailboxError> quota_of(const Talk& talk, AccountId account) {
  const auto now = talk.services.directory.snapshot();
  const auto* found = now->account(account);
  if (found == nullptr) return std::unexpected(MailboxError::kNoSuchMailbox);
  return QuotaLimits{found->quota.octets, found->quota.messages};
}

}  // namespace veredus::doors::imap
