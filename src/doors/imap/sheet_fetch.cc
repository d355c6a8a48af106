#include <algorithm>
#include <boost/asio/as_tuple.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <utility>
#include <vector>

#include "doors/imap/fetching.h"
#include "io/net/run_together.h"
#include "state/mailbox/email_sheet.h"
#include "state/mailbox/mailboxes.h"

/// FETCH of what lists of messages show: some sheets are read at a time, and written one after the other.
namespace veredus::doors::imap {

using state::mailbox::EmailSheet;
using state::mailbox::Message;
using state::mailbox::SheetMessage;

namespace {

constexpr std::size_t kSheetsAtOnce = 4;  // read together: from a disk that takes about as long as one of them
constexpr std::size_t kOctetsAtOnce = std::size_t{2048} * 1024;  // unpacked, held while the client takes its time

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

  [[nodiscard]] bool empty() const { return ahead_ == nullptr; }
  /// Without messages: that was the last.
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

std::size_t octets_of(const Stretch& stretch) {
  std::size_t octets = 0;
  for (const auto& sheet : stretch.sheets)
    if (sheet) octets += sheet->octets();
  return octets;
}

asio::awaitable<Went> fetch_one(Fetching* fetching, Stretch::Listed listed) {
  std::vector<FetchedMessage> batch(1);
  batch[0].row = *listed.row;
  batch[0].number = listed.number;
  co_return co_await fetch_batch(fetching, &batch);
}

asio::awaitable<Went> write(Fetching* fetching, const Stretch* stretch) {
  if (!stretch->readable) co_return Went::kNotReadable;
  auto& pace = fetching->pace;
  FetchWriter writer(fetching->talk, &fetching->plan, &pace);
  for (const auto& listed : stretch->messages) {
    const auto done = writer.write_listed(*listed.row, listed.number, stretch->sheets);
    if (done == FetchWriter::Listed::kNotThere) continue;
    if (done == FetchWriter::Listed::kIncomplete) {
      const auto went = co_await fetch_one(fetching, listed);
      if (went != Went::kWell) co_return went;
      continue;
    }
    ++fetching->talk->counts.messages_fetched;
    if (!pace.has_enough_lines()) continue;
    const bool goes_on = co_await pace.pause();
    if (!goes_on) co_return Went::kClientGone;
  }
  co_return Went::kWell;
}

/// Several lanes: each takes the next stretch, reads it, waits for its turn to write it, and begins again. So a few are
/// read while one is written. All on one executor.
class Lanes {
 public:
  Lanes(Fetching* fetching, Stretches* source, Stretch first, const asio::any_io_executor& executor)
      : fetching_(fetching),
        source_(source),
        first_(std::move(first)),
        progress_(executor, asio::steady_timer::time_point::max()) {}

  asio::awaitable<Went> run() {
    std::vector<asio::awaitable<void>> lanes;
    lanes.reserve(kSheetsAtOnce);
    for (std::size_t i = 0; i < kSheetsAtOnce; ++i) lanes.push_back(lane());
    co_await io::net::run_together(std::move(lanes));
    co_return went_;
  }

 private:
  /// However a lane ends, the others do not wait for it.
  struct End {
    Lanes* lanes;
    bool well = false;
    ~End() {
      if (!well && lanes->went_ == Went::kWell) lanes->went_ = Went::kNotReadable;
      lanes->progress_.cancel();
    }
  };

  asio::awaitable<void> lane() {
    End end{this};
    while (true) {
      while (went_ == Went::kWell && taken_ - written_ >= room()) co_await progress();
      if (went_ != Went::kWell) break;
      auto stretch = take();
      if (stretch.messages.empty()) break;
      const auto mine = taken_++;
      co_await read(fetching_, &stretch);
      last_octets_ = octets_of(stretch);
      progress_.cancel();
      while (went_ == Went::kWell && written_ != mine) co_await progress();
      if (went_ != Went::kWell) break;
      const auto went = co_await write(fetching_, &stretch);
      if (went != Went::kWell) went_ = went;
      ++written_;
      progress_.cancel();
    }
    end.well = true;
  }

  Stretch take() {
    if (!first_.messages.empty()) return std::exchange(first_, {});
    return source_->next();
  }
  /// How many may be under way when they are as large as the one that was read last.
  [[nodiscard]] std::size_t room() const {
    return std::clamp(kOctetsAtOnce / std::max<std::size_t>(last_octets_, 1), std::size_t{1}, kSheetsAtOnce);
  }
  /// Waits until somebody got on.
  asio::awaitable<void> progress() { co_await progress_.async_wait(asio::as_tuple(asio::use_awaitable)); }

  Fetching* fetching_;
  Stretches* source_;
  Stretch first_;
  asio::steady_timer progress_;
  std::size_t last_octets_ = kOctetsAtOnce;  // before it is known: one alone
  std::size_t taken_ = 0;
  std::size_t written_ = 0;
  Went went_ = Went::kWell;
};

}  // namespace

asio::awaitable<Went> fetch_from_sheets(Fetching* fetching) {
  Stretches source(fetching);
  auto first = source.next();
  if (first.messages.empty()) co_return Went::kWell;
  if (source.empty()) {  // as most are
    co_await read(fetching, &first);
    co_return co_await write(fetching, &first);
  }
  Lanes lanes(fetching, &source, std::move(first), co_await asio::this_coro::executor);
  co_return co_await lanes.run();
}

}  // namespace veredus::doors::imap
