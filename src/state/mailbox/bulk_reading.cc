#include <algorithm>
#include <array>
#include <functional>
#include <span>
#include <utility>

#include "io/net/worker_pool_run.h"
#include "state/mailbox/keys.h"
#include "state/mailbox/mailboxes.h"
#include "state/mailbox/mailboxes_impl.h"
#include "state/mailbox/picking.h"
#include "state/mailbox/rows.h"

/// Mailboxes: reading many messages.
namespace veredus::state::mailbox {
namespace {

using io::engine::Engine;
using io::engine::Partition;
using io::engine::ScanOptions;
using io::net::WorkerPool;

constexpr std::uint32_t kMarksPage = 20'000;
constexpr std::size_t kReadOneByOne = 64;  // in one call of the engine
constexpr std::size_t kReadFirst = 16;     // so, before it is known how long they are
constexpr std::size_t kShownInPlace = 16;
constexpr std::size_t kReadTogether = 2'000;
constexpr std::size_t kWorthAScan = 32;  // a scan goes to another thread; what is in memory is sooner read one by one

/// What is being looked for: `ids` from `next` on.
struct Search {
  std::span<const EmailId> ids;
  const RowViewer& viewer;
  std::size_t next = 0;

  [[nodiscard]] bool done() const { return next == ids.size(); }
  [[nodiscard]] bool ascends() const {
    return ids.size() >= kWorthAScan && std::ranges::adjacent_find(ids, std::greater_equal<>()) == ids.end();
  }
};

/// Emails that were stored one after the other stand together: one walk finds a page of them. Answers whether at least
/// half of what was read was wanted; if not, it is not worth going on so.
AsyncOutcome<bool> walk_emails(Engine* engine, Partition partition, Search* search, ScanOptions options) {
  options.limit = static_cast<std::uint32_t>(std::min(search->ids.size(), kReadTogether));
  std::size_t read = 0;
  std::size_t wanted = 0;
  Outcome<void> shown;
  const auto see = [&](std::string_view key, std::string_view row) {
    const auto id = keys::parse_email(key);
    if (!id) shown = std::unexpected(MailboxError::kCorrupt);
    if (!id) return false;
    ++read;
    while (search->ids[search->next] < *id) ++search->next;
    if (search->ids[search->next] != *id) return true;
    shown = search->viewer(search->next++, row);
    ++wanted;
    return shown.has_value();
  };
  const auto more = co_await engine->walk(partition, keys::email(search->ids.front()),
                                          keys::email(EmailId(search->ids.back().value + 1)), options, see);
  if (!more) co_return std::unexpected(from_store(more.error()));
  VEREDUS_CO_TRY(shown);
  if (!*more) search->next = search->ids.size();
  co_return wanted * 2 >= read;
}

using Rows = std::vector<std::optional<io::engine::Value>>;

/// As many as fit about `most` octets. Answers theirs.
Outcome<std::size_t> show(Search* search, const Rows& rows, std::size_t most) {
  std::size_t octets = 0;
  for (const auto& row : rows) {
    if (octets >= most) break;
    const auto place = search->next++;
    if (!row) continue;
    octets += row->size();
    VEREDUS_TRY(search->viewer(place, *row));
  }
  return octets;
}

/// The next `count` of them, or as many as fit about `most` octets. Answers the octets shown.
AsyncOutcome<std::size_t> get_emails(Engine* engine, WorkerPool* pool, Partition partition, Search* search,
                                     std::size_t count, std::size_t most) {
  std::vector<std::string> wanted;
  for (auto i = search->next; i < search->ids.size() && wanted.size() < count; ++i)
    wanted.push_back(keys::email(search->ids[i]));
  const auto rows = co_await engine->get(partition, std::move(wanted));
  if (!rows) co_return std::unexpected(from_store(rows.error()));
  if (pool == nullptr || search->ids.size() <= kShownInPlace) co_return show(search, *rows, most);
  // It runs to its end even when this coroutine is cancelled, and this coroutine waits for it.
  const auto job = [search, &rows, most] { return show(search, *rows, most); };
  const auto shown = co_await pool->run(job);
  co_return shown ? *shown : show(search, *rows, most);
}

/// Whether one scan may be the way to read their first chunks: they ascend, and no further chunks lie between them.
bool stand_together(const std::vector<StoredBody>& bodies) {
  const auto large = [](const StoredBody& body) { return body.octets != body.first_octets; };
  const auto not_after = [](const StoredBody& a, const StoredBody& b) { return a.email >= b.email; };
  return bodies.size() >= kWorthAScan && std::ranges::none_of(bodies, large) &&
         std::ranges::adjacent_find(bodies, not_after) == bodies.end();
}

/// Reads a little more than is wanted, in case other mailboxes' messages lie between. Answers for how many of the first
/// ones that was enough.
AsyncOutcome<std::size_t> scan_chunks(Engine* engine, Partition partition, const std::vector<StoredBody>* bodies,
                                      std::vector<std::optional<std::string>>* chunks) {
  std::size_t octets = 0;
  for (const auto& body : *bodies) octets += body.octets;
  ScanOptions options;
  options.limit = static_cast<std::uint32_t>(bodies->size() + bodies->size() / 4);
  options.octets_limit = octets + octets / 4 + kChunkOctets;
  options.once = true;
  auto page = co_await engine->scan(partition, keys::chunk(bodies->front().email, 0),
                                    keys::chunk(bodies->back().email, 1), options);
  if (!page) co_return std::unexpected(from_store(page.error()));
  std::size_t next = 0;
  for (auto& row : page->rows) {
    const auto at = keys::parse_chunk(row.key);
    if (!at) co_return std::unexpected(MailboxError::kCorrupt);
    while (next < bodies->size() && (*bodies)[next].email < at->first) ++next;
    if (next == bodies->size()) break;
    if ((*bodies)[next].email == at->first && at->second == 0) (*chunks)[next++] = std::move(row.value);
  }
  co_return page->more ? next : bodies->size();
}

/// Chunk 0 of each, from the store.
AsyncOutcome<std::vector<std::optional<std::string>>> read_first_chunks(Engine* engine, Partition partition,
                                                                        std::vector<StoredBody> bodies) {
  std::vector<std::optional<std::string>> chunks(bodies.size());
  std::size_t done = 0;
  if (stand_together(bodies)) {
    VEREDUS_CO_TRY(done, co_await scan_chunks(engine, partition, &bodies, &chunks));
  }
  if (done < bodies.size()) {
    std::vector<std::string> wanted;
    wanted.reserve(bodies.size() - done);
    for (auto i = done; i < bodies.size(); ++i) wanted.push_back(keys::chunk(bodies[i].email, 0));
    auto values = co_await engine->get(partition, std::move(wanted));
    if (!values) co_return std::unexpected(from_store(values.error()));
    std::ranges::move(*values, chunks.begin() + static_cast<std::ptrdiff_t>(done));
  }
  for (std::size_t i = 0; i < bodies.size(); ++i)
    if (chunks[i] && chunks[i]->size() != bodies[i].first_octets) co_return std::unexpected(MailboxError::kCorrupt);
  co_return chunks;
}

}  // namespace

Mailboxes::Result<std::vector<MessageMark>> Mailboxes::marks(AccountId account, MailboxId mailbox) {
  VEREDUS_CO_TRY(const auto shown, co_await status(account, mailbox));
  std::vector<MessageMark> marks;
  std::vector<Message> messages;
  marks.reserve(shown.counts.messages);
  ScanOptions options;
  options.limit = kMarksPage;
  VEREDUS_CO_TRY(auto flags, co_await impl_->flags_of(account, mailbox, kAllUids));
  std::string low = keys::message(mailbox, kFirstUid);
  const std::string high = keys::message(mailbox, kLastUid) + '\0';
  while (!low.empty()) {
    const auto page = co_await impl_->engine.scan(Impl::partition(account), low, high, options);
    if (!page) co_return std::unexpected(from_store(page.error()));
    messages.clear();
    VEREDUS_CO_TRY(add_messages(page->rows, messages));
    flags.apply(messages);
    for (const auto& message : messages)
      marks.push_back({message.uid, message.flags, message.modseq, message.keywords});
    low = page->more ? page->rows.back().key + '\0' : std::string();
  }
  co_return marks;
}

AsyncOutcome<std::size_t> Mailboxes::Impl::view_rows(AccountId account, std::span<const EmailId> ids,
                                                     std::size_t octets, Again again, WorkerPool* pool,
                                                     RowViewer viewer) {
  Search search{.ids = ids, .viewer = viewer};
  ScanOptions reading;
  reading.octets_limit = octets;
  reading.once = again == Again::kNo;
  if (search.ascends()) {
    VEREDUS_CO_TRY(const bool dense, co_await walk_emails(&engine, partition(account), &search, reading));
    if (dense) co_return search.next;
  }
  std::size_t count = kReadFirst;
  for (std::size_t read = 0; !search.done() && read < octets;) {
    const auto most = octets - read;
    VEREDUS_CO_TRY(const auto more, co_await get_emails(&engine, pool, partition(account), &search, count, most));
    read += more;
    count = std::clamp((most - std::min(more, most)) / (more / count + 1), kReadFirst, kReadOneByOne);
  }
  co_return search.next;
}

Mailboxes::Result<std::vector<StoredEmail>> Mailboxes::stored_emails(AccountId account, std::vector<EmailId> ids,
                                                                     std::size_t octets) {
  std::vector<StoredEmail> found;
  const auto keep = [&found](std::size_t place, std::string_view octets_of_row) -> Outcome<void> {
    std::string row(octets_of_row);
    VEREDUS_TRY(const auto email, rows::view_email(row));
    found.resize(place);
    found.emplace_back(std::move(row), email);
    return {};
  };
  VEREDUS_CO_TRY(const auto seen, co_await impl_->view_rows(account, ids, octets, Again::kMaybe, nullptr, keep));
  found.resize(seen);
  co_return found;
}

Mailboxes::Result<std::size_t> Mailboxes::view_emails(AccountId account, std::span<const EmailId> ids,
                                                      std::size_t octets, Again again, EmailViewer viewer) {
  const auto show = [&viewer](std::size_t place, std::string_view row) -> Outcome<void> {
    VEREDUS_TRY(const auto email, rows::view_email(row));
    viewer(place, email);
    return {};
  };
  co_return co_await impl_->view_rows(account, ids, octets, again, &impl_->unpacker, show);
}

Mailboxes::Result<std::vector<std::optional<std::string>>> Mailboxes::first_chunks(AccountId account,
                                                                                   std::vector<StoredBody> bodies) {
  std::vector<std::optional<std::string>> chunks(bodies.size());
  std::vector<std::size_t> places;  // of those that are not on the shelf
  std::vector<StoredBody> wanted;
  for (std::size_t i = 0; i < bodies.size(); ++i) {
    const auto kept = impl_->shelf.find(account, bodies[i].email);
    if (kept && kept->size() == bodies[i].first_octets) {
      chunks[i] = *kept;
    } else {
      places.push_back(i);
      wanted.push_back(bodies[i]);
    }
  }
  if (wanted.empty()) co_return chunks;
  VEREDUS_CO_TRY(auto read, co_await read_first_chunks(&impl_->engine, Impl::partition(account), std::move(wanted)));
  for (std::size_t i = 0; i < places.size(); ++i) chunks[places[i]] = std::move(read[i]);
  co_return chunks;
}

Mailboxes::Result<std::vector<std::optional<Brought>>> Mailboxes::already_there(
    AccountId account, std::vector<std::array<std::uint8_t, 16>> dedupe_keys) {
  std::vector<std::optional<Brought>> there;
  there.reserve(dedupe_keys.size());
  std::vector<std::string> wanted;
  wanted.reserve(dedupe_keys.size());
  for (const auto& key : dedupe_keys) wanted.push_back(keys::dedupe(key));
  const auto found = co_await impl_->engine.get(Impl::partition(account), std::move(wanted));
  if (!found) co_return std::unexpected(from_store(found.error()));
  const auto now = impl_->clock.now();
  for (const auto& row : *found) {
    auto& answer = there.emplace_back();
    if (!row) continue;
    VEREDUS_CO_TRY(auto first, rows::decode_dedupe(*row));
    if (first.expiry > now) answer = Brought{first.at, first.uid_validity, std::move(first.source_flags)};
  }
  co_return there;
}

}  // namespace veredus::state::mailbox
