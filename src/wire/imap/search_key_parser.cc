#include "wire/imap/search_key_parser.h"

#include <algorithm>
#include <limits>
#include <utility>

#include "base/codec/ascii.h"
#include "base/codec/utf8.h"
#include "wire/imap/flag.h"
#include "wire/mime/charset.h"

namespace veredus::wire::imap {
namespace {

using base::codec::iequals_ascii;

enum class Argument : std::uint8_t { kNone, kFlag, kNotFlag, kText, kDate, kNumber, kObjectId };
struct Word {
  std::string_view name;
  SearchKind kind;
  Argument argument = Argument::kNone;
  std::uint8_t flag = 0;
};
constexpr Word kWords[] = {
    {"ALL", SearchKind::kAll},
    {"ANSWERED", SearchKind::kFlag, Argument::kFlag, kAnswered},
    {"DELETED", SearchKind::kFlag, Argument::kFlag, kDeleted},
    {"DRAFT", SearchKind::kFlag, Argument::kFlag, kDraft},
    {"FLAGGED", SearchKind::kFlag, Argument::kFlag, kFlagged},
    {"SEEN", SearchKind::kFlag, Argument::kFlag, kSeen},
    {"UNANSWERED", SearchKind::kFlag, Argument::kNotFlag, kAnswered},
    {"UNDELETED", SearchKind::kFlag, Argument::kNotFlag, kDeleted},
    {"UNDRAFT", SearchKind::kFlag, Argument::kNotFlag, kDraft},
    {"UNFLAGGED", SearchKind::kFlag, Argument::kNotFlag, kFlagged},
    {"UNSEEN", SearchKind::kFlag, Argument::kNotFlag, kSeen},
    {"NEW", SearchKind::kNew},
    {"OLD", SearchKind::kOld},
    {"RECENT", SearchKind::kRecent},
    {"BCC", SearchKind::kBcc, Argument::kText},
    {"CC", SearchKind::kCc, Argument::kText},
    {"FROM", SearchKind::kFrom, Argument::kText},
    {"TO", SearchKind::kTo, Argument::kText},
    {"SUBJECT", SearchKind::kSubject, Argument::kText},
    {"BODY", SearchKind::kBody, Argument::kText},
    {"TEXT", SearchKind::kText, Argument::kText},
    {"BEFORE", SearchKind::kBefore, Argument::kDate},
    {"ON", SearchKind::kOn, Argument::kDate},
    {"SINCE", SearchKind::kSince, Argument::kDate},
    {"SENTBEFORE", SearchKind::kSentBefore, Argument::kDate},
    {"SENTON", SearchKind::kSentOn, Argument::kDate},
    {"SENTSINCE", SearchKind::kSentSince, Argument::kDate},
    {"SAVEDBEFORE", SearchKind::kSavedBefore, Argument::kDate},
    {"SAVEDON", SearchKind::kSavedOn, Argument::kDate},
    {"SAVEDSINCE", SearchKind::kSavedSince, Argument::kDate},
    {"SAVEDATESUPPORTED", SearchKind::kSaveDateSupported},
    {"LARGER", SearchKind::kLarger, Argument::kNumber},
    {"SMALLER", SearchKind::kSmaller, Argument::kNumber},
    {"OLDER", SearchKind::kOlder, Argument::kNumber},
    {"YOUNGER", SearchKind::kYounger, Argument::kNumber},
    {"EMAILID", SearchKind::kEmailId, Argument::kObjectId},
    {"THREADID", SearchKind::kThreadId, Argument::kObjectId},
};

SearchKey key_of(SearchKind kind) {
  SearchKey key;
  key.kind = kind;
  return key;
}

SearchKey negated(SearchKey key) {
  SearchKey not_key = key_of(SearchKind::kNot);
  not_key.children.push_back(std::move(key));
  return not_key;
}

}  // namespace

std::expected<SearchKey, CommandError> SearchKeyParser::parse_all() {
  SearchKey all = key_of(SearchKind::kAnd);
  do {
    VEREDUS_TRY(all.children.emplace_back(), parse_key());
  } while (at_.skip_blanks() && !at_.at_end());
  return all;
}

SearchKeyParser::Parsed SearchKeyParser::parse_key() {
  if (++terms_ > options_.search_terms) return std::unexpected(CommandError::kTooManyTerms);
  if (depth_ > options_.nesting) return std::unexpected(CommandError::kNesting);
  const char first = at_.peek();
  if (first == '(') return parse_list();
  if (base::codec::is_digit(first) || first == '*' || first == '$') {
    SearchKey key = key_of(SearchKind::kNumbers);
    VEREDUS_TRY(key.set, at_.sequence_set());
    return key;
  }
  const auto begin = at_.position();
  auto parsed = parse_known(at_.word());
  if (!parsed && parsed.error() == CommandError::kSearchKey) at_.go_to(begin);
  return parsed;
}

SearchKeyParser::Parsed SearchKeyParser::parse_known(std::string_view word) {
  const auto known = std::ranges::find_if(kWords, [word](const Word& w) { return iequals_ascii(w.name, word); });
  if (known != std::end(kWords)) {
    SearchKey key = key_of(known->kind);
    key.flag = known->flag;
    switch (known->argument) {
      case Argument::kNone:
      case Argument::kFlag:
        return key;
      case Argument::kNotFlag:
        return negated(std::move(key));
      case Argument::kText:
        return parse_text_key(known->kind);
      case Argument::kDate:
        return parse_date_key(known->kind);
      case Argument::kNumber:
        return parse_number_key(known->kind);
      case Argument::kObjectId:
        return parse_object_id(known->kind);
    }
  }
  if (iequals_ascii(word, "UID")) return parse_uids();
  if (iequals_ascii(word, "UIDAFTER")) return parse_uid_bound(UidBound::kAfter);
  if (iequals_ascii(word, "UIDBEFORE")) return parse_uid_bound(UidBound::kBefore);
  if (iequals_ascii(word, "HEADER")) return parse_header();
  if (iequals_ascii(word, "KEYWORD")) return parse_keyword();
  if (iequals_ascii(word, "UNKEYWORD")) {
    VEREDUS_TRY(auto key, parse_keyword());
    return negated(std::move(key));
  }
  if (iequals_ascii(word, "NOT")) return parse_not();
  if (iequals_ascii(word, "OR")) return parse_or();
  if (iequals_ascii(word, "MODSEQ")) return parse_modseq();
  return std::unexpected(CommandError::kSearchKey);
}

SearchKeyParser::Parsed SearchKeyParser::parse_list() {
  SearchKey all = key_of(SearchKind::kAnd);
  ++depth_;
  VEREDUS_TRY(at_.list_begin());
  for (bool more = true; more;) {
    VEREDUS_TRY(all.children.emplace_back(), parse_key());
    VEREDUS_TRY(more, at_.list_goes_on());
  }
  --depth_;
  return all;
}

SearchKeyParser::Parsed SearchKeyParser::parse_not() {
  VEREDUS_TRY(at_.space());
  ++depth_;
  VEREDUS_TRY(auto child, parse_key());
  --depth_;
  return negated(std::move(child));
}

SearchKeyParser::Parsed SearchKeyParser::parse_or() {
  SearchKey either = key_of(SearchKind::kOr);
  ++depth_;
  for (int i = 0; i < 2; ++i) {
    VEREDUS_TRY(at_.space());
    VEREDUS_TRY(either.children.emplace_back(), parse_key());
  }
  --depth_;
  return either;
}

SearchKeyParser::Parsed SearchKeyParser::parse_header() {
  SearchKey key = key_of(SearchKind::kHeader);
  VEREDUS_TRY(at_.space());
  VEREDUS_TRY(key.field, at_.astring());
  VEREDUS_TRY(at_.space());
  VEREDUS_TRY(key.text, text());
  return key;
}

SearchKeyParser::Parsed SearchKeyParser::parse_keyword() {
  SearchKey key = key_of(SearchKind::kKeyword);
  VEREDUS_TRY(at_.space());
  key.text = at_.word();
  FlagList flags;
  if (!add_flag(flags, key.text) || flags.keywords.empty()) return std::unexpected(CommandError::kFlag);
  return key;
}

///   search-modseq = "MODSEQ" [SP entry-name SP ("priv" / "shared" / "all")] SP mod-sequence-valzer (RFC 7162 s3.1.5)
SearchKeyParser::Parsed SearchKeyParser::parse_modseq() {
  VEREDUS_TRY(at_.space());
  if (at_.peek() == '"') {
    VEREDUS_TRY(const auto entry, at_.string());
    VEREDUS_TRY(at_.space());
    if (!at_.take_word("priv") && !at_.take_word("shared") && !at_.take_word("all"))
      return std::unexpected(CommandError::kSearchKey);
    VEREDUS_TRY(at_.space());
  }
  SearchKey key = key_of(SearchKind::kModSeq);
  VEREDUS_TRY(key.number, at_.number64());
  return key;
}

SearchKeyParser::Parsed SearchKeyParser::parse_uids() {
  SearchKey key = key_of(SearchKind::kUid);
  VEREDUS_TRY(at_.space());
  VEREDUS_TRY(key.set, at_.sequence_set());
  return key;
}

///   search-key =/ ("UIDAFTER" / "UIDBEFORE") SP uniqueid (RFC 9738 s3): as a set of UIDs
SearchKeyParser::Parsed SearchKeyParser::parse_uid_bound(UidBound bound) {
  constexpr std::uint64_t kLast = std::numeric_limits<std::uint32_t>::max();
  VEREDUS_TRY(at_.space());
  VEREDUS_TRY(const auto uid, at_.number64());
  if (uid == 0 || uid > kLast) return std::unexpected(CommandError::kNumberRange);
  const auto first = bound == UidBound::kAfter ? uid + 1 : 1;
  const auto last = bound == UidBound::kAfter ? kLast : uid - 1;
  if (first > last) return negated(key_of(SearchKind::kAll));
  SearchKey key = key_of(SearchKind::kUid);
  key.set.ranges.push_back({static_cast<std::uint32_t>(first), static_cast<std::uint32_t>(last)});
  return key;
}

///   date = date-text / DQUOTE date-text DQUOTE
SearchKeyParser::Parsed SearchKeyParser::parse_date_key(SearchKind kind) {
  SearchKey key = key_of(kind);
  VEREDUS_TRY(at_.space());
  const auto begin = at_.position();
  VEREDUS_TRY(const auto sent, at_.astring());
  const auto date = parse_date(sent);
  if (!date) {
    at_.go_to(begin);
    return std::unexpected(CommandError::kDate);
  }
  key.date = *date;
  return key;
}

SearchKeyParser::Parsed SearchKeyParser::parse_number_key(SearchKind kind) {
  SearchKey key = key_of(kind);
  VEREDUS_TRY(at_.space());
  VEREDUS_TRY(key.number, at_.number64());
  if (key.number == 0 && (kind == SearchKind::kOlder || kind == SearchKind::kYounger))
    return std::unexpected(CommandError::kNumberRange);  // RFC 5032 s4: nz-number
  return key;
}

///   objectid = 1*255(ALPHA / DIGIT / "_" / "-") (RFC 8474 s7)
SearchKeyParser::Parsed SearchKeyParser::parse_object_id(SearchKind kind) {
  SearchKey key = key_of(kind);
  VEREDUS_TRY(at_.space());
  VEREDUS_TRY(key.text, at_.astring());
  if (key.text.empty() || key.text.size() > 255) return std::unexpected(CommandError::kAtom);
  return key;
}

SearchKeyParser::Parsed SearchKeyParser::parse_text_key(SearchKind kind) {
  SearchKey key = key_of(kind);
  VEREDUS_TRY(at_.space());
  VEREDUS_TRY(key.text, text());
  return key;
}

/// A search text as UTF-8. Without a charset it is UTF-8 (RFC 9051 s6.4.4), for IMAP4rev1 too.
std::expected<std::string, CommandError> SearchKeyParser::text() {
  const auto begin = at_.position();
  VEREDUS_TRY(auto sent, at_.astring());
  const bool utf8 = charset_.empty() || iequals_ascii(charset_, "UTF-8") || iequals_ascii(charset_, "US-ASCII");
  if (!utf8) return mime::to_utf8(sent, charset_);
  if (base::codec::is_valid_utf8(sent)) return sent;
  at_.go_to(begin);
  return std::unexpected(CommandError::kEncoding);
}

}  // namespace veredus::wire::imap
