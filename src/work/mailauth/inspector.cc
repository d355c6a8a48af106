#include "work/mailauth/inspector.h"

#include <algorithm>
#include <array>
#include <utility>

#include "base/codec/ascii.h"
#include "base/codec/idna.h"
#include "base/observe/metrics.h"
#include "io/net/task_group.h"
#include "rules/authres/results.h"
#include "rules/dmarc/public_suffix.h"
#include "rules/dnsbl/listing.h"
#include "rules/inquiry/remembered.h"
#include "rules/standing/record.h"
#include "state/senders/senders.h"
#include "wire/mime/header_block.h"
#include "work/mailauth/evaluation.h"
#include "work/mailauth/reverse.h"

namespace veredus::work::mailauth {

namespace dkim = rules::dkim;
namespace spf = rules::spf;
namespace standing = rules::standing;
using base::observe::Counter;
using base::observe::Metrics;
using rules::inquiry::RecordType;

namespace {

/// A counter for each value of an enum, from its first to `Last`.
template <class Enum, Enum Last>
class Tally {
 public:
  Tally(Metrics& metrics, std::string_view name, std::string_view help, const base::observe::Labels& labels) {
    for (std::size_t i = 0; i < counters_.size(); ++i) {
      auto all = labels;
      all.emplace_back("result", to_string(static_cast<Enum>(i)));
      counters_[i] = &metrics.counter(name, help, std::move(all));
    }
  }
  void add(Enum value) const { counters_[static_cast<std::size_t>(value)]->add(); }

 private:
  std::array<Counter*, static_cast<std::size_t>(Last) + 1> counters_{};
};

constexpr std::string_view kResults = "veredus_mailauth_results_total";
constexpr std::string_view kResultsHelp = "Messages looked at, by method and result";

/// One word for all signatures: one that passed is enough; a failure of DNS may yet turn into one.
dkim::Result overall(const std::vector<dkim::Verdict>& verdicts) {
  using enum dkim::Result;
  for (const auto result : {kPass, kTemperror, kPolicy, kFail, kPermerror, kNeutral})
    if (std::ranges::find(verdicts, result, &dkim::Verdict::result) != verdicts.end()) return result;
  return kNone;
}

bool is_stranger(const InspectionOptions& options, const std::optional<base::codec::IpAddress>& address) {
  if (!options.on || !address) return false;
  const io::net::IpAddress client(*address);
  return std::ranges::none_of(options.trusted_networks,
                              [&client](const io::net::Network& network) { return network.contains(client); });
}

/// Who answers for the message by DMARC, a signature or SPF; empty: nobody does.
std::string authenticated_domain(const Findings& findings) {
  if (findings.dmarc.result == rules::dmarc::Result::kPass) return findings.author_domain;
  for (const auto& verdict : findings.dkim)
    if (verdict.result == dkim::Result::kPass) return verdict.domain;
  return findings.spf.mail_from.result == spf::Result::kPass ? spf_domain(findings.spf) : std::string();
}

/// What somebody had to register; empty: the domain is empty, or open to all. Remembered: the list is long.
std::string registered(const std::string& domain) {
  thread_local rules::inquiry::Remembered<std::string> known({.texts = 1024, .octets = 255});
  return *known.meaning_of(domain, [](std::string_view name) {
    return rules::dmarc::PublicSuffixes::built_in().registered_domain(name).value_or("");
  });
}

/// A list speaks for the client, and none against it.
bool is_recommended(const Findings& findings) {
  return !findings.listed.empty() && std::ranges::all_of(findings.listed, [](const auto& l) { return l.weight < 0; });
}

void put_off(Findings& findings, const std::string& name, std::chrono::seconds wait) {
  findings.disposition = Disposition::kTryLater;
  findings.detail = RefusalDetail::kPolicy;
  findings.reason = name + " is not known here yet, try again in " + std::to_string(wait.count()) + " seconds";
  findings.decisions.emplace_back("greylist", "put off for " + std::to_string(wait.count()) + " seconds");
}

standing::Outcome outcome_of(Disposition disposition) {
  switch (disposition) {
    case Disposition::kDeliver:
      return standing::Outcome::kAccepted;
    case Disposition::kJunk:
      return standing::Outcome::kJunk;
    case Disposition::kTryLater:
      return standing::Outcome::kPutOff;
    case Disposition::kRefuse:
      return standing::Outcome::kRefused;
  }
  return standing::Outcome::kAccepted;
}

constexpr std::size_t kMostAskedAhead = 1'000;

/// Counts itself. May live as long as the reactors.
class Asking {
 public:
  explicit Asking(std::shared_ptr<std::atomic<std::size_t>> count) : count_(std::move(count)) {
    count_->fetch_add(1, std::memory_order_relaxed);
  }
  Asking(const Asking&) = delete;
  Asking& operator=(const Asking&) = delete;
  ~Asking() { count_->fetch_sub(1, std::memory_order_relaxed); }

 private:
  std::shared_ptr<std::atomic<std::size_t>> count_;
};

/// Remembers what the end of the message will ask.
template <class T>
asio::awaitable<void> remember(Answers* answers, rules::inquiry::Inquiry<T> inquiry, SteadyTime until,
                               std::shared_ptr<std::atomic<std::size_t>> count) {
  const Asking counted(std::move(count));
  co_await finish(answers, &inquiry, until);
}

}  // namespace

struct Inspector::Figures {
  explicit Figures(Metrics& metrics)
      : spf_results(metrics, kResults, kResultsHelp, {{"method", "spf"}}),
        dkim_results(metrics, kResults, kResultsHelp, {{"method", "dkim"}}),
        arc_results(metrics, kResults, kResultsHelp, {{"method", "arc"}}),
        dmarc_results(metrics, kResults, kResultsHelp, {{"method", "dmarc"}}),
        reverse_results(metrics, kResults, kResultsHelp, {{"method", "iprev"}}),
        dispositions(metrics, "veredus_mailauth_dispositions_total", "What was done with messages looked at", {}),
        seconds(metrics.histogram("veredus_mailauth_seconds",
                                  "From the last octet of a message to what was found out about it",
                                  base::observe::latency_bounds())) {}

  Tally<spf::Result, spf::Result::kPermerror> spf_results;
  Tally<dkim::Result, dkim::Result::kPermerror> dkim_results;
  Tally<rules::arc::Result, rules::arc::Result::kFail> arc_results;
  Tally<rules::dmarc::Result, rules::dmarc::Result::kPermerror> dmarc_results;
  Tally<ReverseResult, ReverseResult::kPermerror> reverse_results;
  Tally<Disposition, Disposition::kRefuse> dispositions;
  base::observe::Histogram& seconds;
};

Inspector::Inspector(Parts parts, InspectionOptions options)
    : parts_(parts),
      answers_(parts.resolver, parts.clock, {}),
      figures_(std::make_unique<Figures>(parts.metrics)),
      options_(std::make_shared<const InspectionOptions>(std::move(options))) {
  parts.metrics.sampled_counter("veredus_mailauth_questions_total", "What rules asked of DNS",
                                [this] { return static_cast<double>(answers_.figures().known); },
                                {{"answered", "from memory"}});
  parts.metrics.sampled_counter("veredus_mailauth_questions_total", "What rules asked of DNS",
                                [this] { return static_cast<double>(answers_.figures().asked); },
                                {{"answered", "by DNS"}});
}

Inspector::~Inspector() = default;

void Inspector::change(InspectionOptions options) {
  auto changed = std::make_shared<const InspectionOptions>(std::move(options));
  const std::scoped_lock lock(mutex_);
  options_ = std::move(changed);
}

std::shared_ptr<const InspectionOptions> Inspector::options() const {
  const std::scoped_lock lock(mutex_);
  return options_;
}

std::unique_ptr<Inspection> Inspector::begin(Occasion occasion) {
  auto now = options();
  if (!is_stranger(*now, occasion.client)) return nullptr;
  ask_ahead(*now, occasion);
  return std::make_unique<Inspection>(&answers_, &recollections_, &parts_.clock, std::move(now), std::move(occasion));
}

/// What is known before the message comes can be asked while it comes. Not without bound: who begins messages and goes
/// away leaves questions behind.
void Inspector::ask_ahead(const InspectionOptions& options, const Occasion& occasion) {
  if (parts_.tasks == nullptr || asking_ahead_->load(std::memory_order_relaxed) >= kMostAskedAhead) return;
  const auto until = parts_.clock.steady_now() + options.patience;
  const auto at = occasion.mail_from.rfind('@');
  const auto sender = at == std::string::npos ? occasion.helo : occasion.mail_from.substr(at + 1);
  const auto domain = base::codec::to_ascii(sender);
  if (domain && domain->contains('.') && !answers_.known({.type = RecordType::kTxt, .name = *domain})) {
    spf::Subject subject{.address = *occasion.client,
                         .helo = occasion.helo,
                         .mail_from = occasion.mail_from,
                         .receiver = options.authserv_id,
                         .now = parts_.clock.now()};
    parts_.tasks->spawn(remember(&answers_, spf::check_host(std::move(subject), spf::Options()), until, asking_ahead_));
  }
  const auto reverse = base::codec::reverse_name(*occasion.client);
  if (!answers_.known({.type = RecordType::kPtr, .name = reverse}))
    parts_.tasks->spawn(remember(&answers_, check_reverse(*occasion.client), until, asking_ahead_));
  for (const auto& list : options.lists) {
    const auto name = rules::dnsbl::query_name(*occasion.client, list.zone);
    if (answers_.known({.type = RecordType::kA, .name = name})) continue;
    auto asking = rules::dnsbl::look_up(*occasion.client, {.zone = list.zone, .weight = list.weight, .answers = {}});
    parts_.tasks->spawn(remember(&answers_, std::move(asking), until, asking_ahead_));
  }
}

asio::awaitable<Findings> Inspector::conclude(Inspection* inspection) {
  const auto begun = parts_.clock.steady_now();
  Findings findings = co_await inspection->conclude();
  const std::chrono::duration<double> taken = parts_.clock.steady_now() - begun;
  figures_->seconds.observe(taken.count());
  co_await weigh_sender(inspection, &findings);
  count(findings);
  report(inspection->occasion(), findings);
  co_return findings;
}

/// Counts the message for its sender, and puts it off when he is new here. Both are the caller's.
asio::awaitable<void> Inspector::weigh_sender(const Inspection* inspection, Findings* findings) const {
  const auto& options = inspection->options();
  const bool wanted = parts_.senders != nullptr && (options.remember_senders || options.greylist);
  if (!wanted || findings->disposition == Disposition::kTryLater) co_return;
  const auto domain = registered(authenticated_domain(*findings));
  const auto& occasion = inspection->occasion();
  auto key = standing::key_of(domain, *occasion.client);
  const std::string name = domain.empty() ? to_string(*occasion.client) : domain;
  auto sender = co_await parts_.senders->open(std::move(key));
  if (!sender) co_return;
  findings->decisions.emplace_back("sender", name + " " + standing::in_words(sender->record(), parts_.clock.now()));
  if (options.greylist && findings->disposition != Disposition::kRefuse && !is_recommended(*findings)) {
    const auto wait = sender->greylist({.delay = options.greylist_delay,
                                        .come_back = options.greylist_come_back,
                                        .remember = options.greylist_remember});
    if (wait) put_off(*findings, name, *wait);
  }
  sender->count(outcome_of(findings->disposition));
}

void Inspector::count(const Findings& findings) const {
  figures_->spf_results.add(findings.spf.mail_from.result);
  figures_->dkim_results.add(overall(findings.dkim));
  figures_->arc_results.add(findings.arc.result);
  figures_->dmarc_results.add(findings.dmarc.result);
  figures_->reverse_results.add(findings.reverse.result);
  figures_->dispositions.add(findings.disposition);
}

void Inspector::report(const Occasion& occasion, const Findings& findings) const {
  const auto& record = findings.dmarc.record;
  const bool wanted = !record.aggregate_reports.empty() || !record.failure_reports.empty();
  // What will be tried again is not counted yet.
  const bool counts = findings.disposition != Disposition::kTryLater && !findings.dmarc.policy_domain.empty();
  if (parts_.evaluations == nullptr || !wanted || !counts) return;
  Evaluation evaluation;
  evaluation.at = parts_.clock.now();
  evaluation.source = *occasion.client;
  evaluation.header_from = findings.author_domain;
  evaluation.envelope_from = findings.spf.mail_from_domain;
  evaluation.envelope_to = occasion.recipient_domains;
  evaluation.dmarc = findings.dmarc;
  evaluation.disposition = findings.disposition;
  evaluation.overrides = findings.overrides;
  evaluation.dkim = findings.dkim;
  evaluation.spf = findings.spf.mail_from;
  evaluation.spf_domain = spf_domain(findings.spf);
  evaluation.spf_scope = findings.spf.mail_from_domain.empty() ? spf::Identity::kHelo : spf::Identity::kMailFrom;
  evaluation.is_report = findings.is_report;
  parts_.evaluations->record(std::move(evaluation));
}

std::optional<std::string> Inspector::without_forged_results(std::string_view header) const {
  const auto now = options();
  std::string kept;
  std::size_t from = 0;
  wire::mime::FieldReader reader(header);
  while (const auto field = reader.next()) {
    if (!base::codec::iequals_ascii(field->name, "Authentication-Results")) continue;
    if (!rules::authres::claims_to_be(field->value, now->authserv_id)) continue;
    kept.append(header.substr(from, field->offset - from));
    from = field->offset + field->whole.size();
  }
  if (from == 0) return std::nullopt;
  kept.append(header.substr(from));
  return kept;
}

}  // namespace veredus::work::mailauth
