#include <algorithm>

#include "base/codec/ascii.h"
#include "wire/imap/command_parser.h"
#include "wire/imap/fetch_parser.h"
#include "wire/imap/search_parser.h"

namespace veredus::wire::imap::verbs {
namespace {

using base::codec::iequals_ascii;

template <bool uid>
ParsedBody parse_fetch_verb(Cursor& at, const ReaderOptions& options) {
  VEREDUS_TRY(at.space());
  VEREDUS_TRY(auto fetch, parse_fetch(at, uid, options.arguments));
  return fetch;
}

template <bool uid>
ParsedBody parse_search_verb(Cursor& at, const ReaderOptions& options) {
  VEREDUS_TRY(at.space());
  VEREDUS_TRY(auto search, parse_search(at, uid, options));
  return search;
}

template <bool uid>
ParsedBody parse_sort_verb(Cursor& at, const ReaderOptions& options) {
  VEREDUS_TRY(at.space());
  VEREDUS_TRY(auto sort, parse_sort(at, uid, options));
  return sort;
}

template <bool uid>
ParsedBody parse_thread_verb(Cursor& at, const ReaderOptions& options) {
  VEREDUS_TRY(at.space());
  VEREDUS_TRY(auto thread, parse_thread(at, uid, options));
  return thread;
}

/// COPY and MOVE.
template <class T, bool uid>
ParsedBody parse_transfer(Cursor& at, const ReaderOptions& options) {
  T transfer{.uid = uid};
  VEREDUS_TRY(at.space());
  VEREDUS_TRY(transfer.set, at.sequence_set());
  VEREDUS_TRY(at.space());
  VEREDUS_TRY(transfer.mailbox, at.mailbox(options.names()));
  return transfer;
}

///   store-modifiers = "(" "UNCHANGEDSINCE" SP mod-sequence-valzer ")" (RFC 7162 s3.1.3)
std::expected<void, CommandError> parse_store_modifiers(Cursor& at, Store& store) {
  VEREDUS_TRY(at.list_begin());
  if (!at.take_word("UNCHANGEDSINCE")) return std::unexpected(CommandError::kStoreModifier);
  VEREDUS_TRY(at.space());
  VEREDUS_TRY(store.unchanged_since, at.number64());
  if (!at.list_end()) return std::unexpected(CommandError::kListEnd);
  return at.space();
}

std::expected<void, CommandError> parse_store_flag(Cursor& at, FlagList& flags, std::size_t most) {
  const auto begin = at.position();
  if (!add_flag(flags, at.word())) {
    at.go_to(begin);
    return std::unexpected(CommandError::kFlag);
  }
  if (flags.keywords.size() > most) return std::unexpected(CommandError::kTooManyArguments);
  return {};
}

///   store-att-flags = (["+" / "-"] "FLAGS" [".SILENT"]) SP (flag-list / (flag *(SP flag)))
std::expected<void, CommandError> parse_store_flags(Cursor& at, Store& store, std::size_t most) {
  if (at.take('+')) {
    store.mode = Store::Mode::kAdd;
  } else if (at.take('-')) {
    store.mode = Store::Mode::kRemove;
  }
  store.silent = at.take_word("FLAGS.SILENT");
  if (!store.silent && !at.take_word("FLAGS")) return std::unexpected(CommandError::kStoreItem);
  VEREDUS_TRY(at.space());
  if (at.peek() == '(') {
    VEREDUS_TRY(at.list_begin());
    while (!at.list_end()) {
      VEREDUS_TRY(parse_store_flag(at, store.flags, most));
      at.skip_blanks();
    }
    return {};
  }
  do {
    VEREDUS_TRY(parse_store_flag(at, store.flags, most));
  } while (at.skip_blanks() && !at.at_end());
  return {};
}

///   store = "STORE" SP sequence-set SP [store-modifiers SP] store-att-flags
template <bool uid>
ParsedBody parse_store(Cursor& at, const ReaderOptions& options) {
  Store store{.uid = uid};
  VEREDUS_TRY(at.space());
  VEREDUS_TRY(store.set, at.sequence_set());
  VEREDUS_TRY(at.space());
  if (at.peek() == '(') VEREDUS_TRY(parse_store_modifiers(at, store));
  VEREDUS_TRY(parse_store_flags(at, store, options.arguments));
  return store;
}

ParsedBody parse_expunge(Cursor&, const ReaderOptions&) { return Expunge{}; }

ParsedBody parse_uid_expunge(Cursor& at, const ReaderOptions&) {
  Expunge expunge;
  VEREDUS_TRY(at.space());
  VEREDUS_TRY(expunge.uids, at.sequence_set());
  return expunge;
}

///   cancelupdate = "CANCELUPDATE" 1*(SP quoted) (RFC 5267 s5)
ParsedBody parse_cancel_update(Cursor& at, const ReaderOptions& options) {
  CancelUpdate cancel;
  VEREDUS_TRY(at.space());
  do {
    VEREDUS_TRY(cancel.tags.emplace_back(), at.astring());
    if (cancel.tags.size() > options.arguments) return std::unexpected(CommandError::kTooManyArguments);
  } while (at.skip_blanks() && !at.at_end());
  return cancel;
}

constexpr Verb kVerbs[] = {
    {"FETCH", parse_fetch_verb<false>},    {"STORE", parse_store<false>},         {"SEARCH", parse_search_verb<false>},
    {"COPY", parse_transfer<Copy, false>}, {"MOVE", parse_transfer<Move, false>}, {"EXPUNGE", parse_expunge},
    {"SORT", parse_sort_verb<false>},      {"THREAD", parse_thread_verb<false>},  {"CANCELUPDATE", parse_cancel_update},
};
constexpr Verb kUidVerbs[] = {
    {"FETCH", parse_fetch_verb<true>},    {"STORE", parse_store<true>},         {"SEARCH", parse_search_verb<true>},
    {"COPY", parse_transfer<Copy, true>}, {"MOVE", parse_transfer<Move, true>}, {"EXPUNGE", parse_uid_expunge},
    {"SORT", parse_sort_verb<true>},      {"THREAD", parse_thread_verb<true>},
};

template <std::size_t n>
const Verb* find(const Verb (&verbs)[n], std::string_view name) {
  const auto verb = std::ranges::find_if(verbs, [name](const Verb& v) { return iequals_ascii(v.name, name); });
  return verb == std::end(verbs) ? nullptr : verb;
}

}  // namespace

const Verb* find_message_verb(std::string_view name) { return find(kVerbs, name); }
const Verb* find_uid_verb(std::string_view name) { return find(kUidVerbs, name); }

}  // namespace veredus::wire::imap::verbs
