#include "doors/imap/section.h"

#include <algorithm>
#include <string>

#include "base/codec/ascii.h"
#include "wire/mime/summary.h"

namespace veredus::doors::imap {

using base::codec::iequals_ascii;
using wire::imap::Section;
using wire::imap::SectionText;
using wire::mime::PartEntry;
using wire::mime::PartKind;

namespace {

std::string number_of(const Section& section) {
  std::string number;
  for (const auto part : section.part) {
    if (!number.empty()) number.push_back('.');
    number.append(std::to_string(part));
  }
  return number;
}

SectionPlace octets(std::uint64_t begin, std::uint64_t end) {
  SectionPlace place;
  place.kind = SectionPlace::Kind::kOctets;
  place.begin = begin;
  place.end = end;
  return place;
}

SectionPlace fields(std::uint64_t begin, std::uint64_t end) {
  auto place = octets(begin, end);
  place.kind = SectionPlace::Kind::kFields;
  return place;
}

/// HEADER, TEXT and fields of a message whose root part is `root`.
SectionPlace of_message(const PartEntry& root, std::uint64_t end, SectionText text) {
  if (text == SectionText::kHeader) return octets(root.header_begin, root.body_begin);
  if (text == SectionText::kText) return octets(root.body_begin, end);
  return fields(root.header_begin, root.body_begin);
}

}  // namespace

bool needs_parts(const Section& section) { return !section.part.empty() || section.text != SectionText::kAll; }

SectionPlace locate(const Section& section, std::span<const PartEntry> parts, std::uint64_t octets_in_all) {
  if (section.part.empty()) {
    if (section.text == SectionText::kAll) return octets(0, octets_in_all);
    if (parts.empty()) return {};
    return of_message(parts.front(), octets_in_all, section.text);
  }
  const auto number = number_of(section);
  const auto at = std::ranges::find(parts, number, &PartEntry::number);
  if (at == parts.end()) return {};
  if (section.text == SectionText::kMime) return octets(at->header_begin, at->body_begin);
  if (section.text == SectionText::kAll) {
    auto place = octets(at->body_begin, at->body_end);
    place.encoding = at->encoding;
    place.unknown_encoding = at->unknown_encoding;
    return place;
  }
  // RFC 9051 s6.4.5: HEADER and TEXT are of a message within the message alone.
  if (at->kind != PartKind::kMessage) return {};
  const auto index = static_cast<std::uint32_t>(at - parts.begin());
  const auto root = std::ranges::find(parts, index, &PartEntry::parent);
  if (root == parts.end()) return {};
  return of_message(*root, at->body_end, section.text);
}

OctetSpan clip(OctetSpan span, const std::optional<wire::imap::OctetRange>& range) {
  if (!range) return span;
  const auto octets = span.end - span.begin;
  const auto first = std::min(range->first, octets);
  return {span.begin + first, span.begin + first + std::min(range->count, octets - first)};
}

std::string_view clip(std::string_view text, const std::optional<wire::imap::OctetRange>& range) {
  const auto span = clip(OctetSpan{0, text.size()}, range);
  return text.substr(span.begin, span.end - span.begin);
}

bool stored_fields_suffice(const Section& section) {
  if (!section.part.empty() || section.text != SectionText::kHeaderFields) return false;
  return std::ranges::all_of(section.fields, [](const std::string& name) {
    return std::ranges::any_of(wire::mime::kSummaryFields,
                               [&name](std::string_view kept) { return iequals_ascii(name, kept); });
  });
}

}  // namespace veredus::doors::imap
