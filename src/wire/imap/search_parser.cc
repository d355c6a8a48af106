#include "wire/imap/search_parser.h"

#include <algorithm>
#include <utility>

#include "base/codec/ascii.h"
#include "wire/imap/fetch_parser.h"
#include "wire/imap/search_key_parser.h"
#include "wire/mime/charset.h"

namespace veredus::wire::imap {
namespace {

using base::codec::iequals_ascii;

///   modifier-update = "UPDATE" ["(" fetch-att *(SP fetch-att) ")"] (RFC 5465 s8); in its examples with a space
std::expected<void, CommandError> parse_update(Cursor& at, std::size_t most, SearchReturn& returns) {
  returns.update = true;
  const auto behind = at.position();
  at.skip_blanks();
  if (at.peek() != '(') {
    at.go_to(behind);
    return {};
  }
  VEREDUS_TRY(returns.update_items, parse_fetch_list(at, most));
  return {};
}

std::expected<void, CommandError> parse_return_option(Cursor& at, std::size_t most, SearchReturn& returns) {
  if (!returns.partial && at.take_word("PARTIAL")) {  // RFC 9394 s3.1: one at most
    VEREDUS_TRY(at.space());
    VEREDUS_TRY(returns.partial, parse_partial_range(at));
    return {};
  }
  if (at.take_word("UPDATE")) return parse_update(at, most, returns);
  struct Option {
    std::string_view name;
    bool SearchReturn::* member;
  };
  static constexpr Option kOptions[] = {{"ALL", &SearchReturn::all},   {"COUNT", &SearchReturn::count},
                                        {"MIN", &SearchReturn::min},   {"MAX", &SearchReturn::max},
                                        {"SAVE", &SearchReturn::save}, {"CONTEXT", &SearchReturn::context}};
  for (const auto& option : kOptions) {
    if (!at.take_word(option.name)) continue;
    returns.*option.member = true;
    return {};
  }
  return std::unexpected(CommandError::kSearchReturn);
}

///   search-return-opts = SP "RETURN" SP "(" [search-return-opt *(SP search-return-opt)] ")"
std::expected<std::optional<SearchReturn>, CommandError> parse_return(Cursor& at, std::size_t most) {
  if (!at.take_word("RETURN")) return std::nullopt;
  SearchReturn returns;
  VEREDUS_TRY(at.space());
  const auto begin = at.position();
  VEREDUS_TRY(at.list_begin());
  while (!at.list_end()) {
    VEREDUS_TRY(parse_return_option(at, most, returns));
    if (at.peek() != ' ' && at.peek() != ')') return std::unexpected(CommandError::kListEnd);
    at.skip_blanks();
  }
  if (returns.partial && returns.all) {  // RFC 9394 s3.1
    at.go_to(begin);
    return std::unexpected(CommandError::kReturnConflict);
  }
  VEREDUS_TRY(at.space());
  // RFC 4731 s3.1: "RETURN ()" is "RETURN (ALL)". UPDATE and CONTEXT alone ask for no result.
  if (returns == SearchReturn{}) returns.all = true;
  return returns;
}

/// `returns`: of the command.
std::expected<std::string, CommandError> parse_charset(Cursor& at, const std::optional<SearchReturn>& returns) {
  const auto begin = at.position();
  VEREDUS_TRY(auto charset, at.astring());
  if (iequals_ascii(charset, "UTF-8") || iequals_ascii(charset, "US-ASCII") || mime::is_known_charset(charset))
    return charset;
  at.go_to(begin);
  return std::unexpected(returns && returns->save ? CommandError::kCharsetOfSaved : CommandError::kCharset);
}

/// charset SP search-key…, as SORT and THREAD have it.
std::expected<SearchKey, CommandError> parse_in_charset(Cursor& at, const ReaderOptions& options,
                                                        const std::optional<SearchReturn>& returns) {
  VEREDUS_TRY(auto charset, parse_charset(at, returns));
  VEREDUS_TRY(at.space());
  return SearchKeyParser(at, options, std::move(charset)).parse_all();
}

std::expected<SortCriterion, CommandError> parse_criterion(Cursor& at) {
  struct Word {
    std::string_view name;
    SortKind kind;
  };
  static constexpr Word kWords[] = {{"ARRIVAL", SortKind::kArrival},
                                    {"CC", SortKind::kCc},
                                    {"DATE", SortKind::kDate},
                                    {"FROM", SortKind::kFrom},
                                    {"SIZE", SortKind::kSize},
                                    {"SUBJECT", SortKind::kSubject},
                                    {"TO", SortKind::kTo},
                                    {"DISPLAYFROM", SortKind::kDisplayFrom},
                                    {"DISPLAYTO", SortKind::kDisplayTo}};
  SortCriterion criterion;
  if (at.take_word("REVERSE")) {
    criterion.reverse = true;
    VEREDUS_TRY(at.space());
  }
  for (const auto& word : kWords) {
    if (!at.take_word(word.name)) continue;
    criterion.kind = word.kind;
    return criterion;
  }
  return std::unexpected(CommandError::kSortKey);
}

}  // namespace

///   search = "SEARCH" [search-return-opts] SP ["CHARSET" SP charset SP] search-key *(SP search-key)
std::expected<Search, CommandError> parse_search(Cursor& at, bool uid, const ReaderOptions& options) {
  Search search{.uid = uid};
  VEREDUS_TRY(search.returns, parse_return(at, options.arguments));
  std::string charset;
  const auto begin = at.position();
  if (at.take_word("CHARSET")) {
    if (options.utf8_accept) {  // RFC 6855 s3
      at.go_to(begin);
      return std::unexpected(CommandError::kCharsetUtf8);
    }
    VEREDUS_TRY(at.space());
    VEREDUS_TRY(charset, parse_charset(at, search.returns));
    VEREDUS_TRY(at.space());
  }
  VEREDUS_TRY(search.key, SearchKeyParser(at, options, std::move(charset)).parse_all());
  return search;
}

///   sort = "SORT" [search-return-opts] SP "(" sort-criterion *(SP sort-criterion) ")" SP charset 1*(SP search-key)
std::expected<Sort, CommandError> parse_sort(Cursor& at, bool uid, const ReaderOptions& options) {
  Sort sort{.uid = uid};
  VEREDUS_TRY(sort.returns, parse_return(at, options.arguments));
  VEREDUS_TRY(at.list_begin());
  for (bool more = true; more;) {
    VEREDUS_TRY(sort.criteria.emplace_back(), parse_criterion(at));
    if (sort.criteria.size() > options.search_terms) return std::unexpected(CommandError::kTooManyArguments);
    VEREDUS_TRY(more, at.list_goes_on());
  }
  VEREDUS_TRY(at.space());
  VEREDUS_TRY(sort.key, parse_in_charset(at, options, sort.returns));
  return sort;
}

///   thread = "THREAD" SP thread-alg SP charset 1*(SP search-key)
std::expected<Thread, CommandError> parse_thread(Cursor& at, bool uid, const ReaderOptions& options) {
  Thread thread{.uid = uid};
  if (at.take_word("REFERENCES")) {
    thread.method = ThreadMethod::kReferences;
  } else if (at.take_word("ORDEREDSUBJECT")) {
    thread.method = ThreadMethod::kOrderedSubject;
  } else if (at.take_word("REFS")) {
    thread.method = ThreadMethod::kRefs;
  } else {
    return std::unexpected(CommandError::kThreadMethod);
  }
  VEREDUS_TRY(at.space());
  VEREDUS_TRY(thread.key, parse_in_charset(at, options, std::nullopt));
  return thread;
}

std::string_view to_string(ThreadMethod method) {
  switch (method) {
    case ThreadMethod::kOrderedSubject:
      return "ORDEREDSUBJECT";
    case ThreadMethod::kReferences:
      return "REFERENCES";
    case ThreadMethod::kRefs:
      return "REFS";
  }
  return {};
}

}  // namespace veredus::wire::imap
