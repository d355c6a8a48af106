#include "work/queue/worker.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <random>
#include <utility>

#include "io/net/deadline.h"
#include "work/queue/shard_body.h"
#include "work/queue/together.h"
#include "work/smtpclient/tls_policy.h"

namespace veredus::work::queue {

using smtpclient::Outgoing;
using smtpclient::RecipientOutcome;
using smtpclient::TransactionResult;
using state::spool::QueueId;

namespace {

constexpr std::size_t kMostUnwritten = 500;  // results; more would be too many uncertain entries after a crash
constexpr std::chrono::milliseconds kWriteWait{5};
constexpr std::chrono::milliseconds kShortRest{1'000};
constexpr std::size_t kMarkedAtOnce = 8;  // messages
constexpr int kMostTransactions = 50;     // for one parcel: a host that takes few recipients at a time

smtpclient::TlsRule tls_rule(delivery::TlsRule rule) {
  switch (rule) {
    case delivery::TlsRule::kNever:
      return smtpclient::TlsRule::kNever;
    case delivery::TlsRule::kOpportunistic:
      return smtpclient::TlsRule::kOpportunistic;
    case delivery::TlsRule::kEncrypt:
      return smtpclient::TlsRule::kEncrypt;
    case delivery::TlsRule::kVerify:
      return smtpclient::TlsRule::kVerify;
  }
  return smtpclient::TlsRule::kVerify;
}

std::optional<smtpclient::Credentials> credentials_of(const delivery::NextHop& hop) {
  if (!hop.login) return std::nullopt;
  smtpclient::Credentials credentials;
  credentials.user = hop.login->user;
  credentials.secret = hop.login->secret;
  if (hop.login->kind == delivery::SecretKind::kOAuthToken)
    credentials.kind = smtpclient::Credentials::Kind::kOAuthToken;
  return credentials;
}

/// Entries of one message differ in their recipients alone when they can share a transaction.
bool share_transaction(const QueueEntry& a, const QueueEntry& b) {
  if (Queue::Impl::has_own_return_path(a) || Queue::Impl::has_own_return_path(b)) return false;
  return a.id.message() == b.id.message() && a.sender == b.sender && a.mail == b.mail && a.trace == b.trace &&
         a.octets == b.octets;
}

wire::smtp::Address address_of(const std::string& text) {
  if (auto parsed = wire::smtp::parse_mailbox(text)) return *std::move(parsed);
  const auto at = text.rfind('@');  // our own rows; a bare local part has no domain
  if (at == std::string::npos) return {.local_part = text, .domain = {}};
  return {.local_part = text.substr(0, at), .domain = text.substr(at + 1)};
}

/// RFC 4954 s5: a relay of ours that we log in at trusts our word on who submitted a message. A provider that keeps an
/// address of one account knows it anyway, and some refuse the parameter.
bool says_submitter(const delivery::NextHop& hop) { return hop.login && !hop.name.contains('@'); }

/// Empty: nobody who can be named.
std::string submitter_of(const QueueEntry& entry) {
  return entry.submitter && !entry.mail.unvouched ? entry.sender.value_or("") : "";
}

/// RFC 8689 s3: its sender wants it to go, whatever the domain publishes about TLS.
bool ignores_policies(const Parcel& parcel) { return parcel.jobs.front().entry->mail.tls_optional; }

/// RFC 2852 s4.1.4.2: the time that is left.
std::optional<wire::smtp::DeliverBy> remaining(const QueueEntry& entry, SystemTime now) {
  const auto& by = entry.mail.deliver_by;
  if (!by) return std::nullopt;
  const auto left = std::chrono::duration_cast<std::chrono::seconds>(by->at - now).count();
  if (left <= 0 && by->mode == wire::smtp::ByMode::kReturn) return std::nullopt;
  wire::smtp::DeliverBy deliver_by;
  deliver_by.seconds = static_cast<std::int32_t>(std::clamp<std::int64_t>(left, -999'999'999, 999'999'999));
  deliver_by.mode = by->mode;
  deliver_by.trace = by->trace;
  return deliver_by;
}

}  // namespace

/// One parcel's way through its transactions: usually one.
struct Worker::Delivery {
  const Parcel* parcel = nullptr;
  std::vector<RecipientOutcome> outcomes;  // of all recipients of all jobs
  std::vector<std::size_t> open;           // which of them the next transaction is for
  Setback setback = Setback::kReply;
  std::string why;
  AttemptPlace place;
  bool lost = false;  // the connection broke
  bool slow = false;  // by a time-out or 421
  bool gate_closed = false;
  bool body_missing = false;
  bool stopped = false;
};

Worker::Worker(std::shared_ptr<Queue::Impl> queue, std::uint32_t lane, std::size_t reactor)
    : queue_(std::move(queue)), lane_(lane), reactor_(reactor) {}

Worker::~Worker() {
  give_back_rest();
  {
    const std::scoped_lock lock(queue_->mutex);
    queue_->schedule.worker_ended(lane_, queue_->now());
  }
  queue_->pump();
}

asio::awaitable<void> work_lane(std::shared_ptr<Queue::Impl> queue, Schedule::Start start, std::size_t reactor) {
  Worker worker(std::move(queue), start.lane, reactor);
  co_await worker.run(std::move(start.batch));
}

asio::awaitable<void> Worker::run(std::vector<Slot> batch) {
  look_at_lane();
  while (!batch.empty()) {
    Next next = co_await prepare(std::move(batch));
    while (next == Next::kGoOn && at_ < parcels_.size() && !queue_->stopping()) next = co_await send(&parcels_[at_]);
    give_back_rest();
    if (next == Next::kEnd || queue_->stopping()) break;
    while (queue_->settler.waiting() > kMostUnwritten) co_await io::net::pause(kWriteWait);
    const std::scoped_lock lock(queue_->mutex);
    batch = queue_->schedule.take(lane_, queue_->now());
  }
  let_go_of_link();
}

void Worker::look_at_lane() {
  const std::scoped_lock lock(queue_->mutex);
  Lane& lane = queue_->schedule.lane(lane_);
  site_ = lane.site;
  hop_ = queue_->schedule.hop(lane.way);
  source_ = &queue_->egress.source(lane.source);
  messages_per_connection_ = lane.limits.messages_per_connection;
  paced_ = lane.limits.messages_per_minute.has_value();
}

/// Reads what is not in memory, and makes parcels of it.
asio::awaitable<Worker::Next> Worker::prepare(std::vector<Slot> batch) {
  parcels_.clear();
  next_ = nullptr;
  at_ = 0;
  marked_ = 0;
  const bool read = co_await read_entries(std::move(batch));
  const bool bodies = read && co_await read_bodies();
  if (bodies) co_return Next::kGoOn;
  rest_lane();
  co_return Next::kEnd;
}

/// The store, or the site, is not to be asked again at once.
void Worker::rest_lane() {
  const std::scoped_lock lock(queue_->mutex);
  queue_->schedule.lane(lane_).not_before = queue_->now().steady + kShortRest;
}

asio::awaitable<bool> Worker::read_entries(std::vector<Slot> slots) {
  std::vector<Job> jobs;
  std::map<Shard, std::vector<std::size_t>> missing;
  std::vector<EntryId> ids;
  {
    const std::scoped_lock lock(queue_->mutex);
    for (const Slot slot : slots) {
      jobs.push_back({slot, queue_->take_kept(slot)});
      jobs.back().kept = jobs.back().entry != nullptr;
      ids.push_back(queue_->schedule.entries()[slot].id);
      if (!jobs.back().entry)
        missing[state::spool::shard_of(queue_->schedule.domain_of(slot))].push_back(jobs.size() - 1);
    }
  }
  bool good = true;
  if (!missing.empty()) {
    std::vector<asio::awaitable<void>> reads;
    for (auto& [shard, places] : missing) {
      std::vector<EntryId> wanted;
      for (const std::size_t place : places) wanted.push_back(ids[place]);
      reads.push_back(read_entries_of(shard, std::move(wanted), std::move(places), &jobs, &good));
    }
    co_await together(std::move(reads));
  }
  for (auto& job : jobs) {
    if (!job.entry || (!job.kept && !still_wanted(job))) continue;
    const bool joins = !parcels_.empty() && share_transaction(*parcels_.back().jobs.front().entry, *job.entry);
    if (!joins) parcels_.emplace_back();
    parcels_.back().jobs.push_back(std::move(job));
  }
  co_return good;
}

/// `jobs` and `good` belong to the caller, who waits.
asio::awaitable<void> Worker::read_entries_of(Shard shard, std::vector<EntryId> ids, std::vector<std::size_t> places,
                                              std::vector<Job>* jobs, bool* good) {
  auto found = co_await queue_->parts.shards.read(shard, std::move(ids));
  *good = *good && found.has_value();
  for (std::size_t i = 0; i < places.size(); ++i) {
    Job& job = (*jobs)[places[i]];
    if (found && (*found)[i]) {
      job.entry = std::make_shared<const QueueEntry>(*std::move((*found)[i]));
    } else if (found) {
      queue_->settled(job.slot, nullptr);  // dropped meanwhile
    } else {
      const std::scoped_lock lock(queue_->mutex);
      queue_->schedule.put_back(job.slot, queue_->now());
    }
  }
}

/// The entry as read says the same as the schedule thought: else it waits where it belongs now.
bool Worker::still_wanted(const Job& job) {
  const Admission admission = queue_->admission_of(*job.entry);
  if (!admission.held && !admission.sender_paused && admission.hop.same_way(hop_)) return true;
  const std::scoped_lock lock(queue_->mutex);
  queue_->schedule.admit_again(job.slot, admission, queue_->now());
  return false;
}

/// Bodies of one chunk: those at hand, and the rest, all of a shard in one read, all shards at the same time. Longer
/// ones are read as they are sent.
asio::awaitable<bool> Worker::read_bodies() {
  std::map<Shard, std::vector<std::size_t>> small;
  for (std::size_t i = 0; i < parcels_.size(); ++i) {
    const QueueEntry& entry = *parcels_[i].jobs.front().entry;
    const Shard shard = state::spool::shard_of(entry.domain);
    const QueueId message = entry.id.message();
    parcels_[i].body = std::make_shared<ShardBody>(queue_->parts.shards, shard, message, entry.octets, entry.chunks);
    if (entry.chunks != 1) continue;
    if (auto octets = entry.shares_body ? queue_->shelf.find(message) : queue_->shelf.take(message))
      parcels_[i].body = std::make_shared<smtpclient::MemoryBody>(std::move(octets));
    else
      small[shard].push_back(i);
  }
  if (small.empty()) co_return true;
  bool good = true;
  std::vector<asio::awaitable<void>> reads;
  for (auto& [shard, places] : small) reads.push_back(read_bodies_of(shard, std::move(places), &good));
  co_await together(std::move(reads));
  co_return good;
}

asio::awaitable<void> Worker::read_bodies_of(Shard shard, std::vector<std::size_t> places, bool* good) {
  std::vector<QueueId> messages;
  for (const std::size_t place : places) messages.push_back(parcels_[place].jobs.front().entry->id.message());
  auto bodies = co_await queue_->parts.shards.read_first_chunks(shard, std::move(messages));
  *good = *good && bodies.has_value();
  if (!bodies) co_return;
  for (std::size_t i = 0; i < places.size(); ++i)
    if ((*bodies)[i]) parcels_[places[i]].body = std::make_shared<smtpclient::MemoryBody>(*std::move((*bodies)[i]));
}

/// Not one message is sent beyond what the site's limits allow a minute.
std::optional<std::chrono::milliseconds> Worker::wait_for_rate() {
  const std::scoped_lock lock(queue_->mutex);
  const Moment now = queue_->now();
  Lane& lane = queue_->schedule.lane(lane_);
  auto wait = lane.message_rate.take(now.steady);
  if (!wait && !link_) wait = lane.connection_rate.take(now.steady);
  if (wait) lane.not_before = now.steady + *wait;
  return wait;
}

asio::awaitable<Worker::Next> Worker::send(Parcel* parcel) {
  if (wait_for_rate()) co_return Next::kEnd;
  if (link_ && link_ignores_policies_ != ignores_policies(*parcel)) let_go_of_link();
  Delivery delivery;
  delivery.parcel = parcel;
  for (const auto& job : parcel->jobs)
    delivery.outcomes.resize(delivery.outcomes.size() + job.entry->recipients.size());
  for (std::size_t i = 0; i < delivery.outcomes.size(); ++i) delivery.open.push_back(i);
  delivery.place.began = queue_->parts.clock.now();
  for (int round = 0; round < kMostTransactions && !delivery.open.empty() && !delivery.lost; ++round) {
    if (!link_) {
      const bool connected = co_await connect();
      if (!connected) {
        if (round == 0) co_return co_await site_down(parcel);
        delivery.setback = Setback::kConnect;
        delivery.why = failures_;
        break;
      }
    }
    co_await transact(&delivery);
  }
  if (delivery.gate_closed || delivery.stopped) {
    sending_ = false;  // nothing was sent
    rest_lane();
    co_return Next::kEnd;
  }
  if (delivery.body_missing) co_return co_await body_missing(parcel);
  delivery.place.ended = queue_->parts.clock.now();
  std::vector<Judged> judged = judge(delivery);
  co_return co_await conclude(&delivery, std::move(judged));
}

/// The message for these of the parcel's recipients.
std::shared_ptr<const Outgoing> Worker::outgoing_for(const Parcel& parcel, std::span<const std::size_t> recipients) {
  const QueueEntry& first = *parcel.jobs.front().entry;
  auto message = std::make_shared<Outgoing>();
  message->sender = queue_->return_path_of(first);
  if (!message->sender && first.sender) message->sender = address_of(*first.sender);
  message->body_kind = first.mail.body;
  message->smtputf8 = first.mail.smtputf8;
  message->dsn_return = first.mail.dsn_return;
  message->envelope_id = first.mail.envelope_id;
  message->require_tls = first.mail.requiretls;
  if (says_submitter(hop_)) message->submitter = submitter_of(first);
  if (first.mail.priority != 0) message->mt_priority = first.mail.priority;
  message->deliver_by = remaining(first, queue_->parts.clock.now());
  message->head = first.trace;
  message->body = parcel.body;
  std::vector<const state::spool::QueuedRecipient*> all;
  for (const auto& job : parcel.jobs)
    for (const auto& recipient : job.entry->recipients) all.push_back(&recipient);
  message->recipients.reserve(recipients.size());
  for (const std::size_t i : recipients)
    message->recipients.push_back({address_of(all[i]->address), all[i]->notify, all[i]->original});
  message->gate = this;
  return message;
}

std::shared_ptr<const Outgoing> Worker::message_of(const Delivery& delivery) {
  auto made = std::exchange(next_, nullptr);
  if (made && next_at_ == at_ && made->recipients.size() == delivery.open.size()) return made;
  return outgoing_for(*delivery.parcel, delivery.open);
}

/// The next parcel's message, when it will surely go over this connection: its commands may go with this one's end.
std::shared_ptr<const Outgoing> Worker::next_message() {
  const std::size_t at = at_ + 1;
  if (at >= parcels_.size() || paced_ || queue_->stopping()) return nullptr;
  if (ignores_policies(parcels_[at]) != link_ignores_policies_) return nullptr;
  std::vector<std::size_t> all;
  for (const auto& job : parcels_[at].jobs)
    for (std::size_t i = 0; i < job.entry->recipients.size(); ++i) all.push_back(all.size());
  next_ = outgoing_for(parcels_[at], all);
  next_at_ = at;
  return next_;
}

/// One transaction for the recipients that are still open.
asio::awaitable<void> Worker::transact(Delivery* delivery) {
  auto message = message_of(*delivery);
  auto next = next_message();
  const std::uint32_t before = link_->messages();
  const bool fresh = std::exchange(link_is_fresh_, false);
  delivery->place = [&] {
    AttemptPlace place = place_of(link_->details(), source_->name);
    place.began = delivery->place.began;
    place.is_final = hop_.protocol == delivery::TransferProtocol::kLmtp;
    return place;
  }();
  queue_->counters.transactions.add();
  sending_ = true;
  auto result = co_await link_->send(std::move(message), std::move(next));
  const bool first_use = fresh && before == 0;
  const bool nothing_said = std::ranges::all_of(
      result.recipients, [](const RecipientOutcome& o) { return o.kind == RecipientOutcome::Kind::kNotTried; });
  if (result.broken && !result.uncertain && nothing_said && !first_use &&
      *result.broken != smtpclient::ConnectionError::kGateClosed &&
      *result.broken != smtpclient::ConnectionError::kBody && *result.broken != smtpclient::ConnectionError::kStopped) {
    link_.reset();  // it had gone stale while it was idle: a new one at once
    candidate_ = 0;
    co_return;
  }
  merge(*delivery, result);
}

/// Takes over what was decided, and sees whether the rest can go on at once.
void Worker::merge(Delivery& delivery, const TransactionResult& result) {
  std::vector<std::size_t> open;
  const bool elsewhere = result.lack && !result.broken && candidate_ + 1 < candidates_.size();
  for (std::size_t i = 0; i < delivery.open.size(); ++i) {
    const std::size_t at = delivery.open[i];
    if (i >= result.recipients.size()) continue;
    const auto& outcome = result.recipients[i];
    const bool lacks = elsewhere && outcome.kind == RecipientOutcome::Kind::kRefused && outcome.said_by.empty();
    if (outcome.kind == RecipientOutcome::Kind::kNotTried || lacks) open.push_back(at);
    if (!lacks) delivery.outcomes[at] = outcome;
  }
  const bool went_on = open.size() < delivery.open.size();
  delivery.open = std::move(open);
  if (elsewhere) {
    link_.reset();
    ++candidate_;
    return;
  }
  if (!result.broken) {
    if (!went_on) delivery.lost = true;  // nothing moves: tried again later
    return;
  }
  using smtpclient::ConnectionError;
  delivery.lost = true;
  delivery.gate_closed = *result.broken == ConnectionError::kGateClosed;
  delivery.body_missing = *result.broken == ConnectionError::kBody;
  delivery.stopped = *result.broken == ConnectionError::kStopped && !result.uncertain && !went_on;
  delivery.slow = *result.broken == ConnectionError::kTimeout || *result.broken == ConnectionError::kClosing;
  delivery.setback = result.uncertain ? Setback::kUncertain : Setback::kConnect;
  delivery.why = fmt::format("{}: {} ({})", delivery.place.mx, to_string(*result.broken), to_string(result.stage));
  link_.reset();
}

/// The message for reports: needed only when there may be one.
asio::awaitable<std::string> Worker::original_of(const Parcel* parcel, bool* whole) {
  const QueueEntry& entry = *parcel->jobs.front().entry;
  *whole = false;
  if (!entry.sender) co_return std::string();
  auto first = co_await parcel->body->chunk(0);
  if (!first) co_return entry.trace;
  const bool all = parcel->body->chunks() <= 1 && entry.octets <= queue_->options.whole_in_report &&
                   (entry.mail.dsn_return == wire::smtp::DsnReturn::kFull ||
                    (!entry.mail.dsn_return && entry.octets <= rules::dsn::kWholeByDefaultOctets));
  *whole = all;
  if (all) co_return entry.trace + *first;
  co_return entry.trace + header_of(*first);
}

std::vector<Judged> Worker::judge(const Delivery& delivery) const {
  std::vector<Judged> judged;
  std::size_t from = 0;
  for (const auto& job : delivery.parcel->jobs) {
    const std::size_t count = job.entry->recipients.size();
    const std::span<const RecipientOutcome> outcomes(delivery.outcomes.data() + from, count);
    from += count;
    judged.push_back(
        judge_transaction(*job.entry, outcomes, delivery.setback, delivery.why, delivery.place, queue_->patience()));
    if (delivery.setback == Setback::kUncertain) queue_->counters.uncertain.add();
  }
  return judged;
}

/// Writes down what was judged. Until then a parcel that is cut off counts as uncertain.
asio::awaitable<Worker::Next> Worker::conclude(Delivery* delivery, std::vector<Judged> judged) {
  const Parcel& parcel = *delivery->parcel;
  bool whole = false;
  std::string original;
  if (std::ranges::any_of(judged, [](const Judged& j) { return !j.reported.empty(); }))
    original = co_await original_of(&parcel, &whole);
  bool asked_for_less = false;
  for (std::size_t i = 0; i < judged.size(); ++i) {
    asked_for_less = asked_for_less || judged[i].asked_for_less;
    queue_->conclude(parcel.jobs[i].slot, *parcel.jobs[i].entry, std::move(judged[i]), original, whole);
  }
  ++at_;
  sending_ = false;
  tell_lane(*delivery, asked_for_less);
  if (delivery->lost || asked_for_less) co_return Next::kEnd;
  if (link_ && messages_per_connection_ && link_->messages() >= *messages_per_connection_) let_go_of_link();
  co_return Next::kGoOn;
}

void Worker::tell_lane(const Delivery& delivery, bool asked_for_less) {
  bool answered = false;
  bool grows = false;
  {
    const std::scoped_lock lock(queue_->mutex);
    const Moment now = queue_->now();
    Lane& lane = queue_->schedule.lane(lane_);
    for (const auto& outcome : delivery.outcomes) {
      if (outcome.kind == RecipientOutcome::Kind::kDelivered) ++lane.delivered;
      if (outcome.kind == RecipientOutcome::Kind::kRefused) ++lane.refused;
      if (outcome.kind == RecipientOutcome::Kind::kDeferred) ++lane.deferred;
      answered = answered || outcome.kind == RecipientOutcome::Kind::kDelivered ||
                 outcome.kind == RecipientOutcome::Kind::kRefused;
    }
    if (answered) lane.concurrency.worked(delivery.place.ended - delivery.place.began);
    if (asked_for_less || delivery.slow)
      lane.concurrency.pushed_back(now.steady, Queue::Impl::chance());
    else if (delivery.lost && !answered)
      lane.concurrency.unreachable(now.steady, Queue::Impl::chance());
    if (delivery.lost) lane.last_failure = delivery.why;
    if (answered && lane.last_tls != delivery.place.tls) lane.last_tls = delivery.place.tls;
    const bool queued = lane.queued;
    queue_->schedule.consider(lane_, now);
    grows = lane.queued && !queued;
  }
  if (grows) queue_->pump();
}

/// No host of the site can be talked to: this parcel has had its attempt, the others wait in the lane.
asio::awaitable<Worker::Next> Worker::site_down(Parcel* parcel) {
  bool less = false;
  {
    const std::scoped_lock lock(queue_->mutex);
    const Moment now = queue_->now();
    Lane& lane = queue_->schedule.lane(lane_);
    lane.last_failure = failures_;
    less = last_reply_ && lane.workers > 1;  // others are connected: it wants fewer
    if (less)
      lane.concurrency.pushed_back(now.steady, Queue::Impl::chance());
    else
      lane.concurrency.unreachable(now.steady, Queue::Impl::chance());
  }
  if (less && !all_permanent_) {
    rest_lane();
    co_return Next::kEnd;
  }
  bool whole = false;
  std::string original = co_await original_of(parcel, &whole);
  AttemptPlace place;
  place.began = tried_at_;
  place.ended = queue_->parts.clock.now();
  place.source = source_->name;
  if (!candidates_.empty()) place.mx = candidates_.back().host->name;
  for (const auto& job : parcel->jobs) {
    Judged judged = judge_unreachable(*job.entry, last_reply_, all_permanent_, failures_, place, queue_->patience());
    queue_->conclude(job.slot, *job.entry, std::move(judged), original, whole);
  }
  ++at_;
  co_return Next::kEnd;
}

/// The store does not give the message's octets: nothing can be sent, and nothing is thrown away.
asio::awaitable<Worker::Next> Worker::body_missing(Parcel* parcel) {
  const auto octets = co_await parcel->body->chunk(0);
  const bool for_good = !octets && octets.error() == smtpclient::BodyError::kMissing;
  for (const auto& job : parcel->jobs) {
    queue_->parts.log.error("queue.body_missing", {{"entry", to_string(job.entry->id)}, {"for_good", for_good}});
    QueueEntry left = *job.entry;
    ++left.attempts;
    left.due_at = queue_->parts.clock.now() + queue_->retries.wait(Setback::kDns, left.attempts, Queue::Impl::chance());
    for (auto& recipient : left.recipients) recipient.last_reply = "the message's octets could not be read";
    Judged judged;
    judged.left = std::move(left);
    queue_->conclude(job.slot, *job.entry, std::move(judged), {}, false);
  }
  ++at_;
  sending_ = false;
  co_return Next::kEnd;
}

/// Tries the site's hosts and addresses in order (RFC 5321 s5.1), from where it stands.
asio::awaitable<bool> Worker::connect() {
  if (candidate_ == 0) {
    candidates_.clear();
    failures_.clear();
    last_reply_.reset();
    all_permanent_ = true;
    for (const auto& host : site_->hosts)
      for (const auto& address : host.addresses)
        if (source_->binding_for(address.address)) candidates_.push_back({&host, address});
    tried_at_ = queue_->parts.clock.now();
    if (candidates_.empty()) {
      all_permanent_ = false;
      failures_ = fmt::format("no address of {} can be reached from \"{}\"", site_->key, source_->name);
    }
  }
  for (; candidate_ < candidates_.size(); ++candidate_) {
    const Candidate candidate = candidates_[candidate_];
    const bool connected = co_await connect_to(&candidate);
    if (connected) co_return true;
    if (queue_->stopping()) break;
  }
  candidate_ = 0;
  co_return false;
}

smtpclient::Peer Worker::peer_at(const Candidate& candidate) const {
  smtpclient::Peer peer;
  peer.host_name = candidate.host->name;
  peer.address = candidate.address;
  if (!candidate.address.is_unix()) peer.source = source_->binding_for(candidate.address.address)->address;
  peer.hello_name = source_->hello_name.empty() ? queue_->options.hostname : source_->hello_name;
  peer.tls = tls_rule(hop_.tls);
  peer.implicit_tls = hop_.implicit_tls;
  if (hop_.protocol == delivery::TransferProtocol::kLmtp) peer.protocol = smtpclient::Protocol::kLmtp;
  peer.most_messages = messages_per_connection_;
  peer.credentials = credentials_of(hop_);
  smtpclient::take_over(peer.published, *site_, *candidate.host);
  peer.published.of_route = !site_->by_mx;
  if (site_->by_mx)
    peer.published.domain = parcels_[at_].jobs.front().entry->domain;
  else if (candidate.host->dane)
    peer.published.domain = candidate.host->name;  // RFC 8460 s1.1: a smart host's name stands for the domain
  peer.published.ignored = ignores_policies(parcels_[at_]);
  return peer;
}

asio::awaitable<bool> Worker::connect_to(const Candidate* candidate) {
  auto peer = peer_at(*candidate);
  link_ignores_policies_ = peer.published.ignored;
  auto opened = co_await queue_->parts.carrier.open(reactor_, std::move(peer));
  if (opened) {
    queue_->counters.connections.add();
    link_ = *std::move(opened);
    link_is_fresh_ = true;
    co_return true;
  }
  queue_->counters.connections_failed.add();
  const auto& failure = opened.error();
  if (!failures_.empty()) failures_ += "; ";
  failures_ +=
      fmt::format("{}[{}]: {}", candidate->host->name, candidate->address.to_string(), to_string(failure.error));
  if (failure.reply) failures_ += ": " + failure.reply->text.substr(0, 200);
  if (!failure.detail.empty()) failures_ += " (" + failure.detail + ")";
  if (failure.reply) last_reply_ = failure.reply;
  all_permanent_ = all_permanent_ && failure.permanence() == Permanence::kPermanent;
  co_return false;
}

void Worker::let_go_of_link() {
  if (link_) queue_->parts.carrier.give_back(reactor_, std::move(link_));
}

/// Marks this parcel and the next few in one step: what is marked and has no result is uncertain after a crash, so not
/// too many; a step for each costs more.
asio::awaitable<bool> Worker::before_final_dot() {
  if (at_ < marked_) co_return true;
  const std::size_t end = std::min(at_ + kMarkedAtOnce, parcels_.size());
  std::map<Shard, std::vector<state::spool::AttemptMark>> marks;
  const SystemTime now = queue_->parts.clock.now();
  const std::string host = link_->details().host_name + "[" + link_->details().address.to_string() + "]";
  for (std::size_t i = at_; i < end; ++i)
    for (const auto& job : parcels_[i].jobs)
      marks[state::spool::shard_of(job.entry->domain)].push_back(
          {.id = job.entry->id, .at = now, .host = host, .epoch = 0});
  bool good = true;
  std::vector<asio::awaitable<void>> writes;
  for (auto& [shard, some] : marks) writes.push_back(mark(shard, std::move(some), &good));
  co_await together(std::move(writes));
  if (good) marked_ = end;
  co_return good;
}

asio::awaitable<void> Worker::mark(Shard shard, std::vector<state::spool::AttemptMark> marks, bool* good) {
  const auto written = co_await queue_->parts.shards.mark(shard, std::move(marks));
  if (written) co_return;
  *good = false;
  queue_->parts.log.warning("queue.not_marked", {{"shard", shard}, {"error", to_string(written.error())}});
}

/// Not tried: ready again, and without its mark.
void Worker::give_back(const Parcel& parcel, bool marked) {
  for (const auto& job : parcel.jobs) {
    if (marked) {
      queue_->settler.post(state::spool::shard_of(job.entry->domain),
                           {job.slot, state::spool::Settlement::again(*job.entry)});
      continue;
    }
    const std::scoped_lock lock(queue_->mutex);
    queue_->schedule.put_back(job.slot, queue_->now());
  }
}

void Worker::give_back_rest() {
  if (std::exchange(sending_, false)) ++at_;  // cut off in the middle: its mark stands, the next start finds it
  for (; at_ < parcels_.size(); ++at_) give_back(parcels_[at_], at_ < marked_);
}

}  // namespace veredus::work::queue
