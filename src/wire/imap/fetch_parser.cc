#include "wire/imap/fetch_parser.h"

#include <algorithm>
#include <utility>

#include "base/codec/ascii.h"
#include "wire/imap/drop_repeats.h"

namespace veredus::wire::imap {
namespace {

using base::codec::iequals_ascii;
using base::codec::istarts_with_ascii;

struct Word {
  std::string_view name;
  FetchKind kind;
};
constexpr Word kWords[] = {
    {"FLAGS", FetchKind::kFlags},
    {"UID", FetchKind::kUid},
    {"RFC822.SIZE", FetchKind::kRfc822Size},
    {"INTERNALDATE", FetchKind::kInternalDate},
    {"ENVELOPE", FetchKind::kEnvelope},
    {"BODYSTRUCTURE", FetchKind::kBodyStructure},
    {"MODSEQ", FetchKind::kModSeq},
    {"BODY", FetchKind::kBody},
    {"RFC822", FetchKind::kRfc822},
    {"RFC822.HEADER", FetchKind::kRfc822Header},
    {"RFC822.TEXT", FetchKind::kRfc822Text},
    {"SAVEDATE", FetchKind::kSaveDate},
    {"PREVIEW", FetchKind::kPreview},
    {"EMAILID", FetchKind::kEmailId},
    {"THREADID", FetchKind::kThreadId},
};

struct SectionWord {
  std::string_view name;
  FetchKind kind;
  bool peek;
};
constexpr SectionWord kSectionWords[] = {
    {"BODY[", FetchKind::kBodySection, false},      {"BODY.PEEK[", FetchKind::kBodySection, true},
    {"BINARY[", FetchKind::kBinary, false},         {"BINARY.PEEK[", FetchKind::kBinary, true},
    {"BINARY.SIZE[", FetchKind::kBinarySize, true},
};

///   header-list = "(" header-fld-name *(SP header-fld-name) ")"
std::expected<std::vector<std::string>, CommandError> parse_header_list(Cursor& at, std::size_t most) {
  std::vector<std::string> fields;
  VEREDUS_TRY(at.list_begin());
  for (bool more = true; more;) {
    VEREDUS_TRY(fields.emplace_back(), at.astring());
    if (fields.size() > most) return std::unexpected(CommandError::kTooManyArguments);
    VEREDUS_TRY(more, at.list_goes_on());
  }
  return fields;
}

std::optional<SectionText> parse_section_text(std::string_view word) {
  if (iequals_ascii(word, "HEADER")) return SectionText::kHeader;
  if (iequals_ascii(word, "TEXT")) return SectionText::kText;
  if (iequals_ascii(word, "MIME")) return SectionText::kMime;
  if (iequals_ascii(word, "HEADER.FIELDS")) return SectionText::kHeaderFields;
  if (iequals_ascii(word, "HEADER.FIELDS.NOT")) return SectionText::kHeaderFieldsNot;
  return std::nullopt;
}

///   partial = "<" number64 "." nz-number64 ">"
std::expected<std::optional<OctetRange>, CommandError> parse_octet_range(Cursor& at) {
  if (!at.take('<')) return std::nullopt;
  OctetRange range;
  VEREDUS_TRY(range.first, at.number64());
  if (!at.take('.')) return std::unexpected(CommandError::kFetchItem);
  VEREDUS_TRY(range.count, at.number64());
  if (range.count == 0 || !at.take('>')) return std::unexpected(CommandError::kFetchItem);
  return range;
}

std::expected<FetchItem, CommandError> parse_section_item(Cursor& at, const SectionWord& word, std::size_t most) {
  FetchItem item{.kind = word.kind, .peek = word.peek};
  at.go_to(at.position() + word.name.size() - 1);
  VEREDUS_TRY(item.section, parse_section(at, most));
  if (item.kind != FetchKind::kBodySection && item.section.text != SectionText::kAll)
    return std::unexpected(CommandError::kSection);  // RFC 3516 s4.2: section-binary is a part
  if (item.kind != FetchKind::kBinarySize) {
    VEREDUS_TRY(item.range, parse_octet_range(at));
  }
  return item;
}

/// PREVIEW [SP "(" "LAZY" ")"] (RFC 8970 s6)
std::expected<void, CommandError> parse_preview_modifiers(Cursor& at, FetchItem& item) {
  const auto begin = at.position();
  if (!at.skip_blanks() || !at.take('(')) {
    at.go_to(begin);
    return {};
  }
  if (!at.take_word("LAZY") || !at.list_end()) {
    at.go_to(begin);
    return {};
  }
  item.lazy = true;
  return {};
}

std::expected<FetchItem, CommandError> parse_item(Cursor& at, std::size_t most) {
  for (const auto& word : kSectionWords)
    if (istarts_with_ascii(at.rest(), word.name)) return parse_section_item(at, word, most);
  const auto begin = at.position();
  const auto name = at.word();
  const auto known = std::ranges::find_if(kWords, [name](const Word& word) { return iequals_ascii(word.name, name); });
  if (known == std::end(kWords)) {
    at.go_to(begin);
    return std::unexpected(CommandError::kFetchItem);
  }
  FetchItem item{.kind = known->kind, .peek = known->kind == FetchKind::kRfc822Header};
  if (item.kind == FetchKind::kPreview) VEREDUS_TRY(parse_preview_modifiers(at, item));
  return item;
}

/// ALL, FAST and FULL (RFC 9051 s6.4.5).
bool parse_macro(Cursor& at, std::vector<FetchItem>& items) {
  const bool all = at.take_word("ALL");
  const bool full = !all && at.take_word("FULL");
  if (!all && !full && !at.take_word("FAST")) return false;
  for (const auto kind : {FetchKind::kFlags, FetchKind::kInternalDate, FetchKind::kRfc822Size})
    items.push_back({.kind = kind});
  if (all || full) items.push_back({.kind = FetchKind::kEnvelope});
  if (full) items.push_back({.kind = FetchKind::kBody});
  return true;
}

/// fetch-modifier (RFC 4466 s2.4): CHANGEDSINCE and VANISHED (RFC 7162), PARTIAL (RFC 9394).
std::expected<void, CommandError> parse_modifiers(Cursor& at, Fetch& fetch) {
  VEREDUS_TRY(at.list_begin());
  for (bool more = true; more;) {
    if (at.take_word("CHANGEDSINCE")) {
      VEREDUS_TRY(at.space());
      VEREDUS_TRY(fetch.changed_since, at.number64());
    } else if (at.take_word("VANISHED")) {
      fetch.vanished = true;
    } else if (!fetch.partial && at.take_word("PARTIAL")) {
      VEREDUS_TRY(at.space());
      VEREDUS_TRY(fetch.partial, parse_partial_range(at));
    } else {
      return std::unexpected(CommandError::kFetchModifier);
    }
    VEREDUS_TRY(more, at.list_goes_on());
  }
  // RFC 7162 s3.2.6: VANISHED only with UID FETCH and CHANGEDSINCE.
  if (fetch.vanished && (!fetch.changed_since || !fetch.uid)) return std::unexpected(CommandError::kFetchModifier);
  return {};
}

}  // namespace

///   section-spec = section-msgtext / (section-part ["." section-text]) ; section-part = nz-number *("." nz-number)
std::expected<Section, CommandError> parse_section_spec(Cursor& at, std::size_t most) {
  Section section;
  while (base::codec::is_digit(at.peek())) {
    VEREDUS_TRY(section.part.emplace_back(), at.nonzero());
    if (section.part.size() > kMaxPartDepth) return std::unexpected(CommandError::kNesting);
    if (!at.take('.')) return section;
  }
  const auto begin = at.position();
  const auto is_word = [](char c) { return base::codec::is_alpha(c) || c == '.'; };
  const auto word =
      at.rest().substr(0, static_cast<std::size_t>(std::ranges::find_if_not(at.rest(), is_word) - at.rest().begin()));
  if (word.empty() && section.part.empty()) return section;
  const auto text = parse_section_text(word);
  if (!text || (*text == SectionText::kMime && section.part.empty())) return std::unexpected(CommandError::kSection);
  section.text = *text;
  at.go_to(begin + word.size());
  if (*text == SectionText::kHeaderFields || *text == SectionText::kHeaderFieldsNot) {
    VEREDUS_TRY(at.space());
    VEREDUS_TRY(section.fields, parse_header_list(at, most));
  }
  return section;
}

std::expected<Section, CommandError> parse_section(Cursor& at, std::size_t most) {
  if (!at.take('[')) return std::unexpected(CommandError::kSection);
  VEREDUS_TRY(auto section, parse_section_spec(at, most));
  at.skip_blanks();
  if (!at.take(']')) return std::unexpected(CommandError::kSection);
  return section;
}

std::expected<PartialRange, CommandError> parse_partial_range(Cursor& at) {
  const auto begin = at.position();
  const bool from_end = at.take('-');
  const auto first = at.nonzero();
  const bool separated = first && at.take(':') && at.take('-') == from_end;
  const auto last = separated ? at.nonzero() : std::unexpected(CommandError::kPartialRange);
  if (!first || !last) {
    at.go_to(begin);
    return std::unexpected(CommandError::kPartialRange);
  }
  const std::int64_t sign = from_end ? -1 : 1;
  return PartialRange{sign * *first, sign * *last};
}

std::expected<std::vector<FetchItem>, CommandError> parse_fetch_list(Cursor& at, std::size_t most) {
  std::vector<FetchItem> items;
  VEREDUS_TRY(at.list_begin());
  for (bool more = true; more;) {
    VEREDUS_TRY(items.emplace_back(), parse_item(at, most));
    if (items.size() > most) return std::unexpected(CommandError::kTooManyArguments);
    VEREDUS_TRY(more, at.list_goes_on());
  }
  drop_repeats(items);
  return items;
}

///   fetch = "FETCH" SP sequence-set SP ("ALL" / "FULL" / "FAST" / fetch-att / "(" fetch-att *(SP fetch-att) ")")
///           [SP "(" fetch-modifier *(SP fetch-modifier) ")"]
std::expected<Fetch, CommandError> parse_fetch(Cursor& at, bool uid, std::size_t most) {
  Fetch fetch{.uid = uid};
  VEREDUS_TRY(fetch.set, at.sequence_set());
  VEREDUS_TRY(at.space());
  if (at.peek() == '(') {
    VEREDUS_TRY(fetch.items, parse_fetch_list(at, most));
  } else if (!parse_macro(at, fetch.items)) {
    VEREDUS_TRY(fetch.items.emplace_back(), parse_item(at, most));
  }
  const auto before = at.position();
  if (at.skip_blanks() && at.peek() == '(') {
    VEREDUS_TRY(parse_modifiers(at, fetch));
  } else {
    at.go_to(before);
  }
  return fetch;
}

}  // namespace veredus::wire::imap
