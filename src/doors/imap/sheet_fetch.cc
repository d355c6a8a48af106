#include <boost/asio/co_spawn.hpp>
#include <boost/asio/deferred.hpp>
#include <boost/asio/experimental/parallel_group.hpp>
#include <boost/asio/this_coro.hpp>
#include <exception>
#include <utility>

#include "doors/imap/fetching.h"
#include "state/mailbox/email_sheet.h"
#include "state/mailbox/mailboxes.h"

/// FETCH of what lists of messages show: a sheet at a time, the next one read while the last is written.
namespace veredus::doors::imap {

using state::mailbox::EmailSheet;
using state::mailbox::Message;
using state::mailbox::SheetMessage;

namespace {

/// Messages of one sheet.
struct Stretch {
  struct Listed {
    const Message* row;
    std::uint32_t number;
  };
  std::vector<Listed> messages;
  Sheets sheets;  // by column of the plan
  bool readable = true;
};

/// Takes the messages off the source, sheet by sheet.
class Stretches {
 public:
  explicit Stretches(Fetching* fetching) : fetching_(fetching), ahead_(fetching->rows.next()) {}

  /// An empty one: that was the last.
  Stretch next() {
    Stretch stretch;
    std::uint32_t sheet = 0;
    for (; ahead_ != nullptr; ahead_ = fetching_->rows.next()) {
      const auto its_sheet = EmailSheet::number_of(ahead_->uid);
      if (!stretch.messages.empty() && its_sheet != sheet) break;
      const auto number = fetching_->numbers.number(ahead_->uid);
      if (!number) continue;
      sheet = its_sheet;
      stretch.messages.push_back({ahead_, *number});
    }
    return stretch;
  }

 private:
  Fetching* fetching_;
  const Message* ahead_;
};

asio::awaitable<void> read(Fetching* fetching, Stretch* stretch) {
  std::vector<SheetMessage> messages;
  messages.reserve(stretch->messages.size());
  for (const auto& one : stretch->messages) messages.push_back({one.row->uid, one.row->body.email});
  const auto& selected = *fetching->talk->session.selected;
  auto columns = fetching->plan.columns;
  auto sheets = co_await fetching->talk->services.mailboxes.sheets(selected.account(), selected.mailbox(),
                                                                   std::move(columns), std::move(messages));
  stretch->readable = sheets.has_value();
  if (sheets) stretch->sheets = *std::move(sheets);
}

asio::awaitable<Went> fetch_one(Fetching* fetching, Stretch::Listed listed) {
  std::vector<FetchedMessage> batch(1);
  batch[0].row = *listed.row;
  batch[0].number = listed.number;
  co_return co_await fetch_batch(fetching, &batch);
}

asio::awaitable<Went> write(Fetching* fetching, const Stretch* stretch) {
  if (!stretch->readable) co_return Went::kNotReadable;
  auto& out = fetching->talk->out;
  FetchWriter writer(fetching->talk, &fetching->plan);
  std::size_t written = 0;
  for (const auto& listed : stretch->messages) {
    const auto done = writer.write_listed(*listed.row, listed.number, stretch->sheets);
    if (done == FetchWriter::Listed::kNotThere) continue;
    if (done == FetchWriter::Listed::kIncomplete) {
      const auto went = co_await fetch_one(fetching, listed);
      if (went != Went::kWell) co_return went;
      continue;
    }
    ++fetching->talk->counts.messages_fetched;
    if (++written % kRowsBetweenLooks != 0 || !out.is_full()) continue;
    const bool sent = co_await out.make_room();
    if (!sent) co_return Went::kClientGone;
  }
  co_return Went::kWell;
}

asio::awaitable<Went> write_beside(Fetching* fetching, const Stretch* stretch, Stretch* next) {
  if (next->messages.empty()) co_return co_await write(fetching, stretch);
  const auto executor = co_await asio::this_coro::executor;
  auto group =
      asio::experimental::make_parallel_group(asio::co_spawn(executor, read(fetching, next), asio::deferred),
                                              asio::co_spawn(executor, write(fetching, stretch), asio::deferred));
  const auto [order, unread, unwritten, went] =
      co_await group.async_wait(asio::experimental::wait_for_all(), asio::use_awaitable);
  if (unwritten) std::rethrow_exception(unwritten);
  if (unread) std::rethrow_exception(unread);
  co_return went;
}

}  // namespace

asio::awaitable<Went> fetch_from_sheets(Fetching* fetching) {
  Stretches stretches(fetching);
  auto stretch = stretches.next();
  co_await read(fetching, &stretch);
  while (!stretch.messages.empty()) {
    auto next = stretches.next();
    const auto went = co_await write_beside(fetching, &stretch, &next);
    if (went != Went::kWell) co_return went;
    stretch = std::move(next);
  }
  co_return Went::kWell;
}

}  // namespace veredus::doors::imap
