#include "work/reports/sender.h"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <memory>

#include "base/codec/ascii.h"
#include "base/codec/hex.h"
#include "base/crypto/digest.h"
#include "base/observe/log.h"
#include "base/observe/metrics.h"
#include "base/types/bytes.h"
#include "base/types/result.h"
#include "io/dns/resolver.h"
#include "io/net/worker_pool.h"
#include "rules/dmarc/public_suffix.h"
#include "rules/tlsrpt/record.h"
#include "work/mailauth/lookup.h"
#include "work/reports/documents.h"
#include "work/reports/poster.h"

namespace veredus::work::reports {

namespace dmarc = rules::dmarc;
using state::reports::AskedFor;
using state::reports::Period;
using state::reports::Stream;
using state::reports::Subject;
using state::reports::Tally;

namespace {

using namespace std::chrono_literals;

constexpr auto kFirstRetry = 15min;  // then twice as long each time
constexpr unsigned kMostDoublings = 4;

std::string_view to_string(Stream stream) { return stream == Stream::kDmarc ? "dmarc" : "tls"; }

/// 32 octets that are the same for the same report, and for no other.
std::string digest_of(const Period& period, const Subject& subject, std::string_view rest) {
  std::string whole;
  put_be(whole, static_cast<std::uint64_t>(period.begin.time_since_epoch().count()));
  put_be(whole, static_cast<std::uint64_t>(period.end.time_since_epoch().count()));
  put_be(whole, std::to_underlying(subject.stream));
  put_string(whole, subject.domain);
  put_string(whole, rest);
  return base::crypto::sha256(whole);
}

}  // namespace

Sender::Sender(Parts parts, Options options)
    : parts_(std::move(parts)),
      options_(std::move(options)),
      submitter_(base::codec::to_lower_ascii(options_.contact.substr(options_.contact.rfind('@') + 1))) {
  if (options_.organization.empty()) options_.organization = submitter_;
}

/// "20261122.1f0c…@example.org": dot-atoms on both sides (RFC 9990 s3.5.1), and a domain of ours (RFC 8460 s5.3).
std::string Sender::report_id(const Period& period, const Subject& subject) const {
  const auto day = std::chrono::floor<std::chrono::days>(period.begin);
  const std::chrono::year_month_day date(day);
  const auto digest = base::codec::hex_encode(digest_of(period, subject, parts_.hostname).substr(0, 12));
  return fmt::format("{:04}{:02}{:02}.{}@{}", static_cast<int>(date.year()), static_cast<unsigned>(date.month()),
                     static_cast<unsigned>(date.day()), digest, submitter_);
}

/// One a moment after the period, told apart by what it is made of: the same for ever.
state::spool::QueueId Sender::letter_id(const Period& period, const Subject& subject, const std::string& to) const {
  const auto digest = digest_of(period, subject, parts_.hostname + '\n' + to);
  ByteReader in(digest);
  const auto spread = *in.take_be<std::uint32_t>() % static_cast<std::uint32_t>(std::chrono::milliseconds(24h).count());
  const auto sequence = *in.take_be<std::uint32_t>() & ((1U << state::spool::kQueueIdSequenceBits) - 1);
  const auto origin = *in.take_be<std::uint16_t>();
  const auto at = (period.end + std::chrono::milliseconds(spread) - state::spool::kQueueIdEpoch).count();
  const auto stamp = (static_cast<std::uint64_t>(at) << state::spool::kQueueIdSequenceBits) | sequence;
  return state::spool::QueueId::make(stamp, origin);
}

/// Each domain's report has a moment of its own, so that they do not all leave at midnight (RFC 8460 s4.1).
SystemTime Sender::due(const Period& period, const Subject& subject) const {
  const auto digest = digest_of(period, subject, "due");
  const auto spread = std::chrono::milliseconds(options_.spread).count();
  const auto part = spread > 0 ? *ByteReader(std::string_view(digest)).take_be<std::uint32_t>() % spread : 0;
  return period.end + std::chrono::milliseconds(part);
}

Sender::Result<Sender::Figures> Sender::send(When when) {
  const auto turn = co_await turn_.take();
  Figures figures;
  const auto now = parts_.clock.now();
  auto next = SystemTime::max();
  VEREDUS_CO_TRY(const auto periods, co_await parts_.tally.closed());
  for (const auto& period : periods) {
    std::optional<Subject> after;
    while (true) {
      VEREDUS_CO_TRY(const auto subjects, co_await parts_.tally.subjects(period, after));
      if (subjects.empty()) break;
      for (const auto& subject : subjects) {
        const auto retry = retries_.find({period, subject});
        const auto at = retry == retries_.end() ? due(period, subject) : retry->second.next;
        if (when == When::kDue && at > now) {
          next = std::min(next, at);
          continue;
        }
        const auto done = co_await send_subject(period, subject, &figures);
        // What cannot be read is swept some day; it keeps nobody else's report back.
        if (!done && done.error() != io::engine::StoreError::kCorrupt) co_return std::unexpected(done.error());
        if (!done) parts_.log.error("reports.corrupt", {{"domain", subject.domain}});
      }
      after = subjects.back();
    }
  }
  for (const auto& [what, retry] : retries_) next = std::min(next, retry.next);
  next_due_.store(next.time_since_epoch().count(), std::memory_order_relaxed);
  co_return figures;
}

Sender::Result<void> Sender::send_subject(Period period, Subject subject, Figures* figures) {
  bool later = false;
  std::vector<Target> targets;
  if (subject.stream == Stream::kTls) {
    targets = co_await tls_targets(subject.domain, &later);
  } else {
    VEREDUS_CO_TRY(const auto policy, co_await parts_.tally.policy(period, subject));
    auto asked = state::reports::decode_policy(policy);  // else all that was seen were reports
    if (asked) targets = co_await dmarc_targets(*std::move(asked), &later);
  }
  if (targets.empty() && !later) ++figures->not_wanted;
  if (!targets.empty()) {
    VEREDUS_CO_TRY(auto rows, co_await parts_.tally.rows(period, subject, options_.most_records));
    VEREDUS_CO_TRY(auto made, co_await make(period, subject, std::move(rows)));
    if (made) VEREDUS_CO_TRY(co_await send_to_all(period, subject, targets, *std::move(made), figures, &later));
  }
  const auto key = std::pair(period, subject);
  if (later && parts_.clock.now() < period.end + options_.spread + options_.give_up_after) {
    Retry& retry = retries_[key];
    retry.next = parts_.clock.now() + kFirstRetry * (1U << std::min(retry.tries++, kMostDoublings));
    ++figures->waiting;
    co_return std::expected<void, io::engine::StoreError>{};
  }
  if (later) count(subject, "given_up");
  retries_.erase(key);
  co_return co_await parts_.tally.erase(period, subject);
}

/// RFC 9990 s3.5: to every one that may be, in the order given.
asio::awaitable<std::vector<Sender::Target>> Sender::dmarc_targets(AskedFor asked, bool* later) {
  dmarc::Options options;
  options.suffixes = &dmarc::PublicSuffixes::built_in();
  const Subject subject{.stream = Stream::kDmarc, .domain = asked.policy.domain};
  std::vector<Target> out;
  for (auto& wanted : asked.targets) {
    if (out.size() >= options_.most_destinations) break;
    const Target target{.uri = wanted.uri, .most_octets = wanted.most_octets};
    if (!dmarc::mail_address(wanted.uri)) {
      note(subject, target, Fate::kNot, "no mail address");
      continue;
    }
    auto checking = dmarc::check_destination(asked.policy.domain, std::move(wanted), options);
    const auto checked = co_await mailauth::run(&parts_.resolver, std::move(checking));
    if (checked.permission == dmarc::Permission::kTryLater) *later = true;
    if (checked.permission != dmarc::Permission::kGranted)
      note(subject, target, checked.permission == dmarc::Permission::kTryLater ? Fate::kLater : Fate::kNot,
           checked.problem);
    for (const auto& granted : checked.targets) out.push_back({.uri = granted.uri, .most_octets = granted.most_octets});
  }
  co_return out;
}

/// RFC 8460 s3.
asio::awaitable<std::vector<Sender::Target>> Sender::tls_targets(std::string domain, bool* later) {
  std::vector<Target> out;
  auto answer = co_await parts_.resolver.txt(rules::tlsrpt::record_name(domain));
  if (!answer) {
    const bool there_is_none =
        answer.error() == io::dns::DnsError::kNoSuchName || answer.error() == io::dns::DnsError::kMalformedName;
    *later = !there_is_none;
    co_return out;
  }
  const auto record = rules::tlsrpt::choose_record(answer->records);
  if (!record) co_return out;
  for (const auto& uri : record->rua)
    if (out.size() < options_.most_destinations) out.push_back({.uri = uri, .most_octets = std::nullopt});
  co_return out;
}

/// nullopt: there is nothing in it.
Sender::Result<std::optional<Sender::Made>> Sender::make(Period period, Subject subject, Tally::Rows rows) {
  DocumentFacts facts{.organization = options_.organization,
                      .contact = options_.contact,
                      .extra_contact = options_.extra_contact,
                      .submitter = submitter_,
                      .report_id = report_id(period, subject),
                      .now = parts_.clock.now(),
                      .period = period,
                      .subject = subject};
  auto job = [facts, rows = std::move(rows)] { return document_of(facts, rows); };
  auto document = co_await parts_.workers.run(std::move(job));
  if (!document) co_return std::unexpected(io::engine::StoreError::kUnavailable);  // too much to do now
  if (!*document) co_return std::nullopt;
  Made out{.packed = std::move((*document)->packed), .letter = std::move((*document)->letter)};
  co_return std::optional(std::move(out));
}

Sender::Result<void> Sender::send_to_all(Period period, Subject subject, std::vector<Target> targets, Made made,
                                         Figures* figures, bool* later) {
  for (const auto& target : targets) {
    VEREDUS_CO_TRY(const bool sent, co_await parts_.tally.was_sent(period, subject, target.uri));
    if (sent) continue;
    const auto fate = co_await send_to(period, subject, target, &made);
    if (fate == Fate::kLater) *later = true;
    if (fate == Fate::kSent) ++figures->sent;
    if (fate != Fate::kLater) VEREDUS_CO_TRY(co_await parts_.tally.mark_sent(period, subject, target.uri));
  }
  co_return std::expected<void, io::engine::StoreError>{};
}

asio::awaitable<Sender::Fate> Sender::send_to(Period period, Subject subject, Target target, const Made* made) {
  if (dmarc::mail_address(target.uri)) co_return co_await mail_to(period, subject, std::move(target), made);
  if (subject.stream == Stream::kTls && base::codec::istarts_with_ascii(target.uri, "https:"))
    co_return co_await post_to(std::move(subject), std::move(target), made);
  note(subject, target, Fate::kNot, "a way nobody here knows");
  co_return Fate::kNot;
}

asio::awaitable<Sender::Fate> Sender::mail_to(Period period, Subject subject, Target target, const Made* made) {
  ReportLetter letter;
  letter.from = options_.contact;
  letter.to = *dmarc::mail_address(target.uri);
  letter.id = letter_id(period, subject, letter.to);
  const auto message_id =
      base::codec::hex_encode(digest_of(period, subject, parts_.hostname + letter.to).substr(0, 16)) + '@' + submitter_;
  letter.octets = made->letter(letter.to, message_id);
  // RFC 9990 s3.5: after compression and encoding.
  if (target.most_octets && letter.octets.size() > *target.most_octets) {
    note(subject, target, Fate::kNot, "the report is longer than it may be");
    co_return Fate::kNot;
  }
  const auto submitted = co_await parts_.submit(std::move(letter));
  const auto fate = submitted == Submitted::kTaken     ? Fate::kSent
                    : submitted == Submitted::kRefused ? Fate::kNot
                                                       : Fate::kLater;
  note(subject, target, fate, fate == Fate::kSent ? "" : "it is not taken into the queue");
  co_return fate;
}

/// RFC 8460 s5.4: any status of success is one.
asio::awaitable<Sender::Fate> Sender::post_to(Subject subject, Target target, const Made* made) {
  if (parts_.poster == nullptr) {
    note(subject, target, Fate::kNot, "HTTPS is not spoken here");
    co_return Fate::kNot;
  }
  const auto status = co_await parts_.poster->post(target.uri, "application/tlsrpt+gzip", made->packed);
  const bool good = status && *status >= 200 && *status < 300;
  const std::string why = good ? "" : status ? fmt::format("it answers {}", *status) : status.error();
  note(subject, target, good ? Fate::kSent : Fate::kLater, why);
  co_return good ? Fate::kSent : Fate::kLater;
}

void Sender::note(const Subject& subject, const Target& target, Fate fate, std::string_view why) const {
  const std::string_view result = fate == Fate::kSent ? "sent" : fate == Fate::kNot ? "refused" : "deferred";
  count(subject, result);
  parts_.log.info("reports.sending", {{"kind", to_string(subject.stream)},
                                      {"domain", subject.domain},
                                      {"to", target.uri},
                                      {"result", result},
                                      {"why", why}});
}

void Sender::count(const Subject& subject, std::string_view result) const {
  parts_.metrics
      .counter("veredus_reports_sent_total", "Reports to other domains, by destination and what became of them.",
               {{"kind", std::string(to_string(subject.stream))}, {"result", std::string(result)}})
      .add();
}

}  // namespace veredus::work::reports
