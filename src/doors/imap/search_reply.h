#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/types/ids.h"
#include "doors/imap/uid_map.h"
#include "state/mailbox/uid_set.h"
#include "state/search/thread.h"
#include "wire/imap/search_key.h"

namespace veredus::doors::imap {

/// What a search found, as the client named messages: numbers and UIDs side by side, in the order of the reply.
struct Found {
  std::vector<std::uint32_t> numbers;  // what is told: sequence numbers, or UIDs
  std::vector<Uid> uids;
  enum class Order : std::uint8_t { kAscending, kSorted } order = Order::kAscending;
};

/// `uids` of messages in the view.
[[nodiscard]] Found found(const UidMap& view, std::vector<Uid> uids, bool by_uid, Found::Order order);

/// RFC 5182 s2.1, RFC 9394 s3.3: what `$` becomes.
[[nodiscard]] state::mailbox::UidSet saved_by(const wire::imap::SearchReturn& returns, const Found& found);

/// Where PARTIAL begins and ends in a result of `count`: [first, last), empty when it is beyond. RFC 9394 s3.1.
struct Slice {
  std::size_t first = 0;
  std::size_t last = 0;
};
[[nodiscard]] Slice slice_of(const wire::imap::PartialRange& range, std::size_t count);

/// The set of these numbers; when they are sorted in their order.
[[nodiscard]] std::string set_of(const Found& found, Slice slice);

/// Whether RETURN asks for anything that is told: SAVE, UPDATE and CONTEXT alone are not.
[[nodiscard]] bool tells_anything(const wire::imap::SearchReturn& returns);

/// Those whose MODSEQ counts for the reply (RFC 4731 s3.2): with MIN and MAX alone only these. Empty: all.
[[nodiscard]] std::vector<Uid> modseq_witnesses(const wire::imap::SearchReturn& returns, const Found& found);

/// `* ESEARCH (TAG "a1") UID COUNT 5 ALL 1:5`; `modseq` 0: none is told.
void append_result(std::string& out, std::string_view tag, bool uid, const wire::imap::SearchReturn& returns,
                   const Found& found, ModSeq modseq);

/// `* THREAD (2)(3 6 (4 23)(44 7 96))` (RFC 5256 s4). `view` nullptr: with UIDs.
void append_threads(std::string& out, const state::search::Threads& threads, const UidMap* view);

}  // namespace veredus::doors::imap
