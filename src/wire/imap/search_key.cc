#include "wire/imap/search_key.h"

#include <algorithm>
#include <string_view>

#include "wire/imap/flag.h"
#include "wire/imap/imap_string.h"

namespace veredus::wire::imap {
namespace {

std::string_view flag_name(std::uint8_t flag) {
  switch (flag) {
    case kAnswered:
      return "ANSWERED";
    case kDeleted:
      return "DELETED";
    case kDraft:
      return "DRAFT";
    case kFlagged:
      return "FLAGGED";
    default:
      return "SEEN";
  }
}

/// What stands before the argument, if there is one.
std::string_view word_of(SearchKind kind) {
  switch (kind) {
    case SearchKind::kAll:
      return "ALL";
    case SearchKind::kNew:
      return "NEW";
    case SearchKind::kOld:
      return "OLD";
    case SearchKind::kRecent:
      return "RECENT";
    case SearchKind::kSaveDateSupported:
      return "SAVEDATESUPPORTED";
    case SearchKind::kKeyword:
      return "KEYWORD ";
    case SearchKind::kBcc:
      return "BCC ";
    case SearchKind::kCc:
      return "CC ";
    case SearchKind::kFrom:
      return "FROM ";
    case SearchKind::kTo:
      return "TO ";
    case SearchKind::kSubject:
      return "SUBJECT ";
    case SearchKind::kBody:
      return "BODY ";
    case SearchKind::kText:
      return "TEXT ";
    case SearchKind::kBefore:
      return "BEFORE ";
    case SearchKind::kOn:
      return "ON ";
    case SearchKind::kSince:
      return "SINCE ";
    case SearchKind::kSentBefore:
      return "SENTBEFORE ";
    case SearchKind::kSentOn:
      return "SENTON ";
    case SearchKind::kSentSince:
      return "SENTSINCE ";
    case SearchKind::kSavedBefore:
      return "SAVEDBEFORE ";
    case SearchKind::kSavedOn:
      return "SAVEDON ";
    case SearchKind::kSavedSince:
      return "SAVEDSINCE ";
    case SearchKind::kLarger:
      return "LARGER ";
    case SearchKind::kSmaller:
      return "SMALLER ";
    case SearchKind::kOlder:
      return "OLDER ";
    case SearchKind::kYounger:
      return "YOUNGER ";
    case SearchKind::kModSeq:
      return "MODSEQ ";
    case SearchKind::kUid:
      return "UID ";
    case SearchKind::kEmailId:
      return "EMAILID ";
    case SearchKind::kThreadId:
      return "THREADID ";
    default:
      return "";
  }
}

void append_key(std::string& out, const SearchKey& key);

void append_children(std::string& out, const std::vector<SearchKey>& children) {
  for (const auto& child : children) {
    if (&child != children.data()) out.push_back(' ');
    append_key(out, child);
  }
}

void append_argument(std::string& out, const SearchKey& key) {
  switch (key.kind) {
    case SearchKind::kKeyword:
      out.append(key.text);
      return;
    case SearchKind::kBefore:
    case SearchKind::kOn:
    case SearchKind::kSince:
    case SearchKind::kSentBefore:
    case SearchKind::kSentOn:
    case SearchKind::kSentSince:
    case SearchKind::kSavedBefore:
    case SearchKind::kSavedOn:
    case SearchKind::kSavedSince:
      out.append(to_string(key.date));
      return;
    case SearchKind::kLarger:
    case SearchKind::kSmaller:
    case SearchKind::kOlder:
    case SearchKind::kYounger:
    case SearchKind::kModSeq:
      append_number(out, key.number);
      return;
    case SearchKind::kUid:
    case SearchKind::kNumbers:
      out.append(to_string(key.set));
      return;
    default:
      append_sent_string(out, key.text);
  }
}

void append_key(std::string& out, const SearchKey& key) {
  switch (key.kind) {
    case SearchKind::kAnd:
      out.push_back('(');
      append_children(out, key.children);
      out.push_back(')');
      return;
    case SearchKind::kOr:
      out.append("OR ");
      append_children(out, key.children);
      return;
    case SearchKind::kNot:
      out.append("NOT ");
      append_children(out, key.children);
      return;
    case SearchKind::kFlag:
      out.append(flag_name(key.flag));
      return;
    case SearchKind::kHeader:
      out.append("HEADER ");
      append_sent_string(out, key.field);
      out.push_back(' ');
      append_sent_string(out, key.text);
      return;
    default:
      break;
  }
  const auto word = word_of(key.kind);
  out.append(word);
  if (word.empty() || word.ends_with(' ')) append_argument(out, key);
}

}  // namespace

std::string to_string(const SearchKey& key) {
  std::string out;
  append_key(out, key);
  return out;
}

bool mentions(const SearchKey& key, SearchKind kind) {
  return key.kind == kind ||
         std::ranges::any_of(key.children, [kind](const SearchKey& child) { return mentions(child, kind); });
}

}  // namespace veredus::wire::imap
