#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "wire/imap/fetch_item.h"
#include "wire/imap/imap_string.h"
#include "wire/imap/list.h"
#include "wire/imap/search_key.h"

namespace veredus::wire::imap {

/// RFC 9051 s7.1
enum class Condition : std::uint8_t { kOk, kNo, kBad, kPreauth, kBye };
[[nodiscard]] std::string_view to_string(Condition condition);

// All of these append whole lines with CRLF. Control characters in texts become '?'.

/// `tag OK [code] text`; without a code when it is empty. An empty text becomes "Done", since one must be there.
void append_tagged(std::string& out, std::string_view tag, Condition condition, std::string_view code,
                   std::string_view text);
/// `* OK [code] text`
void append_untagged(std::string& out, Condition condition, std::string_view code, std::string_view text);
/// `+ text`
void append_continuation(std::string& out, std::string_view text);
/// `* 23 EXISTS`, RECENT, EXPUNGE
void append_numbered(std::string& out, std::uint32_t number, std::string_view word);
/// `* FLAGS (\Seen $Junk)`: system flags but \Recent, then keywords.
void append_flags_reply(std::string& out, std::span<const std::string> keywords);
/// `* VANISHED (EARLIER) 41,43:116` (RFC 7162 s3.2.10); nothing when empty.
enum class Vanished : std::uint8_t { kNow, kEarlier };
void append_vanished(std::string& out, Vanished when, std::span<const SequenceRange> uids);

// Response codes, without brackets.
[[nodiscard]] std::string code_number(std::string_view name, std::uint64_t number);  // UIDNEXT 4392, HIGHESTMODSEQ…
[[nodiscard]] std::string code_appenduid(std::uint32_t uid_validity, std::span<const std::uint32_t> uids);
/// `from` ascending, `to` in the same order (RFC 4315 s3).
[[nodiscard]] std::string code_copyuid(std::uint32_t uid_validity, std::span<const std::uint32_t> from,
                                       std::span<const std::uint32_t> to);
[[nodiscard]] std::string code_modified(std::span<const SequenceRange> set);  // RFC 7162 s3.1.3
[[nodiscard]] std::string code_mailboxid(std::string_view object_id);         // RFC 8474 s4.1
/// PERMANENTFLAGS (\Answered … $Junk \*): `flags` SystemFlag bits.
enum class NewKeywords : std::uint8_t { kAllowed, kRefused };
[[nodiscard]] std::string code_permanentflags(std::uint8_t flags, std::span<const std::string> keywords,
                                              NewKeywords new_keywords);
/// INPROGRESS ("tag" 5 10) (RFC 9585 s4); numbers unknown: NIL.
[[nodiscard]] std::string code_inprogress(std::string_view tag, std::optional<std::uint64_t> done,
                                          std::optional<std::uint64_t> total);
/// MESSAGELIMIT 1000 23221 (RFC 9738 s3): `from` is the UID the answered part begins after or ends before; nullopt:
/// none.
[[nodiscard]] std::string code_messagelimit(std::uint64_t limit, std::optional<std::uint32_t> from);

// Attributes of LIST, as bits.
enum ListAttribute : std::uint32_t {
  kNonExistent = 1,
  kNoSelect = 2,
  kNoInferiors = 4,
  kHasChildren = 8,
  kHasNoChildren = 16,
  kMarked = 32,
  kUnmarked = 64,
  kSubscribedAttribute = 128,
  kRemoteAttribute = 256,
  kNoAccess = 512,  // RFC 5465 s3.1
};
struct ListLine {
  std::uint32_t attributes = 0;
  std::string_view special_use{};         // "\Sent"; empty: none
  std::string_view name{};                // UTF-8
  char separator = '/';                   // 0: NIL
  bool child_info_subscribed = false;     // ("CHILDINFO" ("SUBSCRIBED")) (RFC 5258 s4)
  bool child_info_special_use = false;    // ("CHILDINFO" ("SPECIAL-USE"))
  std::optional<std::string_view> old{};  // ("OLDNAME" ("…")) (RFC 9051 s6.3.9.7)
};
void append_list(std::string& out, const ListLine& line, Names names);
void append_lsub(std::string& out, const ListLine& line, Names names);

/// `* STATUS "name" (MESSAGES 231 UIDNEXT 44292)`. APPENDLIMIT nullopt is NIL; MAILBOXID is written in parentheses.
struct StatusValue {
  StatusItem item{};
  std::optional<std::uint64_t> number{};
  std::string_view text{};  // of kMailboxId
};
void append_status(std::string& out, std::string_view mailbox, std::span<const StatusValue> values, Names names);

/// `* SEARCH 2 84 882 (MODSEQ 917162500)`, also `* SORT`; `modseq` 0: none.
void append_search(std::string& out, std::string_view word, std::span<const std::uint32_t> numbers,
                   std::uint64_t modseq);

/// `* ESEARCH (TAG "a1") UID MIN 2 ALL 2,10:15 MODSEQ 9`; what is nullopt or not asked for stays away.
struct EsearchLine {
  std::string_view tag{};
  bool uid = false;
  std::optional<std::uint32_t> min{};
  std::optional<std::uint32_t> max{};
  std::optional<std::uint64_t> count{};
  std::optional<std::string> all{};                               // a set; not empty
  std::optional<std::pair<PartialRange, std::string>> partial{};  // the set may be empty: NIL
  std::optional<std::uint64_t> modseq{};
  std::string add_to{};       // RFC 5267 s4.3.3: position and set, "1 2733"
  std::string remove_from{};  // "0 2731"
};
void append_esearch(std::string& out, const EsearchLine& line);

/// "1:100", "-1:-100"
void append_partial_range(std::string& out, const PartialRange& range);

}  // namespace veredus::wire::imap
