#include "state/search/index_feed.h"

#include <algorithm>
#include <utility>

#include "state/search/message_text.h"
#include "wire/mime/part_table.h"

namespace veredus::state::search {
namespace {

constexpr std::uint32_t kChangesAtOnce = 5'000;
constexpr std::uint32_t kRowsAtOnce = 5'000;
constexpr std::size_t kEmailsAtOnce = 64;
constexpr std::size_t kSummaryOctets = 1024 * 1024;
constexpr std::uint64_t kCommitOctets = 32ULL * 1024 * 1024;  // of messages: bounds what Xapian holds in memory
constexpr std::uint64_t kFewDestroyed = 1'000;
constexpr std::string_view kPoolStopped = "shutting down";

}  // namespace

IndexFeed::IndexFeed(mailbox::Mailboxes& mailboxes, io::net::WorkerPool& thread, IndexShelf& shelf, AccountId account)
    : mailboxes_(mailboxes), thread_(thread), shelf_(shelf), account_(account) {}

asio::awaitable<IndexFeed::Outcome> IndexFeed::run() {
  auto done = co_await open();
  if (done) {
    const auto position = writer_->position();
    if (position)
      done = co_await follow(*position);
    else
      done = co_await fill();
  }
  const std::size_t size = writer_ ? writer_->size() : 0;
  auto close = [this] { writer_.reset(); };
  (void)co_await thread_.run(std::move(close));
  if (!done) {
    why_ = done.error();
    co_return Outcome::kFailed;
  }
  co_return destroyed_ > kFewDestroyed&& destroyed_ * 2 > size ? Outcome::kStartAnew : Outcome::kUpToDate;
}

asio::awaitable<IndexFeed::Done> IndexFeed::open() {
  auto job = [this]() -> std::expected<void, IndexError> {
    VEREDUS_TRY(writer_, IndexWriter::open(shelf_.path_of(account_)));
    destroyed_ = writer_->destroyed();
    return {};
  };
  const auto opened = co_await thread_.run(std::move(job));
  if (!opened) co_return std::unexpected(kPoolStopped);
  if (!*opened) co_return std::unexpected(to_string(opened->error()));
  co_return Done();
}

asio::awaitable<std::expected<std::vector<EmailId>, std::string_view>> IndexFeed::all_emails() {
  std::vector<EmailId> emails;
  const auto mailboxes = co_await mailboxes_.list(account_);
  if (!mailboxes) co_return std::unexpected(to_string(mailboxes.error()));
  for (const auto& mailbox : *mailboxes) {
    for (Uid from = mailbox::kFirstUid;;) {
      const auto page = co_await mailboxes_.messages(account_, mailbox.id, from, mailbox::kLastUid, kRowsAtOnce);
      if (!page) co_return std::unexpected(to_string(page.error()));
      for (const auto& message : page->messages) emails.push_back(message.body.email);
      if (!page->more || page->messages.empty()) break;
      from = Uid(page->messages.back().uid.value + 1);
    }
  }
  std::ranges::sort(emails);
  const auto [first, last] = std::ranges::unique(emails);  // copies of one message
  emails.erase(first, last);
  co_return emails;
}

/// An index of nobody knows what: everything that is not in it yet.
asio::awaitable<IndexFeed::Done> IndexFeed::fill() {
  const auto position = co_await mailboxes_.highest_modseq(account_);
  if (!position) co_return std::unexpected(to_string(position.error()));
  VEREDUS_CO_TRY(auto emails, co_await all_emails());
  destroyed_ = 0;
  VEREDUS_CO_TRY(co_await add(std::move(emails)));
  co_return co_await commit(*position);
}

asio::awaitable<IndexFeed::Done> IndexFeed::follow(ModSeq position) {
  while (true) {
    auto changes = co_await mailboxes_.account_changes(account_, position, kChangesAtOnce);
    if (!changes) co_return std::unexpected(to_string(changes.error()));
    if (changes->reach == mailbox::AccountChanges::Reach::kCannotCalculate) co_return co_await fill();
    if (changes->up_to == position) co_return Done();
    destroyed_ += changes->destroyed.size();
    std::ranges::sort(changes->created);
    VEREDUS_CO_TRY(co_await add(std::move(changes->created)));
    VEREDUS_CO_TRY(co_await commit(changes->up_to));
    position = changes->up_to;
    if (!changes->more) co_return Done();
  }
}

asio::awaitable<IndexFeed::Done> IndexFeed::add(std::vector<EmailId> emails) {
  std::erase_if(emails, [this](EmailId email) { return writer_->contains(email); });
  for (std::size_t at = 0; at < emails.size();) {
    const auto end = std::min(at + kEmailsAtOnce, emails.size());
    std::vector<EmailId> ids(emails.begin() + static_cast<std::ptrdiff_t>(at),
                             emails.begin() + static_cast<std::ptrdiff_t>(end));
    const auto stored = co_await mailboxes_.stored_emails(account_, ids, kSummaryOctets);
    if (!stored) co_return std::unexpected(to_string(stored.error()));
    if (stored->empty()) co_return std::unexpected("nothing was read");
    ids.resize(stored->size());
    at += stored->size();
    VEREDUS_CO_TRY(co_await add_some(&*stored, std::move(ids)));
    if (uncommitted_octets_ < kCommitOctets) continue;
    VEREDUS_CO_TRY(co_await commit(std::nullopt));
  }
  co_return Done();
}

asio::awaitable<IndexFeed::Done> IndexFeed::add_some(const std::vector<mailbox::StoredEmail>* emails,
                                                     std::vector<EmailId> ids) {
  for (std::size_t i = 0; i < emails->size(); ++i) {
    const auto& email = (*emails)[i];
    if (!email.there()) continue;
    const mailbox::StoredBody body{ids[i], email.view().octets, email.view().first_octets};
    auto first = co_await mailboxes_.read_body(account_, body, 0, mailbox::kChunkOctets);
    if (!first && first.error() == mailbox::MailboxError::kNoSuchEmail) continue;
    if (!first) co_return std::unexpected(to_string(first.error()));
    VEREDUS_CO_TRY(co_await add_one(body, std::string(email.view().part_table), *std::move(first)));
  }
  co_return Done();
}

/// One whose part table was not stored, or with too many trigrams, stays outside and is scanned each time.
asio::awaitable<IndexFeed::Done> IndexFeed::add_one(mailbox::StoredBody body, std::string part_table,
                                                    std::string first) {
  const auto parts = wire::mime::decode_part_table(part_table);
  if (!parts) co_return Done();
  MessageText text(*parts, MessageText::Parts::kAll, trigrams_);
  auto begin = [&]() -> std::expected<void, IndexError> {
    trigrams_.headers.clear();
    trigrams_.bodies.clear();
    text.feed(0, first);
    if (text.wants() < body.octets) return {};
    return writer_->add(body.email, trigrams_);
  };
  auto added = co_await thread_.run(std::move(begin));
  bool more = added && *added && text.wants() < body.octets;
  while (more) {
    const auto offset = text.wants();
    auto octets = co_await mailboxes_.read_body(account_, body, offset, mailbox::kChunkOctets);
    if (!octets && octets.error() == mailbox::MailboxError::kNoSuchEmail) co_return Done();
    if (!octets) co_return std::unexpected(to_string(octets.error()));
    if (octets->empty()) co_return Done();
    auto go_on = [&, piece = *std::move(octets)]() -> std::expected<void, IndexError> {
      text.feed(offset, piece);
      if (text.wants() < body.octets) return {};
      return writer_->add(body.email, trigrams_);
    };
    added = co_await thread_.run(std::move(go_on));
    more = added && *added && text.wants() < body.octets;
  }
  if (!added) co_return std::unexpected(kPoolStopped);
  if (!*added) co_return std::unexpected(to_string(added->error()));
  ++indexed_;
  uncommitted_octets_ += body.octets;
  co_return Done();
}

asio::awaitable<IndexFeed::Done> IndexFeed::commit(std::optional<ModSeq> position) {
  auto job = [this, position] { return writer_->commit(position, destroyed_); };
  const auto committed = co_await thread_.run(std::move(job));
  if (!committed) co_return std::unexpected(kPoolStopped);
  if (!*committed) co_return std::unexpected(to_string(committed->error()));
  uncommitted_octets_ = 0;
  shelf_.note_commit(account_);
  co_return Done();
}

}  // namespace veredus::state::search
