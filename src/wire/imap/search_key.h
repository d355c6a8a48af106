#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "wire/imap/date.h"
#include "wire/imap/fetch_item.h"
#include "wire/imap/sequence_set.h"

namespace veredus::wire::imap {

enum class SearchKind : std::uint8_t {
  kAll,
  kAnd,      // children, at least one: the top of a search, and "(…)"
  kOr,       // two children
  kNot,      // one child; the UN… keys too
  kFlag,     // `flag`
  kKeyword,  // `text`: the keyword
  kNew,      // RFC 3501 s6.4.4: \Recent and not \Seen
  kOld,
  kRecent,
  kBcc,  // `text` in all of these
  kCc,
  kFrom,
  kTo,
  kSubject,
  kHeader,  // `field` and `text`; an empty text: the field is there
  kBody,
  kText,
  kBefore,  // `date` in all of these
  kOn,
  kSince,
  kSentBefore,
  kSentOn,
  kSentSince,
  kSavedBefore,  // RFC 8514 s4.2
  kSavedOn,
  kSavedSince,
  kSaveDateSupported,
  kLarger,  // `number`, octets
  kSmaller,
  kOlder,  // `number`, seconds. RFC 5032 s3
  kYounger,
  kModSeq,    // `number`. RFC 7162 s3.1.5; an entry name is read and ignored, as flags have one MODSEQ here
  kNumbers,   // `set` of message numbers
  kUid,       // `set` of UIDs
  kEmailId,   // `text`. RFC 8474 s6
  kThreadId,  // `text`
};

/// One node of what to search for. A plain tree, whose depth and size the reader limited.
struct SearchKey {
  SearchKind kind = SearchKind::kAll;
  std::uint8_t flag = 0;  // SystemFlag
  std::uint64_t number = 0;
  Date date{};
  std::string field{};
  std::string text{};  // UTF-8, whatever the charset it came in
  SequenceSet set{};
  std::vector<SearchKey> children{};
  friend bool operator==(const SearchKey&, const SearchKey&) = default;
};

/// As a client would write it: what was parsed can be said again. Texts as quoted strings or non-synchronizing
/// literals.
[[nodiscard]] std::string to_string(const SearchKey& key);

/// Whether any part of `key` is of this kind.
[[nodiscard]] bool mentions(const SearchKey& key, SearchKind kind);

/// RETURN (…): RFC 9051 s6.4.4, RFC 5182, RFC 5267, RFC 9394. `RETURN ()` is ALL.
struct SearchReturn {
  bool min = false;
  bool max = false;
  bool all = false;
  bool count = false;
  bool save = false;
  bool update = false;                    // RFC 5267 s4.3
  std::vector<FetchItem> update_items{};  // RFC 5465 s7: to be fetched of what arrives
  bool context = false;                   // RFC 5267 s4.2: a hint
  std::optional<PartialRange> partial{};  // excludes ALL
  friend bool operator==(const SearchReturn&, const SearchReturn&) = default;
};

struct Search {
  bool uid = false;
  std::optional<SearchReturn> returns{};  // set: answer ESEARCH
  SearchKey key{};                        // kAnd
  friend bool operator==(const Search&, const Search&) = default;
};

}  // namespace veredus::wire::imap
