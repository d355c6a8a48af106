#include "work/mailauth/inspection.h"

#include <algorithm>
#include <utility>

#include "base/codec/ascii.h"
#include "io/net/run_together.h"
#include "rules/dmarc/public_suffix.h"
#include "rules/dnsbl/listing.h"
#include "wire/mime/header_block.h"
#include "work/mailauth/answers.h"
#include "work/mailauth/author.h"
#include "work/mailauth/policy.h"
#include "work/mailauth/recollections.h"
#include "work/mailauth/result_text.h"
#include "work/mailauth/reverse.h"

namespace veredus::work::mailauth {

namespace arc = rules::arc;
namespace dkim = rules::dkim;
namespace dmarc = rules::dmarc;
namespace dnsbl = rules::dnsbl;
namespace spf = rules::spf;
using rules::inquiry::Inquiry;

namespace {

using Jobs = std::vector<asio::awaitable<void>>;

dnsbl::List list_of(const AddressList& list) {
  dnsbl::List out{.zone = list.zone, .weight = list.weight, .answers = {}};
  for (const auto& answer : list.answers) out.answers.push_back({.base = answer.base.value(), .bits = answer.prefix});
  return out;
}

}  // namespace

struct Inspection::Impl {
  Impl(Answers* a, Recollections* r, const Clock* c, std::shared_ptr<const InspectionOptions> o, Occasion who)
      : answers(a), recollections(r), clock(c), options(std::move(o)), occasion(std::move(who)) {}

  [[nodiscard]] spf::Subject subject(spf::Identity identity) const;
  [[nodiscard]] std::string client_key() const;
  [[nodiscard]] bool recall_client(const std::string& key);
  void begin_with_client();
  void end_with_client(std::string key);
  void take(const ClientFindings& client);
  asio::awaitable<void> authenticate(SteadyTime until);
  asio::awaitable<void> evaluate_authors(SteadyTime until);
  asio::awaitable<dmarc::Verdict> evaluate(std::string author, SteadyTime until);
  [[nodiscard]] dmarc::Message evidence(const std::string& author) const;

  /// Takes each inquiry as far as memory can; what needs DNS becomes a job.
  template <class T>
  void start(Inquiry<T>& inquiry, SteadyTime until, Jobs& jobs, std::size_t at_once = kAnswersAtOnce) {
    if (advance(*answers, inquiry, at_once)) return;
    jobs.push_back(finish(answers, &inquiry, until, at_once));
  }
  template <class T>
  void start(std::optional<Inquiry<T>>& inquiry, SteadyTime until, Jobs& jobs, std::size_t at_once = kAnswersAtOnce) {
    if (inquiry) start(*inquiry, until, jobs, at_once);
  }

  Answers* answers;
  Recollections* recollections;
  const Clock* clock;
  std::shared_ptr<const InspectionOptions> options;
  Occasion occasion;
  Authors authors;
  std::optional<dkim::ReceivedMessage> received;   // while one of the next two looks at it
  std::optional<dkim::Verification> verification;  // the message has signatures
  std::optional<arc::Validation> validation;       // the message has ARC fields
  Findings findings;
  std::optional<Inquiry<spf::Verdict>> mail_from;
  std::optional<Inquiry<spf::Verdict>> helo;
  std::optional<Inquiry<ReverseVerdict>> reverse;
  std::optional<Inquiry<std::vector<dkim::Verdict>>> signatures;
  std::optional<Inquiry<arc::Verdict>> chain;
  std::vector<Inquiry<dnsbl::Word>> lists;
};

spf::Subject Inspection::Impl::subject(spf::Identity identity) const {
  return {.address = *occasion.client,
          .helo = occasion.helo,
          .mail_from = occasion.mail_from,
          .identity = identity,
          .receiver = options->authserv_id,
          .now = clock->now()};
}

/// All that what is found out about a client hangs on: its address, HELO, and the sender's domain. An address takes as
/// many octets whatever its family, so that no HELO can look like the rest of one.
std::string Inspection::Impl::client_key() const {
  const auto& client = *occasion.client;
  std::string key(1, static_cast<char>(client.family));
  key.append(client.octets.begin(), client.octets.end());
  return key.append(1, '\0').append(occasion.helo).append(1, '\0').append(findings.spf.mail_from_domain);
}

bool Inspection::Impl::recall_client(const std::string& key) {
  const auto known = recollections->clients.find(key, clock->steady_now());
  if (!known || known->options != options) return false;
  take(*known);
  return true;
}

void Inspection::Impl::take(const ClientFindings& client) {
  findings.spf.mail_from = client.mail_from;
  findings.spf.helo = client.helo;
  findings.reverse = client.reverse;
  findings.listed = client.listed;
}

/// What needs nothing but the envelope.
void Inspection::Impl::begin_with_client() {
  if (!occasion.mail_from.empty())
    mail_from.emplace(spf::check_host(subject(spf::Identity::kMailFrom), spf::Options()));
  helo.emplace(spf::check_host(subject(spf::Identity::kHelo), spf::Options()));
  reverse.emplace(check_reverse(*occasion.client));
  lists.reserve(options->lists.size());
  for (const auto& list : options->lists) lists.push_back(dnsbl::look_up(*occasion.client, list_of(list)));
}

/// Keeps it for the next message, unless it is about this one alone or may be otherwise in a moment.
void Inspection::Impl::end_with_client(std::string key) {
  auto client = std::make_shared<ClientFindings>();
  client->helo = helo->take();
  client->mail_from = mail_from ? mail_from->take() : client->helo;
  client->reverse = reverse->take();
  bool lists_are_known = true;
  for (auto& list : lists) {
    auto word = list.take();
    lists_are_known = lists_are_known && word.is_known;
    if (auto& listing = word.listing)
      client->listed.push_back(
          {.zone = std::move(listing->zone), .answer = to_string(listing->answer), .weight = listing->weight});
  }
  client->options = options;
  take(*client);
  const auto passing = [](const spf::Verdict& verdict) {
    return verdict.by_macros || verdict.result == spf::Result::kTemperror;
  };
  if (passing(client->mail_from) || passing(client->helo)) return;
  if (client->reverse.result == ReverseResult::kTemperror || !lists_are_known) return;
  constexpr std::size_t kOctets = 1024;  // typical; long texts are added
  const auto octets = kOctets + client->mail_from.explanation.size() + client->helo.explanation.size();
  recollections->clients.keep(std::move(key), std::move(client), octets, clock->steady_now());
}

asio::awaitable<void> Inspection::Impl::authenticate(SteadyTime until) {
  if (received) received->end();
  if (verification) signatures.emplace(verification->finish());
  if (validation) chain.emplace(validation->finish());
  findings.spf.helo_name = occasion.helo;
  if (!occasion.mail_from.empty()) {
    const auto domain = std::string_view(occasion.mail_from).substr(occasion.mail_from.rfind('@') + 1);
    findings.spf.mail_from_domain = base::codec::to_lower_ascii(domain);
  }
  auto key = occasion.client ? client_key() : std::string();
  const bool look_at_client = occasion.client && !recall_client(key);
  if (look_at_client) begin_with_client();
  Jobs jobs;
  start(mail_from, until, jobs);
  start(helo, until, jobs);
  start(reverse, until, jobs);
  start(signatures, until, jobs, kKeysAtOnce);
  start(chain, until, jobs, kKeysAtOnce);
  for (auto& list : lists) start(list, until, jobs);
  co_await io::net::run_together(std::move(jobs));
  if (look_at_client) end_with_client(std::move(key));
  if (signatures) findings.dkim = signatures->take();
  if (chain) findings.arc = chain->take();
}

dmarc::Message Inspection::Impl::evidence(const std::string& author) const {
  dmarc::Message message;
  message.author_domain = author;
  for (const auto& verdict : findings.dkim)
    if (verdict.result == dkim::Result::kPass) message.dkim_domains.push_back(verdict.domain);
  const auto& verdict = findings.spf.mail_from;  // of HELO for the null sender
  if (verdict.result == spf::Result::kPass) message.spf_domains.push_back(spf_domain(findings.spf));
  return message;
}

/// From memory, where the same was authenticated a moment ago.
asio::awaitable<dmarc::Verdict> Inspection::Impl::evaluate(std::string author, SteadyTime until) {
  auto message = evidence(author);
  std::string key = std::move(author);
  for (const auto* domains : {&message.dkim_domains, &message.spf_domains}) {
    key.append(1, '\n');
    for (const auto& domain : *domains) key.append(1, ' ').append(domain);
  }
  if (const auto known = recollections->policies.find(key, clock->steady_now())) co_return *known;
  const dmarc::Options with{.suffixes = &dmarc::PublicSuffixes::built_in()};
  auto inquiry = dmarc::evaluate(std::move(message), with);
  co_await finish(answers, &inquiry, until);
  auto verdict = std::make_shared<const dmarc::Verdict>(inquiry.take());
  std::size_t octets = 1024;  // typical; long texts are added
  for (const auto* targets : {&verdict->record.aggregate_reports, &verdict->record.failure_reports})
    for (const auto& target : *targets) octets += sizeof(target) + target.uri.size();
  if (verdict->result != dmarc::Result::kTemperror)
    recollections->policies.keep(std::move(key), verdict, octets, clock->steady_now());
  co_return *verdict;
}

/// RFC 9989 s5.3; of several authors each must be authenticated.
asio::awaitable<void> Inspection::Impl::evaluate_authors(SteadyTime until) {
  findings.author_problem = authors.problem;
  findings.from_list = authors.from_list;
  findings.is_report = authors.is_report;
  if (authors.domains.empty()) {
    findings.dmarc.result = dmarc::Result::kPermerror;
    findings.dmarc.problem = "the message has no author with a domain";
    if (findings.author_problem.empty()) findings.author_problem = findings.dmarc.problem;
    co_return;
  }
  bool first = true;
  for (const auto& author : authors.domains) {
    auto verdict = co_await evaluate(author, until);
    if (!std::exchange(first, false) && dmarc::badness(verdict) <= dmarc::badness(findings.dmarc)) continue;
    findings.dmarc = std::move(verdict);
    findings.author_domain = author;
  }
  const bool failed = findings.dmarc.result == dmarc::Result::kFail;
  if (failed && authors.domains.size() > 1 && findings.author_problem.empty())
    findings.author_problem = "there are several authors, and not all are authenticated";
  doubt(findings.dmarc, authors);
}

Inspection::Inspection(Answers* answers, Recollections* recollections, const Clock* clock,
                       std::shared_ptr<const InspectionOptions> options, Occasion occasion)
    : impl_(std::make_unique<Impl>(answers, recollections, clock, std::move(options), std::move(occasion))) {}
Inspection::Inspection(Inspection&&) noexcept = default;
Inspection::~Inspection() = default;

const Occasion& Inspection::occasion() const { return impl_->occasion; }
const InspectionOptions& Inspection::options() const { return *impl_->options; }

void Inspection::header(std::string_view block) {
  auto& impl = *impl_;
  dkim::Options options;
  if (impl.options->partial_bodies) options.partial_bodies = dkim::PartialBodies::kAccepted;
  auto& message = impl.received.emplace(std::string(block));
  impl.authors = find_authors(block, message.fields());
  if (!impl.verification.emplace(&message, impl.clock->now(), options).is_signed()) impl.verification.reset();
  const bool is_sealed = std::ranges::any_of(
      message.fields(), [](const auto& field) { return base::codec::istarts_with_ascii(field.name, "ARC-"); });
  if (is_sealed) impl.validation.emplace(&message, impl.clock->now(), options.partial_bodies);
  if (!impl.verification && !impl.validation) impl.received.reset();
}

void Inspection::body(std::string_view octets) {
  if (impl_->received) impl_->received->body(octets);
}

asio::awaitable<Findings> Inspection::conclude() {
  auto& impl = *impl_;
  const auto until = impl.clock->steady_now() + impl.options->patience;
  co_await impl.authenticate(until);
  co_await impl.evaluate_authors(until);
  auto& findings = impl.findings;
  decide(*impl.options, findings);
  findings.results = results_text(*impl.options, impl.occasion, findings);
  if (impl.options->received_spf) findings.received_spf = received_spf_text(*impl.options, impl.occasion, findings);
  findings.decisions = decisions_of(findings);
  co_return std::move(findings);
}

}  // namespace veredus::work::mailauth
