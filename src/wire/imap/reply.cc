#include "wire/imap/reply.h"

#include <algorithm>
#include <array>

#include "wire/imap/flag.h"

namespace veredus::wire::imap {
namespace {

void append_text(std::string& out, std::string_view text) {
  if (text.empty()) text = "Done";
  for (const char c : text) out.push_back(static_cast<unsigned char>(c) < ' ' || c == 127 ? '?' : c);
  out.append("\r\n");
}

void append_condition(std::string& out, Condition condition, std::string_view code, std::string_view text) {
  out.append(to_string(condition)).push_back(' ');
  if (!code.empty()) out.append("[").append(code).append("] ");
  append_text(out, text);
}

struct AttributeName {
  std::uint32_t bit;
  std::string_view name;
};
constexpr std::array<AttributeName, 10> kAttributes = {{{kNonExistent, "\\NonExistent"},
                                                        {kNoSelect, "\\Noselect"},
                                                        {kNoAccess, "\\NoAccess"},
                                                        {kNoInferiors, "\\NoInferiors"},
                                                        {kHasChildren, "\\HasChildren"},
                                                        {kHasNoChildren, "\\HasNoChildren"},
                                                        {kMarked, "\\Marked"},
                                                        {kUnmarked, "\\UnMarked"},
                                                        {kSubscribedAttribute, "\\Subscribed"},
                                                        {kRemoteAttribute, "\\Remote"}}};

void append_attributes(std::string& out, const ListLine& line) {
  out.push_back('(');
  const auto begin = out.size();
  const auto add = [&out, begin](std::string_view name) {
    if (out.size() > begin) out.push_back(' ');
    out.append(name);
  };
  for (const auto& [bit, name] : kAttributes)
    if ((line.attributes & bit) != 0) add(name);
  if (!line.special_use.empty()) add(line.special_use);
  out.push_back(')');
}

///   mbox-list-extended = "(" [mbox-list-extended-item *(SP mbox-list-extended-item)] ")" (RFC 9051 s9)
void append_extended(std::string& out, const ListLine& line, Names names) {
  const bool child_info = line.child_info_subscribed || line.child_info_special_use;
  if (!child_info && !line.old) return;
  out.append(" (");
  if (child_info) {
    out.append("\"CHILDINFO\" (");
    if (line.child_info_subscribed) out.append("\"SUBSCRIBED\"");
    if (line.child_info_special_use) out.append(line.child_info_subscribed ? " \"SPECIAL-USE\"" : "\"SPECIAL-USE\"");
    out.append(")");
  }
  if (line.old) {
    out.append(child_info ? " \"OLDNAME\" (" : "\"OLDNAME\" (");
    append_mailbox(out, *line.old, names);
    out.push_back(')');
  }
  out.push_back(')');
}

///   mailbox-list = "(" [mbx-list-flags] ")" SP (DQUOTE QUOTED-CHAR DQUOTE / nil) SP mailbox [SP mbox-list-extended]
void append_mailbox_list(std::string& out, std::string_view word, const ListLine& line, Names names) {
  out.append("* ").append(word).push_back(' ');
  append_attributes(out, line);
  out.push_back(' ');
  if (line.separator == 0) {
    out.append("NIL");
  } else {
    append_string(out, std::string_view(&line.separator, 1));
  }
  out.push_back(' ');
  append_mailbox(out, line.name, names);
  append_extended(out, line, names);
  out.append("\r\n");
}

void append_status_value(std::string& out, const StatusValue& value) {
  out.append(to_string(value.item)).push_back(' ');
  if (value.item == StatusItem::kMailboxId) {
    out.append("(").append(value.text).append(")");
  } else if (value.number) {
    append_number(out, *value.number);
  } else {
    out.append("NIL");  // RFC 7889 s5: APPENDLIMIT of a mailbox that has none
  }
}

void append_signed(std::string& out, std::int64_t value) {
  if (value < 0) out.push_back('-');
  append_number(out, static_cast<std::uint64_t>(value < 0 ? -value : value));
}

}  // namespace

std::string_view to_string(Condition condition) {
  switch (condition) {
    case Condition::kOk:
      return "OK";
    case Condition::kNo:
      return "NO";
    case Condition::kBad:
      return "BAD";
    case Condition::kPreauth:
      return "PREAUTH";
    case Condition::kBye:
      return "BYE";
  }
  return {};
}

void append_tagged(std::string& out, std::string_view tag, Condition condition, std::string_view code,
                   std::string_view text) {
  out.append(tag).push_back(' ');
  append_condition(out, condition, code, text);
}

void append_untagged(std::string& out, Condition condition, std::string_view code, std::string_view text) {
  append_tagged(out, "*", condition, code, text);
}

void append_continuation(std::string& out, std::string_view text) {
  out.append("+ ");  // the blank also without a text: clients take "+" CRLF for something else
  if (text.empty()) {
    out.append("\r\n");
  } else {
    append_text(out, text);
  }
}

void append_numbered(std::string& out, std::uint32_t number, std::string_view word) {
  out.append("* ");
  append_number(out, number);
  out.append(" ").append(word).append("\r\n");
}

void append_flags_reply(std::string& out, std::span<const std::string> keywords) {
  out.append("* FLAGS ");
  append_flag_list(out, kSeen | kAnswered | kFlagged | kDeleted | kDraft, keywords);
  out.append("\r\n");
}

void append_vanished(std::string& out, Vanished when, std::span<const SequenceRange> uids) {
  if (uids.empty()) return;
  out.append(when == Vanished::kEarlier ? "* VANISHED (EARLIER) " : "* VANISHED ");
  append_ranges(out, uids);
  out.append("\r\n");
}

void append_list(std::string& out, const ListLine& line, Names names) { append_mailbox_list(out, "LIST", line, names); }
void append_lsub(std::string& out, const ListLine& line, Names names) { append_mailbox_list(out, "LSUB", line, names); }

void append_status(std::string& out, std::string_view mailbox, std::span<const StatusValue> values, Names names) {
  out.append("* STATUS ");
  append_mailbox(out, mailbox, names);
  out.append(" (");
  for (const auto& value : values) {
    if (&value != values.data()) out.push_back(' ');
    append_status_value(out, value);
  }
  out.append(")\r\n");
}

void append_search(std::string& out, std::string_view word, std::span<const std::uint32_t> numbers,
                   std::uint64_t modseq) {
  out.append("* ").append(word);
  for (const auto number : numbers) {
    out.push_back(' ');
    append_number(out, number);
  }
  if (modseq != 0 && !numbers.empty()) {  // RFC 7162 s3.1.5
    out.append(" (MODSEQ ");
    append_number(out, modseq);
    out.push_back(')');
  }
  out.append("\r\n");
}

///   esearch-response = "ESEARCH" [search-correlator] [SP "UID"] *(SP search-return-data) (RFC 9051 s9)
void append_esearch(std::string& out, const EsearchLine& line) {
  out.append("* ESEARCH");
  if (!line.tag.empty()) {
    out.append(" (TAG ");
    append_string(out, line.tag);
    out.push_back(')');
  }
  if (line.uid) out.append(" UID");
  const auto add = [&out](std::string_view word, std::uint64_t number) {
    out.append(word);
    append_number(out, number);
  };
  if (line.min) add(" MIN ", *line.min);
  if (line.max) add(" MAX ", *line.max);
  if (line.count) add(" COUNT ", *line.count);
  if (line.all) out.append(" ALL ").append(*line.all);
  if (line.partial) {  // RFC 9394 s3.1
    out.append(" PARTIAL (");
    append_partial_range(out, line.partial->first);
    out.append(" ").append(line.partial->second.empty() ? "NIL" : line.partial->second).append(")");
  }
  if (!line.add_to.empty()) out.append(" ADDTO (").append(line.add_to).append(")");
  if (!line.remove_from.empty()) out.append(" REMOVEFROM (").append(line.remove_from).append(")");
  if (line.modseq) add(" MODSEQ ", *line.modseq);
  out.append("\r\n");
}

void append_partial_range(std::string& out, const PartialRange& range) {
  append_signed(out, range.first);
  out.push_back(':');
  append_signed(out, range.last);
}

}  // namespace veredus::wire::imap
