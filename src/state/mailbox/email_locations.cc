#include "state/mailbox/email_locations.h"

#include <algorithm>
#include <boost/asio/this_coro.hpp>
#include <cstddef>
#include <cstdint>
#include <string>

#include "io/net/run_together.h"
#include "state/mailbox/keys.h"
#include "state/mailbox/rows.h"

namespace veredus::state::mailbox {
namespace {

constexpr std::size_t kAtOnce = 1'250;      // emails; one reader's work
constexpr std::size_t kWorthScanning = 64;  // emails; fewer are named one by one
constexpr std::size_t kRowsForEach = 4;     // as many rows in a row are read as quickly as one by its name

}  // namespace

/// An email without a row stands where it was put first: where it was found.
EmailLocations::EmailLocations(MailboxId mailbox, const std::vector<Message>& messages) {
  entries_.reserve(messages.size());
  for (const auto& message : messages)
    entries_.emplace_back(message.body.email, std::vector<Location>(1, {mailbox, message.uid}));
  if (!std::ranges::is_sorted(entries_, {}, &Entry::first)) std::ranges::sort(entries_, {}, &Entry::first);
  const auto again = std::ranges::unique(entries_, {}, &Entry::first);  // copies of an email beside it
  entries_.erase(again.begin(), again.end());
}

AsyncOutcome<void> EmailLocations::read(Turn* turn) {
  Outcome<void> all;
  std::vector<asio::awaitable<void>> parts;
  for (Stretch rest(entries_); !rest.empty(); rest = rest.subspan(std::min(rest.size(), kAtOnce)))
    parts.push_back(read_part(turn, rest.first(std::min(rest.size(), kAtOnce)), &all));
  co_await io::net::run_together(std::move(parts));
  co_return all;
}

/// Cannot be cancelled, as the turn cannot be.
asio::awaitable<void> EmailLocations::read_part(Turn* turn, Stretch stretch, Outcome<void>* all) {
  co_await asio::this_coro::throw_if_cancelled(false);
  const auto done = co_await read(turn, stretch);
  if (!done) *all = done;
}

AsyncOutcome<void> EmailLocations::read(Turn* turn, Stretch stretch) {
  if (stretch.size() >= kWorthScanning) {
    VEREDUS_CO_TRY(stretch, co_await scan(turn, stretch));
  }
  co_return co_await fetch(turn, stretch);
}

/// Answers those that are not known then.
AsyncOutcome<EmailLocations::Stretch> EmailLocations::scan(Turn* turn, Stretch stretch) {
  io::engine::ScanOptions options;
  options.limit = static_cast<std::uint32_t>(stretch.size() * kRowsForEach);
  VEREDUS_CO_TRY(const auto page, co_await turn->scan(keys::locations(stretch.front().first),
                                                      keys::locations(stretch.back().first) + '\0', options));
  auto entry = stretch.begin();
  for (const auto& row : page.rows) {
    const auto email = keys::parse_email(row.key);
    if (!email) co_return std::unexpected(MailboxError::kCorrupt);
    entry = std::ranges::find_if(entry, stretch.end(), [&](const Entry& each) { return each.first >= *email; });
    if (entry->first != *email) continue;
    VEREDUS_CO_TRY(entry->second, rows::decode_locations(row.value));
  }
  if (page.next.empty()) co_return stretch.last(0);
  const auto unknown = std::ranges::find_if(
      entry, stretch.end(), [&](const Entry& each) { return keys::locations(each.first) >= page.next; });
  co_return Stretch(unknown, stretch.end());
}

AsyncOutcome<void> EmailLocations::fetch(Turn* turn, Stretch stretch) {
  std::vector<std::string> wanted;
  wanted.reserve(stretch.size());
  for (const auto& entry : stretch) wanted.push_back(keys::locations(entry.first));
  VEREDUS_CO_TRY(co_await turn->fetch(std::move(wanted)));
  for (auto& [email, locations] : stretch) {
    const auto* row = turn->row(keys::locations(email));
    if (row == nullptr) continue;
    VEREDUS_CO_TRY(locations, rows::decode_locations(*row));
  }
  co_return Outcome<void>();
}

bool EmailLocations::hold(MailboxId mailbox, const std::vector<Message>& messages) const {
  return std::ranges::all_of(messages, [&](const Message& message) {
    const auto entry = std::ranges::lower_bound(entries_, message.body.email, {}, &Entry::first);
    return std::ranges::count(entry->second, Location{mailbox, message.uid}) != 0;
  });
}

std::vector<Location>& EmailLocations::of(EmailId email) {
  return std::ranges::lower_bound(entries_, email, {}, &Entry::first)->second;
}

void EmailLocations::write(Turn& turn) const {
  for (const auto& [email, locations] : entries_) turn.put(keys::locations(email), rows::encode_locations(locations));
}

Outcome<std::vector<Location>> locations_of(const Turn& turn, EmailId email, Location here) {
  const auto* row = turn.row(keys::locations(email));
  if (row == nullptr) return std::vector<Location>(1, here);
  return rows::decode_locations(*row);
}

}  // namespace veredus::state::mailbox
