#include "work/queue/outbox.h"

#include <fmt/format.h>

#include <utility>

#include "io/net/deadline.h"
#include "state/spool/queue_shards.h"
#include "work/queue/impl.h"

namespace veredus::work::queue {

using state::spool::OutboxItem;
using state::spool::QueueEntry;

namespace {

constexpr unsigned kAtOnce = 8;

}  // namespace

std::string header_of(std::string_view octets) {
  const auto end = octets.find("\r\n\r\n");
  return std::string(end == std::string_view::npos ? octets : octets.substr(0, end + 2));
}

std::optional<OutboxItem> make_report(const QueueEntry& entry, std::vector<rules::dsn::ReportedRecipient> recipients,
                                      std::string original, bool original_is_whole, const ReportBasis& basis) {
  if (!entry.sender || entry.sender->empty()) return std::nullopt;
  rules::dsn::Report report;
  report.reporting_mta = basis.hostname;
  report.from = basis.postmaster;
  report.to = *entry.sender;
  report.envelope_id = entry.mail.envelope_id;
  report.arrived = entry.accepted_at;
  report.recipients = std::move(recipients);
  report.original = std::move(original);
  report.original_kind = entry.mail.dsn_return;
  report.original_is_whole = original_is_whole;
  report.smtputf8 = entry.mail.smtputf8;
  report.date = basis.now;
  report.message_id = fmt::format("{}@{}", to_string(basis.id), basis.hostname);
  report.boundary_seed = fmt::format("{:016x}{}", basis.random, to_string(basis.id));
  OutboxItem item;
  item.id = basis.id;
  item.about = entry.id;
  item.recipient = *entry.sender;
  item.message = rules::dsn::build_report(report);
  item.smtputf8 = rules::dsn::needs_smtputf8(report);
  return item;
}

void Outbox::post(state::spool::Shard shard, OutboxItem item) {
  bool begin = false;
  {
    const std::scoped_lock lock(mutex_);
    if (!submit_ || !known_.insert(item.id).second) return;
    items_.push_back({shard, std::move(item)});
    begin = working_ < kAtOnce;
    if (begin) ++working_;
  }
  if (begin) queue_.house.spawn(work());
}

std::size_t Outbox::waiting() const {
  const std::scoped_lock lock(mutex_);
  return known_.size();
}

std::optional<Outbox::Item> Outbox::next() {
  const std::scoped_lock lock(mutex_);
  if (items_.empty()) {
    --working_;
    return std::nullopt;
  }
  Item item = std::move(items_.front());
  items_.pop_front();
  return item;
}

asio::awaitable<void> Outbox::work() {
  const auto keep_alive = queue_.shared_from_this();
  for (auto next_item = next(); next_item; next_item = next()) {
    const state::spool::QueueId id = next_item->item.id;
    bool submitted = co_await submit_(next_item->item);
    while (!submitted && !queue_.stopping()) {
      co_await io::net::pause(queue_.options.try_again);
      submitted = co_await submit_(next_item->item);
    }
    if (!submitted) continue;  // it is in the outbox at the next start
    queue_.counters.reports.add();
    std::vector<state::spool::QueueId> done;
    done.push_back(id);
    // What cannot be taken off the list now is submitted once more later, under the same id: nobody will notice.
    (void)co_await queue_.parts.shards.outbox_done(next_item->shard, std::move(done));
    const std::scoped_lock lock(mutex_);
    known_.erase(id);
  }
}

}  // namespace veredus::work::queue
