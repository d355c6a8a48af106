#include "work/reports/arrivals.h"

#include <algorithm>
#include <charconv>
#include <utility>

#include "base/codec/ascii.h"
#include "base/observe/log.h"
#include "base/observe/metrics.h"
#include "io/net/task_group.h"
#include "io/net/worker_pool.h"
#include "rules/authres/results.h"
#include "state/journal/journal.h"
#include "state/mailbox/mailboxes.h"
#include "wire/mime/address.h"
#include "wire/mime/header_block.h"
#include "wire/mime/message.h"
#include "work/reports/summary.h"

namespace veredus::work::reports {

using rules::reportmail::Arrived;
using rules::reportmail::Problem;
using rules::reportmail::ReadError;
using state::reports::Received;
using state::reports::Summary;

namespace {

constexpr std::size_t kMostWaiting = 10'000;

/// A report out of its message, and what lists show of it.
struct Read {
  std::expected<Arrived, Problem> arrived;
  Summary summary;
};

/// What we found out about the message it came in: the field we put on top of it. Source: RFC 8601 s5.
std::string authenticated(std::string_view header, std::string_view hostname) {
  wire::mime::FieldReader fields(header);
  while (const auto field = fields.next()) {
    if (!base::codec::iequals_ascii(field->name, "authentication-results")) continue;
    const auto results = rules::authres::read_field(field->value);
    if (!results || !base::codec::iequals_ascii(results->authserv_id, hostname)) continue;
    for (const auto& method : results->methods)
      if (method.method == "dmarc") return method.result;
  }
  return {};
}

std::string author_of(std::string_view header) {
  const auto from = wire::mime::find_field(header, "from");
  if (!from) return {};
  for (const auto& entry : wire::mime::parse_address_list(from->value, 1))
    if (entry.kind == wire::mime::AddressKind::kMailbox) return base::codec::to_lower_ascii(entry.domain);
  return {};
}

Read read_all(const std::string& octets, const std::string& hostname) {
  Read out{.arrived = rules::reportmail::read_report(octets), .summary = {}};
  if (!out.arrived) return out;
  out.summary = summary_of(*out.arrived);
  if (octets.starts_with('<') || octets.starts_with('{')) return out;  // a file, not a message
  const auto structure = wire::mime::parse(std::string_view(octets).substr(0, 256 * 1024));
  out.summary.author = author_of(structure.root().header);
  out.summary.authenticated = authenticated(structure.root().header, hostname);
  return out;
}

Filed filed_of(ReadError error) {
  switch (error) {
    case ReadError::kNoReport:
      return Filed::kNoReport;
    case ReadError::kPacked:
      return Filed::kPacked;
    case ReadError::kContent:
      return Filed::kContent;
  }
  return Filed::kNoReport;
}

std::uint64_t number_of(std::string_view text) {
  std::uint64_t out = 0;
  std::from_chars(text.data(), text.data() + text.size(), out);
  return out;
}

}  // namespace

std::string_view to_string(Filed filed) {
  switch (filed) {
    case Filed::kNew:
      return "new";
    case Filed::kKnown:
      return "known";
    case Filed::kFull:
      return "full";
    case Filed::kNoReport:
      return "no-report";
    case Filed::kPacked:
      return "packed";
    case Filed::kContent:
      return "content";
    case Filed::kNotNow:
      return "not-now";
  }
  return "";
}

Arrivals::Arrivals(Parts parts, Options options) : parts_(std::move(parts)), options_(std::move(options)) {}

bool Arrivals::wants(std::string_view recipient) const {
  return std::ranges::any_of(options_.addresses, [recipient](const std::string& address) {
    return base::codec::iequals_ascii(address, recipient);
  });
}

void Arrivals::post(AccountId account, EmailId email) {
  bool begin = false;
  {
    const std::scoped_lock lock(mutex_);
    if (waiting_.size() >= kMostWaiting) return note({.filed = Filed::kFull, .why = "too many wait", .summary = {}});
    waiting_.emplace_back(account, email);
    begin = !std::exchange(working_, true);
  }
  if (begin) parts_.tasks.spawn(work());
}

std::optional<std::pair<AccountId, EmailId>> Arrivals::next() {
  const std::scoped_lock lock(mutex_);
  if (waiting_.empty()) {
    working_ = false;
    return std::nullopt;
  }
  const auto out = waiting_.front();
  waiting_.pop_front();
  return out;
}

asio::awaitable<void> Arrivals::work() {
  for (auto mail = next(); mail; mail = next()) co_await look_at(mail->first, mail->second);
}

asio::awaitable<void> Arrivals::look_at(AccountId account, EmailId email) {
  auto octets = co_await read(account, email);
  if (octets) co_await file(*std::move(octets));
}

/// nullopt: it is gone, or too long to be a report anybody would send; said in the log.
asio::awaitable<std::optional<std::string>> Arrivals::read(AccountId account, EmailId email) {
  const auto found = co_await parts_.mailboxes.email(account, email);
  if (!found) co_return std::nullopt;
  if (found->body.octets > options_.most_octets) {
    const Outcome outcome{.filed = Filed::kPacked, .why = "the message is too long", .summary = {}};
    note(outcome);
    co_return std::nullopt;
  }
  std::string octets;
  while (octets.size() < found->body.octets) {
    const auto piece =
        co_await parts_.mailboxes.read_body(account, found->body, octets.size(), state::mailbox::kChunkOctets);
    if (!piece || piece->empty()) co_return std::nullopt;
    octets += *piece;
  }
  co_return octets;
}

asio::awaitable<Arrivals::Outcome> Arrivals::file(std::string octets) {
  Outcome out;
  auto job = [octets = std::move(octets), hostname = parts_.hostname] { return read_all(octets, hostname); };
  auto read = co_await parts_.workers.run(std::move(job));
  if (!read) {
    out.why = to_string(read.error());
  } else if (!read->arrived) {
    out.filed = filed_of(read->arrived.error().error);
    out.why = read->arrived.error().why;
  } else {
    out.summary = std::move(read->summary);
    const auto added = co_await parts_.received.add(out.summary, std::move(read->arrived->document));
    if (!added)
      out.why = to_string(added.error());
    else
      out.filed = *added == Received::Added::kNew     ? Filed::kNew
                  : *added == Received::Added::kKnown ? Filed::kKnown
                                                      : Filed::kFull;
    if (out.filed == Filed::kFull) out.why = "as many reports are kept as may be";
  }
  note(out);
  co_return out;
}

void Arrivals::note(const Outcome& outcome) {
  parts_.metrics
      .counter("veredus_reports_received_total", "Messages to addresses for reports, and reports imported.",
               {{"result", std::string(to_string(outcome.filed))}})
      .add();
  if (outcome.filed == Filed::kNew || outcome.filed == Filed::kKnown)
    parts_.log.info("reports.received", {{"result", to_string(outcome.filed)},
                                         {"kind", to_string(outcome.summary.kind)},
                                         {"by", outcome.summary.organization},
                                         {"domain", outcome.summary.domain},
                                         {"id", outcome.summary.report_id}});
  else
    parts_.log.warning("reports.not_read", {{"result", to_string(outcome.filed)}, {"why", outcome.why}});
}

void DeliveryWatch::record(base::observe::JournalEvent event) {
  if (event.kind == "delivered") {
    std::string_view account, email;
    bool wanted = false;
    for (const auto& [name, value] : event.details) {
      if (name == "account") account = value;
      if (name == "email") email = value;
      if (name == state::journal::kRecipientDetail) wanted = arrivals_.wants(value);
    }
    if (wanted) arrivals_.post(AccountId{number_of(account)}, EmailId{number_of(email)});
  }
  journal_.record(std::move(event));
}

}  // namespace veredus::work::reports
