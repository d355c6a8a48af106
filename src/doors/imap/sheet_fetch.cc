#include <algorithm>
#include <utility>
#include <vector>

#include "doors/imap/fetching.h"
#include "io/net/run_together.h"
#include "state/mailbox/email_sheet.h"
#include "state/mailbox/mailboxes.h"

/// FETCH of what lists of messages show: some sheets at a time, the next ones read while the last are written.
namespace veredus::doors::imap {

using state::mailbox::EmailSheet;
using state::mailbox::Message;
using state::mailbox::SheetMessage;

namespace {

constexpr std::size_t kSheetsAtOnce = 4;  // read together: from a disk that takes about as long as one of them
constexpr std::size_t kOctetsAtOnce = std::size_t{1024} * 1024;  // unpacked, held while the client takes its time

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

  /// At most `count` of them. None: that was the last.
  std::vector<Stretch> next(std::size_t count) {
    std::vector<Stretch> stretches;
    while (stretches.size() < count) {
      auto stretch = next();
      if (stretch.messages.empty()) break;
      stretches.push_back(std::move(stretch));
    }
    return stretches;
  }

 private:
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

/// As many as may be read ahead when they are as large as these.
std::size_t how_many_like(const std::vector<Stretch>& stretches) {
  std::size_t largest = 1;
  for (const auto& stretch : stretches) {
    std::size_t octets = 0;
    for (const auto& sheet : stretch.sheets)
      if (sheet) octets += sheet->octets();
    largest = std::max(largest, octets);
  }
  return std::clamp(kOctetsAtOnce / largest, std::size_t{1}, kSheetsAtOnce);
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

asio::awaitable<void> write_all(Fetching* fetching, const std::vector<Stretch>* stretches, Went* went) {
  for (const auto& stretch : *stretches) {
    *went = co_await write(fetching, &stretch);
    if (*went != Went::kWell) co_return;
  }
}

}  // namespace

asio::awaitable<Went> fetch_from_sheets(Fetching* fetching) {
  Stretches source(fetching);
  auto ready = source.next(1);
  for (auto& stretch : ready) co_await read(fetching, &stretch);
  while (!ready.empty()) {
    auto next = source.next(how_many_like(ready));
    auto went = Went::kWell;
    std::vector<asio::awaitable<void>> tasks;
    tasks.push_back(write_all(fetching, &ready, &went));
    for (auto& stretch : next) tasks.push_back(read(fetching, &stretch));
    if (next.empty())
      co_await std::move(tasks.front());
    else
      co_await io::net::run_together(std::move(tasks));
    if (went != Went::kWell) co_return went;
    ready = std::move(next);
  }
  co_return Went::kWell;
}

}  // namespace veredus::doors::imap
