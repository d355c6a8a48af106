#include <algorithm>
#include <utility>

#include "state/mailbox/annotation_operation.h"
#include "state/mailbox/keys.h"
#include "state/mailbox/mailboxes.h"
#include "state/mailbox/mailboxes_impl.h"
#include "state/mailbox/rows.h"

/// Mailboxes: what programs note about mailboxes and accounts.
namespace veredus::state::mailbox {
namespace {

using io::engine::Engine;
using io::engine::Partition;
using io::engine::ScanOptions;

constexpr std::size_t kNameOctets = 400;  // a key is at most 512

/// Those whose keys are low <= key < high and, unless `depth` is kAllBelow, have no separator after `prefix` octets.
AsyncOutcome<void> scan_below(Engine* engine, Partition partition, std::string prefix, AnnotationDepth depth,
                              std::vector<Annotation>* found) {
  const auto high = keys::after(prefix);
  const auto octets = prefix.size();
  for (std::string low = std::move(prefix); !low.empty();) {
    const auto page = co_await engine->scan(partition, low, high, ScanOptions{});
    if (!page) co_return std::unexpected(from_store(page.error()));
    for (const auto& row : page->rows) {
      const auto at = keys::parse_annotation(row.key);
      if (!at) co_return std::unexpected(MailboxError::kCorrupt);
      if (depth == AnnotationDepth::kChildren && row.key.find('/', octets) != std::string::npos) continue;
      VEREDUS_CO_TRY(auto value, rows::decode_annotation(row.value));
      found->push_back({std::string(at->name), std::move(value)});
    }
    low = page->more ? page->rows.back().key + '\0' : std::string();
  }
  co_return Outcome<void>();
}

/// Every annotation of the account, without values.
AsyncOutcome<std::vector<AnnotationNote>> scan_names(Engine* engine, Partition partition) {
  std::vector<AnnotationNote> found;
  const auto prefix = keys::all_annotations();
  ScanOptions options;
  options.keys_only = true;
  for (std::string low = prefix; !low.empty();) {
    const auto page = co_await engine->scan(partition, low, keys::after(prefix), options);
    if (!page) co_return std::unexpected(from_store(page.error()));
    for (const auto& row : page->rows) {
      const auto at = keys::parse_annotation(row.key);
      if (!at) co_return std::unexpected(MailboxError::kCorrupt);
      found.push_back({ModSeq(), at->place, std::string(at->name), {}});
    }
    low = page->more ? page->rows.back().key + '\0' : std::string();
  }
  co_return found;
}

}  // namespace

Mailboxes::Result<std::vector<Annotation>> Mailboxes::annotations(AccountId account, AnnotationPlace place,
                                                                  std::string name, AnnotationDepth depth) {
  std::vector<Annotation> found;
  if (place.mailbox != kWholeAccount) {
    const auto is_there = [id = place.mailbox](const AccountState& state) {
      return alive_mailbox(state, id) != nullptr;
    };
    VEREDUS_CO_TRY(const bool there, co_await impl_->view(account, is_there));
    if (!there) co_return std::unexpected(MailboxError::kNoSuchMailbox);
  }
  const auto partition = Impl::partition(account);
  auto key = keys::annotation(place, name);
  if (!name.empty()) {
    std::vector<std::string> wanted(1, key);
    const auto rows = co_await impl_->engine.get(partition, std::move(wanted));
    if (!rows) co_return std::unexpected(from_store(rows.error()));
    if (rows->front()) {
      VEREDUS_CO_TRY(auto value, rows::decode_annotation(*rows->front()));
      found.push_back({std::move(name), std::move(value)});
    }
  }
  if (depth != AnnotationDepth::kOne)
    VEREDUS_CO_TRY(co_await scan_below(&impl_->engine, partition, std::move(key) + '/', depth, &found));
  co_return found;
}

Mailboxes::Result<void> Mailboxes::annotate(AccountId account, std::vector<AnnotationChange> changes,
                                            std::string author, std::optional<GivenUse> use) {
  for (const auto& change : changes) {
    if (change.name.empty() || change.name.size() > kNameOctets) co_return std::unexpected(MailboxError::kNameTooLong);
    if (change.value && change.value->size() > impl_->options.annotation_octets)
      co_return std::unexpected(MailboxError::kAnnotationTooBig);
  }
  AnnotateOperation operation(account, std::move(changes), use, impl_->options.annotations, std::move(author));
  co_return co_await impl_->perform(account, &operation);
}

Mailboxes::Result<AnnotationNotes> Mailboxes::annotation_notes(AccountId account, ModSeq since) {
  const auto look = [since](const AccountState& state) {
    const ModSeq now(state.version.value);
    return std::pair(now, state.annotations.after(since, now));
  };
  VEREDUS_CO_TRY(auto known, co_await impl_->view(account, look));
  AnnotationNotes answer;
  answer.up_to = known.first;
  if (known.second) {
    answer.notes = *std::move(known.second);
    co_return answer;
  }
  VEREDUS_CO_TRY(answer.notes, co_await scan_names(&impl_->engine, Impl::partition(account)));
  co_return answer;
}

}  // namespace veredus::state::mailbox
