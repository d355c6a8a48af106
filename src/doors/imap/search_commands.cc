#include "doors/imap/search_commands.h"

#include <algorithm>
#include <memory>
#include <utility>

#include "doors/imap/failures.h"
#include "doors/imap/long_search.h"
#include "doors/imap/message_limit.h"
#include "doors/imap/search_contexts.h"
#include "doors/imap/search_query.h"
#include "doors/imap/search_reply.h"
#include "doors/imap/updates.h"
#include "state/mailbox/mailboxes.h"
#include "state/search/searcher.h"
#include "wire/imap/reply.h"

namespace veredus::doors::imap {
namespace {

using state::search::Matches;
using state::search::Progress;
using state::search::SearchError;
using state::search::SortKey;
using wire::imap::SearchKind;
using wire::imap::SearchReturn;

template <class T>
using Answer = std::expected<T, SearchError>;

/// A SEARCH or SORT, as far as they are one.
struct Question {
  bool uid = false;
  std::string_view word;  // of the plain reply: "SEARCH"
  std::optional<SearchReturn> returns;
  wire::imap::SearchKey key;
  std::vector<SortKey> sort;  // empty: SEARCH
};

Outcome search_failure(SearchError error) {
  switch (error) {
    case SearchError::kStopped:
      return gone();
    case SearchError::kTooComplex:
      return no("LIMIT", "Too many search keys");
    case SearchError::kTooLarge:
      return no("LIMIT", "It would take too much memory");
    case SearchError::kBusy:
      return no("INUSE", "Too much to do at the moment");
    case SearchError::kNoSuchMailbox:
      return failure(state::mailbox::MailboxError::kNoSuchMailbox);
    case SearchError::kCorrupt:
      return failure(state::mailbox::MailboxError::kCorrupt);
    case SearchError::kUnavailable:
      return failure(state::mailbox::MailboxError::kUnavailable);
  }
  return no("Search failed");
}

asio::awaitable<void> ask(Talk* talk, state::search::Query query, std::vector<SortKey> sort,
                          std::shared_ptr<Progress> progress, Answer<Matches>* answer) {
  const auto& selected = *talk->session.selected;
  auto& searcher = talk->services.searcher;
  if (sort.empty())
    *answer = co_await searcher.search(selected.account(), selected.mailbox(), std::move(query), std::move(progress));
  else
    *answer = co_await searcher.sort(selected.account(), selected.mailbox(), std::move(query), std::move(sort),
                                     std::move(progress));
}

asio::awaitable<void> ask_threads(Talk* talk, state::search::Query query, state::search::ThreadBy by,
                                  std::shared_ptr<Progress> progress, Answer<state::search::Threads>* answer) {
  const auto& selected = *talk->session.selected;
  *answer = co_await talk->services.searcher.thread(selected.account(), selected.mailbox(), std::move(query), by,
                                                    std::move(progress));
}

/// RFC 4731 s3.2: the MODSEQ of what is told.
asio::awaitable<ModSeq> told_modseq(Talk* talk, std::vector<Uid> witnesses, ModSeq of_all) {
  if (witnesses.empty()) co_return of_all;
  const auto& selected = *talk->session.selected;
  const auto table = co_await talk->services.mailboxes.table(selected.account(), selected.mailbox());
  if (!table) co_return of_all;
  ModSeq highest;
  for (const Uid uid : witnesses)
    if (const auto* row = (*table)->find(uid)) highest = std::max(highest, row->modseq);
  co_return highest;
}

bool is_context(const Talk& talk) {
  const auto& contexts = talk.session.selected->contexts;
  return contexts && std::ranges::count(contexts->all, talk.tag, &SearchContext::tag) != 0;
}

/// RFC 5267 s4.3, s4.3.1
void keep_context(Talk* talk, Question& question, std::vector<Uid> result, ModSeq seen) {
  auto& contexts = talk->session.selected->contexts;
  if (!contexts) contexts = std::make_shared<SearchContexts>();
  if (contexts->all.size() >= kSearchContexts) {
    std::string code = "NOUPDATE ";
    wire::imap::append_string(code, talk->tag);
    wire::imap::append_untagged(talk->out.buffer(), wire::imap::Condition::kNo, code, "Too many contexts");
    return;
  }
  SearchContext context;
  context.tag = talk->tag;
  context.uid = question.uid;
  context.key = std::move(question.key);
  context.sort = std::move(question.sort);
  context.result = std::move(result);
  context.seen = seen;
  context.items = std::move(question.returns->update_items);
  contexts->all.push_back(std::move(context));
}

/// `$` is empty after a search that failed with NO, and as it was after BAD (RFC 5182 s2.1).
Outcome refused(Talk* talk, const std::optional<SearchReturn>& returns, Outcome outcome) {
  if (returns && returns->save && outcome.status == Status::kNo) talk->session.selected->saved_result = {};
  return outcome;
}

/// The reply to a search that was answered.
asio::awaitable<void> tell(Talk* talk, Question* question, Matches matches, bool with_modseq) {
  auto& selected = *talk->session.selected;
  const auto order = question->sort.empty() ? Found::Order::kAscending : Found::Order::kSorted;
  const auto result = found(selected.uids(), std::move(matches.uids), question->uid, order);
  auto modseq = with_modseq ? matches.highest_modseq : ModSeq();
  if (!question->returns) {
    const auto told = result.numbers.empty() ? 0 : modseq.value;
    wire::imap::append_search(talk->out.buffer(), question->word, result.numbers, told);
    co_return;
  }
  const auto& returns = *question->returns;
  if (returns.save) selected.saved_result = saved_by(returns, result);
  if (with_modseq) {
    auto witnesses = modseq_witnesses(returns, result);
    modseq = co_await told_modseq(talk, std::move(witnesses), modseq);
  }
  if (tells_anything(returns)) append_result(talk->out.buffer(), talk->tag, question->uid, returns, result, modseq);
}

/// RFC 9738 s3: SORT has its columns, whatever the mailbox's size. `among` is the whole view before it.
std::optional<Uid> limit_searched(const Talk& talk, const Question& question, state::mailbox::UidSet& among) {
  const auto limit = talk.options.message_limit;
  if (!question.sort.empty() || limit == 0 || among.size() <= limit) return std::nullopt;
  among = searched_messages(question.key, talk.session);
  return limit_messages(talk, among);
}

asio::awaitable<Outcome> answer(Talk* talk, Question question) {
  auto& session = talk->session;
  const bool update = question.returns && question.returns->update;
  if (update && is_context(*talk)) co_return bad("A search with this tag is kept up to date already");  // RFC 5267 s4.3
  const bool with_modseq = wire::imap::mentions(question.key, SearchKind::kModSeq);
  if (with_modseq) co_await enable_condstore(talk);
  if (!question.returns && session.rev2() && question.sort.empty()) {  // RFC 9051 s6.4.4: always ESEARCH
    question.returns.emplace();
    question.returns->all = true;
  }
  auto among = session.selected->uids().all();
  const auto limited = limit_searched(*talk, question, among);
  auto query = query_of(question.key, session, talk->services.clock.now(), std::move(among));
  if (!query) co_return refused(talk, question.returns, std::move(query.error()));
  if (update) fix_sets(question.key, session);  // RFC 5267 s4.3: as the command came
  const auto seen = session.selected->seen();   // what changes from now on is for the context
  auto progress = std::make_shared<Progress>();
  Answer<Matches> matches;
  auto asking = ask(talk, *std::move(query), question.sort, progress, &matches);
  co_await with_progress(talk, progress, std::move(asking));
  if (!matches) co_return refused(talk, question.returns, search_failure(matches.error()));
  auto result = update ? matches->uids : std::vector<Uid>();
  co_await tell(talk, &question, *std::move(matches), with_modseq);
  if (update) keep_context(talk, question, std::move(result), seen);
  co_return with_limit(*talk, ok(question.sort.empty() ? "Search done" : "Sort done"), limited);
}

}  // namespace

asio::awaitable<Outcome> search(Talk* talk, wire::imap::Search command) {
  Question question;
  question.uid = command.uid;
  question.word = "SEARCH";
  question.returns = command.returns;
  question.key = std::move(command.key);
  co_return co_await answer(talk, std::move(question));
}

asio::awaitable<Outcome> sort(Talk* talk, wire::imap::Sort command) {
  static_assert(static_cast<int>(wire::imap::SortKind::kDisplayTo) ==
                static_cast<int>(state::search::SortBy::kDisplayTo));  // the two lists are one
  Question question;
  question.uid = command.uid;
  question.word = "SORT";
  question.returns = command.returns;
  question.key = std::move(command.key);
  for (const auto& criterion : command.criteria) {
    const auto direction =
        criterion.reverse ? state::search::Direction::kDescending : state::search::Direction::kAscending;
    question.sort.push_back({static_cast<state::search::SortBy>(criterion.kind), direction});
  }
  co_return co_await answer(talk, std::move(question));
}

asio::awaitable<Outcome> thread(Talk* talk, wire::imap::Thread command) {
  static_assert(static_cast<int>(wire::imap::ThreadMethod::kRefs) == static_cast<int>(state::search::ThreadBy::kRefs));
  auto& session = talk->session;
  if (wire::imap::mentions(command.key, SearchKind::kModSeq)) co_await enable_condstore(talk);
  auto query = query_of(command.key, session, talk->services.clock.now(), session.selected->uids().all());
  if (!query) co_return std::move(query.error());
  auto progress = std::make_shared<Progress>();
  Answer<state::search::Threads> threads;
  const auto by = static_cast<state::search::ThreadBy>(command.method);
  auto asking = ask_threads(talk, *std::move(query), by, progress, &threads);
  co_await with_progress(talk, progress, std::move(asking));
  if (!threads) co_return search_failure(threads.error());
  append_threads(talk->out.buffer(), *threads, command.uid ? nullptr : &session.selected->uids());
  co_return ok("Thread done");
}

asio::awaitable<Outcome> cancel_update(Talk* talk, wire::imap::CancelUpdate command) {
  auto& contexts = talk->session.selected->contexts;
  for (const auto& tag : command.tags) {
    const auto dropped =
        contexts ? std::erase_if(contexts->all, [&](const SearchContext& one) { return one.tag == tag; }) : 0;
    if (dropped == 0) co_return no("There is no such search to cancel");
  }
  if (contexts->all.empty()) contexts.reset();
  co_return ok("No longer updated");
}

}  // namespace veredus::doors::imap
