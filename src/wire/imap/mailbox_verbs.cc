#include <algorithm>

#include "base/codec/ascii.h"
#include "wire/imap/account_parser.h"
#include "wire/imap/command_parser.h"

namespace veredus::wire::imap::verbs {
namespace {

constexpr std::size_t kMostPatterns = 25;  // each is tried on every name

using base::codec::iequals_ascii;

/// For the commands whose one argument is a mailbox.
template <class T>
ParsedBody parse_mailbox(Cursor& at, const ReaderOptions& options) {
  T command;
  VEREDUS_TRY(at.space());
  VEREDUS_TRY(command.mailbox, at.mailbox(options.names()));
  return command;
}

/// What a client knows of a mailbox has no `*` (RFC 7162 s7), and is not what a search found in another.
std::expected<SequenceSet, CommandError> parse_known_set(Cursor& at) {
  const auto begin = at.position();
  VEREDUS_TRY(auto set, at.sequence_set());
  const auto has_star = [](const SequenceRange& range) { return range.first == kStar || range.last == kStar; };
  if (!set.saved_result && std::ranges::none_of(set.ranges, has_star)) return set;
  at.go_to(begin);
  return std::unexpected(CommandError::kSequenceSet);
}

std::uint64_t count_numbers(const SequenceSet& set) {
  std::uint64_t count = 0;
  for (const auto& [first, last] : set.ranges)
    count += std::uint64_t{std::max(first, last)} - std::min(first, last) + 1;
  return count;
}

///   "(" known-sequence-set SP known-uid-set ")" (RFC 7162 s3.2.5.2)
std::expected<std::pair<SequenceSet, SequenceSet>, CommandError> parse_sequence_match(Cursor& at) {
  std::pair<SequenceSet, SequenceSet> match;
  VEREDUS_TRY(at.list_begin());
  VEREDUS_TRY(match.first, parse_known_set(at));
  VEREDUS_TRY(at.space());
  const auto begin = at.position();
  VEREDUS_TRY(match.second, parse_known_set(at));
  if (count_numbers(match.first) != count_numbers(match.second)) {  // each number has its UID
    at.go_to(begin);
    return std::unexpected(CommandError::kSequenceSet);
  }
  if (!at.list_end()) return std::unexpected(CommandError::kListEnd);
  return match;
}

///   "QRESYNC" SP "(" uidvalidity SP mod-sequence-value [SP known-uids] [SP seq-match-data] ")" (RFC 7162 s7)
std::expected<QresyncParam, CommandError> parse_qresync(Cursor& at) {
  QresyncParam param;
  VEREDUS_TRY(at.space());
  VEREDUS_TRY(at.list_begin());
  VEREDUS_TRY(param.uid_validity, at.number());
  VEREDUS_TRY(at.space());
  VEREDUS_TRY(param.modseq, at.number64());
  if (at.skip_blanks() && at.peek() != '(' && at.peek() != ')') {
    VEREDUS_TRY(param.known_uids, parse_known_set(at));
    at.skip_blanks();
  }
  if (at.peek() == '(') {
    VEREDUS_TRY(param.sequence_match, parse_sequence_match(at));
  }
  if (!at.list_end()) return std::unexpected(CommandError::kListEnd);
  return param;
}

///   select = "SELECT" SP mailbox [SP "(" select-param *(SP select-param) ")"]
template <bool read_only>
ParsedBody parse_select(Cursor& at, const ReaderOptions& options) {
  Select select{.read_only = read_only};
  VEREDUS_TRY(at.space());
  VEREDUS_TRY(select.mailbox, at.mailbox(options.names()));
  if (!at.skip_blanks() || at.at_end()) return select;
  VEREDUS_TRY(at.list_begin());
  while (!at.list_end()) {
    if (at.take_word("CONDSTORE")) {
      select.condstore = true;
    } else if (at.take_word("QRESYNC")) {
      VEREDUS_TRY(select.qresync, parse_qresync(at));
    } else {
      return std::unexpected(CommandError::kSelectParam);
    }
    at.skip_blanks();
  }
  return select;
}

///   create = "CREATE" SP mailbox [SP "(" "USE" SP "(" [use-attr *(SP use-attr)] ")" ")"] (RFC 6154 s6)
ParsedBody parse_create(Cursor& at, const ReaderOptions& options) {
  Create create;
  VEREDUS_TRY(at.space());
  VEREDUS_TRY(create.mailbox, at.mailbox(options.names()));
  if (!at.skip_blanks() || at.at_end()) return create;
  VEREDUS_TRY(at.list_begin());
  if (!at.take_word("USE")) return std::unexpected(CommandError::kCreateParam);
  VEREDUS_TRY(at.space());
  VEREDUS_TRY(at.list_begin());
  while (!at.list_end()) {
    const auto use = at.word();
    if (use.size() < 2 || use.front() != '\\') return std::unexpected(CommandError::kFlag);
    create.special_use.emplace_back(use);
    if (create.special_use.size() > options.arguments) return std::unexpected(CommandError::kTooManyArguments);
    at.skip_blanks();
  }
  if (!at.list_end()) return std::unexpected(CommandError::kListEnd);
  return create;
}

ParsedBody parse_rename(Cursor& at, const ReaderOptions& options) {
  Rename rename;
  VEREDUS_TRY(at.space());
  VEREDUS_TRY(rename.from, at.mailbox(options.names()));
  VEREDUS_TRY(at.space());
  VEREDUS_TRY(rename.to, at.mailbox(options.names()));
  return rename;
}

/// Decoded between its wildcards, so that a shift of modified UTF-7 is whole. What is no modified UTF-7 names nothing
/// here and is taken as it is.
std::expected<std::string, CommandError> parse_pattern(Cursor& at, Names names) {
  const auto begin = at.position();
  VEREDUS_TRY(const auto sent, at.pattern());
  std::string pattern;
  for (std::string_view rest = sent; !rest.empty();) {
    const auto piece = rest.substr(0, rest.find_first_of("*%"));
    const auto decoded = decode_mailbox(piece, names);
    if (!decoded && names == Names::kUtf8) {
      at.go_to(begin);
      return std::unexpected(CommandError::kMailboxName);
    }
    pattern.append(decoded ? std::string_view(*decoded) : piece);
    rest.remove_prefix(piece.size());
    if (rest.empty()) break;
    pattern.push_back(rest.front());
    rest.remove_prefix(1);
  }
  return pattern;
}

///   list-select-opts = "(" [list-select-opt *(SP list-select-opt)] ")"
std::expected<void, CommandError> parse_selection(Cursor& at, List& list) {
  list.extended = true;
  VEREDUS_TRY(at.list_begin());
  while (!at.list_end()) {
    if (at.take_word("SUBSCRIBED")) {
      list.only_subscribed = true;
    } else if (at.take_word("SPECIAL-USE")) {
      list.only_special_use = true;
    } else if (at.take_word("REMOTE")) {
      list.remote = true;
    } else if (at.take_word("RECURSIVEMATCH")) {
      list.recursive_match = true;
    } else {
      return std::unexpected(CommandError::kListOption);
    }
    at.skip_blanks();
  }
  // RFC 5258 s3: RECURSIVEMATCH with REMOTE alone, or alone, is refused.
  if (list.recursive_match && !list.only_subscribed && !list.only_special_use)
    return std::unexpected(CommandError::kRecursiveMatch);
  return {};
}

///   patterns = "(" list-mailbox *(SP list-mailbox) ")"
std::expected<void, CommandError> parse_patterns(Cursor& at, const ReaderOptions& options, List& list) {
  list.extended = true;
  VEREDUS_TRY(at.list_begin());
  for (bool more = true; more;) {
    VEREDUS_TRY(list.patterns.emplace_back(), parse_pattern(at, options.names()));
    if (list.patterns.size() > std::min(options.arguments, kMostPatterns))
      return std::unexpected(CommandError::kTooManyArguments);
    VEREDUS_TRY(more, at.list_goes_on());
  }
  return {};
}

std::expected<std::vector<StatusItem>, CommandError> parse_status_items(Cursor& at) {
  std::vector<StatusItem> items;
  VEREDUS_TRY(at.list_begin());
  while (!at.list_end()) {
    const auto begin = at.position();
    const auto item = parse_status_item(at.word());
    if (!item) {
      at.go_to(begin);
      return std::unexpected(CommandError::kStatusItem);
    }
    if (std::ranges::find(items, *item) == items.end()) items.push_back(*item);
    at.skip_blanks();
  }
  return items;
}

std::expected<void, CommandError> parse_return_option(Cursor& at, const ReaderOptions& options, List& list) {
  if (at.take_word("SUBSCRIBED")) {
    list.return_subscribed = true;
  } else if (at.take_word("CHILDREN")) {
    list.return_children = true;
  } else if (at.take_word("SPECIAL-USE")) {
    list.return_special_use = true;
  } else if (at.take_word("MYRIGHTS")) {
    list.return_my_rights = true;
  } else if (at.take_word("STATUS")) {
    VEREDUS_TRY(at.space());
    VEREDUS_TRY(list.return_status, parse_status_items(at));
  } else if (at.take_word("METADATA")) {
    VEREDUS_TRY(at.space());
    VEREDUS_TRY(list.return_metadata, parse_entries(at, options.arguments));
  } else {
    return std::unexpected(CommandError::kListReturn);
  }
  return {};
}

///   list = "LIST" [SP list-select-opts] SP mailbox SP mbox-or-pat [SP "RETURN" SP "(" [return-option…] ")"]
ParsedBody parse_list(Cursor& at, const ReaderOptions& options) {
  List list;
  VEREDUS_TRY(at.space());
  if (at.peek() == '(') {
    VEREDUS_TRY(parse_selection(at, list));
    VEREDUS_TRY(at.space());
  }
  VEREDUS_TRY(list.reference, parse_pattern(at, options.names()));
  VEREDUS_TRY(at.space());
  if (at.peek() == '(') {
    VEREDUS_TRY(parse_patterns(at, options, list));
  } else {
    VEREDUS_TRY(list.patterns.emplace_back(), parse_pattern(at, options.names()));
  }
  if (!at.skip_blanks() || !at.take_word("RETURN")) return list;
  list.extended = true;
  VEREDUS_TRY(at.space());
  VEREDUS_TRY(at.list_begin());
  while (!at.list_end()) {
    VEREDUS_TRY(parse_return_option(at, options, list));
    at.skip_blanks();
  }
  return list;
}

ParsedBody parse_lsub(Cursor& at, const ReaderOptions& options) {
  Lsub lsub;
  VEREDUS_TRY(at.space());
  VEREDUS_TRY(lsub.reference, parse_pattern(at, options.names()));
  VEREDUS_TRY(at.space());
  VEREDUS_TRY(lsub.pattern, parse_pattern(at, options.names()));
  return lsub;
}

///   status = "STATUS" SP mailbox SP "(" [status-att *(SP status-att)] ")"
ParsedBody parse_status(Cursor& at, const ReaderOptions& options) {
  Status status;
  VEREDUS_TRY(at.space());
  VEREDUS_TRY(status.mailbox, at.mailbox(options.names()));
  VEREDUS_TRY(at.space());
  VEREDUS_TRY(status.items, parse_status_items(at));
  return status;
}

constexpr Verb kVerbs[] = {
    {"SELECT", parse_select<false>},
    {"EXAMINE", parse_select<true>},
    {"LIST", parse_list},
    {"STATUS", parse_status},
    {"LSUB", parse_lsub},
    {"CREATE", parse_create},
    {"DELETE", parse_mailbox<Delete>},
    {"RENAME", parse_rename},
    {"SUBSCRIBE", parse_mailbox<Subscribe>},
    {"UNSUBSCRIBE", parse_mailbox<Unsubscribe>},
};

}  // namespace

const Verb* find_mailbox_verb(std::string_view name) {
  const auto verb = std::ranges::find_if(kVerbs, [name](const Verb& v) { return iequals_ascii(v.name, name); });
  return verb == std::end(kVerbs) ? nullptr : verb;
}

}  // namespace veredus::wire::imap::verbs
