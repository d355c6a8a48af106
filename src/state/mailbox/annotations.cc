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

}  // namespace

Mailboxes::Result<std::vector<Annotation>> Mailboxes::annotations(AccountId account, AnnotationPlace place,
                                                                  std::string name, AnnotationDepth depth) {
  std::vector<Annotation> found;
  if (place.mailbox != kWholeAccount) VEREDUS_CO_TRY(co_await status(account, place.mailbox));
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

Mailboxes::Result<void> Mailboxes::annotate(AccountId account, std::vector<AnnotationChange> changes) {
  for (const auto& change : changes) {
    if (change.name.empty() || change.name.size() > kNameOctets) co_return std::unexpected(MailboxError::kNameTooLong);
    if (change.value && change.value->size() > impl_->options.annotation_octets)
      co_return std::unexpected(MailboxError::kAnnotationTooBig);
  }
  AnnotateOperation operation(std::move(changes), impl_->options.annotations);
  co_return co_await impl_->perform(account, &operation);
}

}  // namespace veredus::state::mailbox
