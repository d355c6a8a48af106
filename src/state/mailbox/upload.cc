#include "state/mailbox/upload.h"

#include <algorithm>
#include <utility>

#include "state/mailbox/mailboxes.h"
#include "wire/mime/summary.h"

namespace veredus::state::mailbox {

Upload::Upload(Mailboxes* mailboxes, AccountId account, SystemTime expiry, Keep keep, Parsing parsing)
    : mailboxes_(mailboxes),
      account_(account),
      expiry_(expiry),
      keep_(keep),
      parses_(parsing == Parsing::kAsItComes || keep == Keep::kStaged),
      first_full_(keep == Keep::kStaged) {}

void Upload::add(std::string_view octets) {
  if (octets.empty()) return;
  if (parses_) parser_.feed(octets);
  pending_.append(octets);
  octets_ += octets.size();
  last_ = octets.back();
}

void Upload::expect(std::uint64_t octets) {
  pending_.reserve(std::min<std::uint64_t>(pending_.size() + octets, kChunkOctets));
}

bool Upload::feed(std::string_view octets, Octets kind) {
  if (failure_) return false;
  if (kind == Octets::kBinary) {
    add(octets);
    return pending_.size() >= kChunkOctets;
  }
  met_nul_ = met_nul_ || octets.contains('\0');
  std::size_t from = 0;
  for (auto at = octets.find('\n'); at != std::string_view::npos; at = octets.find('\n', at + 1)) {
    const char before = at == 0 ? last_ : octets[at - 1];
    if (before == '\r') continue;
    add(octets.substr(from, at - from));
    add("\r\n");
    from = at + 1;
  }
  add(octets.substr(from));
  return pending_.size() >= kChunkOctets;
}

asio::awaitable<void> Upload::stage_one(std::size_t octets) {
  if (failure_) co_return;
  if (!staged_) staged_ = mailboxes_->new_staged_email();
  const auto kept =
      co_await mailboxes_->stage_chunk(account_, *staged_, ++chunks_, pending_.substr(0, octets), expiry_);
  pending_.erase(0, octets);
  staged_octets_ += octets;
  if (kept) co_return;
  failure_ = kept.error();
  pending_ = {};
  first_ = {};
}

asio::awaitable<void> Upload::stage() {
  const bool stays = !first_full_ && pending_.size() <= kChunkOctets;
  if (!stays && !std::exchange(parses_, true)) parser_.feed(pending_);
  if (!first_full_ && pending_.size() > kChunkOctets) {
    first_ = pending_.substr(0, kChunkOctets);
    pending_.erase(0, kChunkOctets);
    first_full_ = true;
  }
  while (first_full_ && pending_.size() >= kChunkOctets) co_await stage_one(kChunkOctets);
}

asio::awaitable<void> Upload::finish() {
  co_await stage();
  if (first_full_ && !pending_.empty()) co_await stage_one(pending_.size());
}

std::expected<NewMessage, MailboxError> Upload::take() {
  if (failure_) return std::unexpected(*failure_);
  NewMessage message;
  message.octets = first_full_ ? std::move(first_) : std::move(pending_);
  if (staged_) message.staged = StagedBody{*staged_, staged_octets_};
  if (parses_) message.content = wire::mime::summarize(parser_.finish());
  return message;
}

void Upload::parse(NewMessage& message) {
  wire::mime::StructureParser parser;
  parser.feed(message.octets);
  message.content = wire::mime::summarize(parser.finish());
}

asio::awaitable<void> Upload::discard() {
  if (staged_) co_await mailboxes_->discard_staged(account_, *staged_);
  staged_.reset();
}

}  // namespace veredus::state::mailbox
