#include "wire/imap/fetch_item.h"

#include <algorithm>

#include "wire/imap/imap_string.h"

namespace veredus::wire::imap {
namespace {

std::string_view name_of(FetchKind kind) {
  switch (kind) {
    case FetchKind::kUid:
      return "UID";
    case FetchKind::kFlags:
      return "FLAGS";
    case FetchKind::kInternalDate:
      return "INTERNALDATE";
    case FetchKind::kRfc822Size:
      return "RFC822.SIZE";
    case FetchKind::kEnvelope:
      return "ENVELOPE";
    case FetchKind::kBody:
    case FetchKind::kBodySection:
      return "BODY";
    case FetchKind::kBodyStructure:
      return "BODYSTRUCTURE";
    case FetchKind::kBinary:
      return "BINARY";
    case FetchKind::kBinarySize:
      return "BINARY.SIZE";
    case FetchKind::kRfc822:
      return "RFC822";
    case FetchKind::kRfc822Header:
      return "RFC822.HEADER";
    case FetchKind::kRfc822Text:
      return "RFC822.TEXT";
    case FetchKind::kModSeq:
      return "MODSEQ";
    case FetchKind::kSaveDate:
      return "SAVEDATE";
    case FetchKind::kPreview:
      return "PREVIEW";
    case FetchKind::kEmailId:
      return "EMAILID";
    case FetchKind::kThreadId:
      return "THREADID";
  }
  return {};
}

std::string_view name_of(SectionText text) {
  switch (text) {
    case SectionText::kAll:
      return "";
    case SectionText::kHeader:
      return "HEADER";
    case SectionText::kHeaderFields:
      return "HEADER.FIELDS";
    case SectionText::kHeaderFieldsNot:
      return "HEADER.FIELDS.NOT";
    case SectionText::kText:
      return "TEXT";
    case SectionText::kMime:
      return "MIME";
  }
  return {};
}

bool has_section(FetchKind kind) {
  return kind == FetchKind::kBodySection || kind == FetchKind::kBinary || kind == FetchKind::kBinarySize;
}

// A name as some servers write it: no client reads literals inside of a section's brackets, but 8-bit ones must be
// some.
void append_field(std::string& out, std::string_view field) { append_astring(out, field); }

}  // namespace

void append_section(std::string& out, const Section& section) {
  for (const auto& number : section.part) {
    if (&number != section.part.data()) out.push_back('.');
    append_number(out, number);
  }
  if (section.text == SectionText::kAll) return;
  if (!section.part.empty()) out.push_back('.');
  out.append(name_of(section.text));
  if (section.text != SectionText::kHeaderFields && section.text != SectionText::kHeaderFieldsNot) return;
  out.append(" (");
  for (const auto& field : section.fields) {
    if (&field != section.fields.data()) out.push_back(' ');
    append_field(out, field);
  }
  out.push_back(')');
}

void append_item_name(std::string& out, const FetchItem& item) {
  out.append(name_of(item.kind));
  if (!has_section(item.kind)) return;
  out.push_back('[');
  append_section(out, item.section);
  out.push_back(']');
  if (!item.range) return;
  out.push_back('<');
  append_number(out, item.range->first);
  out.push_back('>');
}

bool sets_seen(const FetchItem& item) {
  switch (item.kind) {
    case FetchKind::kBodySection:
    case FetchKind::kBinary:
      return !item.peek;
    case FetchKind::kRfc822:
    case FetchKind::kRfc822Text:
      return true;
    default:
      return false;
  }
}

}  // namespace veredus::wire::imap
