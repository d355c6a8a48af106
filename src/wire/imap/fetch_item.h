#pragma once

#include <compare>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "wire/imap/sequence_set.h"

namespace veredus::wire::imap {

/// `<first.count>`: octets of what is asked for. In replies only `<first>` is said.
struct OctetRange {
  std::uint64_t first = 0;
  std::uint64_t count = 0;  // at least 1
  friend auto operator<=>(const OctetRange&, const OctetRange&) = default;
};

/// What of a part (RFC 9051 s6.4.5 section-text).
enum class SectionText : std::uint8_t { kAll, kHeader, kHeaderFields, kHeaderFieldsNot, kText, kMime };

/// `1.2.HEADER.FIELDS (FROM TO)`; the empty section is the whole message.
struct Section {
  std::vector<std::uint32_t> part{};  // at most kMaxPartDepth numbers, none 0
  SectionText text = SectionText::kAll;
  std::vector<std::string> fields{};  // of kHeaderFields and kHeaderFieldsNot; as sent
  friend auto operator<=>(const Section&, const Section&) = default;
};
constexpr std::size_t kMaxPartDepth = 100;

enum class FetchKind : std::uint8_t {
  kUid,
  kFlags,
  kInternalDate,
  kRfc822Size,
  kEnvelope,
  kBody,           // BODY without a section: the structure without extension data
  kBodyStructure,  //
  kBodySection,    // BODY[…], BODY.PEEK[…]
  kBinary,         // BINARY[…], BINARY.PEEK[…]: section is a part
  kBinarySize,     // RFC 3516 s4.2
  kRfc822,         // as BODY[]
  kRfc822Header,   // as BODY.PEEK[HEADER]
  kRfc822Text,     // as BODY[TEXT]
  kModSeq,         // RFC 7162 s3.1.4.1
  kSaveDate,       // RFC 8514 s4.3
  kPreview,        // RFC 8970 s3
  kEmailId,        // RFC 8474 s5.1
  kThreadId,       // RFC 8474 s5.2
};

struct FetchItem {
  FetchKind kind{};
  bool peek = false;  // .PEEK: does not set \Seen; so of the old form of HEADER
  bool lazy = false;  // PREVIEW (LAZY)
  Section section{};  // of kBodySection, kBinary, kBinarySize
  std::optional<OctetRange> range{};
  friend auto operator<=>(const FetchItem&, const FetchItem&) = default;
};

/// PARTIAL first:last (RFC 9394 s3.1): positions in the result, from its front (positive) or its end (negative), both
/// of one sign, none 0; in the order they were sent in, which the reply says again.
struct PartialRange {
  std::int64_t first = 0;
  std::int64_t last = 0;
  friend bool operator==(const PartialRange&, const PartialRange&) = default;
};

struct Fetch {
  bool uid = false;
  SequenceSet set{};
  std::vector<FetchItem> items{};  // as sent, ALL, FAST and FULL spelled out, each once; the door says UID first
  std::optional<std::uint64_t> changed_since{};  // RFC 7162 s3.1.4.1; implies MODSEQ
  bool vanished = false;                         // RFC 7162 s3.2.6
  std::optional<PartialRange> partial{};         // RFC 9394 s3.3
  friend bool operator==(const Fetch&, const Fetch&) = default;
};

/// How the item is named in a reply, with its section: `BODY[1.HEADER.FIELDS (FROM)]<0>`; never .PEEK.
void append_item_name(std::string& out, const FetchItem& item);
void append_section(std::string& out, const Section& section);

/// Whether answering it sets \Seen.
[[nodiscard]] bool sets_seen(const FetchItem& item);

}  // namespace veredus::wire::imap
