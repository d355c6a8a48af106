#include "rules/spf/evaluation.h"

#include <algorithm>
#include <utility>

#include "base/codec/ascii.h"
#include "base/codec/dns_name.h"
#include "base/codec/idna.h"
#include "base/codec/utf8.h"

namespace veredus::rules::spf {

namespace codec = base::codec;
using inquiry::ask;
using inquiry::Inquiry;
using inquiry::RecordType;
using inquiry::Reply;
using inquiry::ReplyStatus;

namespace {

constexpr std::size_t kNameOctets = 253;

/// RFC 7208 s7.1: dotted quads, or 32 nibbles with dots between them.
std::string dotted(const codec::IpAddress& address) {
  if (address.family == codec::IpAddress::Family::kV4) return codec::to_string(address);
  constexpr std::string_view kHex = "0123456789ABCDEF";
  std::string out;
  for (const auto octet : address.octets) {
    if (!out.empty()) out += '.';
    out += {kHex[octet >> 4], '.', kHex[octet & 0x0F]};
  }
  return out;
}

/// RFC 7208 s7.3: a name that is too long loses labels at its left.
std::string shortened(std::string name) {
  while (name.size() > kNameOctets) {
    const auto dot = name.find('.');
    if (dot == std::string::npos) return {};
    name.erase(0, dot + 1);
  }
  return name;
}

Result result_of(Qualifier qualifier) {
  switch (qualifier) {
    case Qualifier::kPass:
      return Result::kPass;
    case Qualifier::kFail:
      return Result::kFail;
    case Qualifier::kSoftfail:
      return Result::kSoftfail;
    case Qualifier::kNeutral:
      return Result::kNeutral;
  }
  return Result::kNeutral;
}

bool is_below_or_same(std::string_view name, std::string_view domain) {
  if (!codec::iends_with_ascii(name, domain)) return false;
  return name.size() == domain.size() || name[name.size() - domain.size() - 1] == '.';
}

}  // namespace

Evaluation::Evaluation(Subject subject, std::string local_part, std::string sender_domain, Options options)
    : subject_(std::move(subject)),
      options_(options),
      local_part_(std::move(local_part)),
      sender_domain_(std::move(sender_domain)) {
  subject_.address = codec::unmapped(subject_.address);
}

MacroValues& Evaluation::values() {
  if (values_) return *values_;
  values_ = std::make_unique<MacroValues>();
  auto& values = *values_;
  values.sender = local_part_ + '@' + sender_domain_;
  values.local_part = local_part_;
  values.sender_domain = sender_domain_;
  values.address = dotted(subject_.address);
  values.readable_address = codec::to_string(subject_.address);
  values.family = subject_.address.family == codec::IpAddress::Family::kV4 ? "in-addr" : "ip6";
  values.helo = codec::is_ascii(subject_.helo) ? subject_.helo : codec::to_ascii(subject_.helo).value_or("");
  values.receiver = subject_.receiver;
  values.timestamp =
      std::to_string(std::chrono::duration_cast<std::chrono::seconds>(subject_.now.time_since_epoch()).count());
  return values;
}

RecordType Evaluation::address_type() const {
  return subject_.address.family == codec::IpAddress::Family::kV4 ? RecordType::kA : RecordType::kAaaa;
}

Evaluation::Match Evaluation::fault(Match kind, std::string problem) {
  problem_ = std::move(problem);
  return kind;
}

Inquiry<Reply> Evaluation::look_up(RecordType type, std::string name) {
  Reply reply = co_await ask(type, std::move(name));
  if (reply.status == ReplyStatus::kNoRecord || reply.status == ReplyStatus::kNoSuchName) ++voids_;
  co_return reply;
}

// --- records

namespace {

using KnownRecord = std::shared_ptr<const std::expected<Record, BadTerm>>;

/// The policy among a domain's TXT records; nullptr: there is none that can be followed, and `verdict` says why.
KnownRecord policy_in(const Reply& reply, const std::string& domain, Verdict& verdict) {
  const auto fail = [&verdict](Result result, std::string problem) {
    verdict.result = result;
    verdict.problem = std::move(problem);
    return KnownRecord();
  };
  if (reply.status == ReplyStatus::kFailed)  // RFC 7208 s4.4
    return fail(Result::kTemperror, "DNS does not answer for " + domain);
  const auto policies = std::ranges::count_if(reply.texts, is_spf);
  if (policies == 0) return fail(Result::kNone, domain + " has no SPF record");
  if (policies > 1) return fail(Result::kPermerror, domain + " has more than one SPF record");  // RFC 7208 s4.5
  auto record = known_record(*std::ranges::find_if(reply.texts, is_spf));
  if (*record) return record;
  const auto& bad = record->error();
  return fail(Result::kPermerror, std::string(to_string(bad.error)) + " in \"" + bad.term + "\" of " + domain);
}

}  // namespace

Inquiry<Verdict> Evaluation::check(std::string domain) {
  const Reply reply = co_await ask(RecordType::kTxt, codec::presented_name(domain));
  Verdict verdict;
  verdict.domain = domain;
  const auto record = policy_in(reply, domain, verdict);
  if (!record) co_return verdict;
  auto following = follow(&**record, std::move(domain));
  co_return co_await following;
}

/// RFC 7208 s4.6.2: the first directive that matches decides.
Inquiry<Verdict> Evaluation::follow(const Record* record, std::string domain) {
  Verdict verdict;
  verdict.domain = domain;
  for (const auto& directive : record->directives) {
    auto at_once = match_at_once(directive);
    if (!at_once) {
      auto matching = match(&directive, domain);
      at_once = co_await matching;
    }
    const Match matched = *at_once;
    if (matched == Match::kNo) continue;
    verdict.mechanism = directive.text;
    if (matched == Match::kYes) {
      verdict.result = result_of(directive.qualifier);
      explanation_ = record->explanation;
      explanation_domain_ = std::move(domain);
    } else {
      verdict.result = matched == Match::kTemperror ? Result::kTemperror : Result::kPermerror;
      verdict.problem = std::exchange(problem_, {});
    }
    co_return verdict;
  }
  if (record->redirect) {
    auto redirected = redirect(record, std::move(domain));
    verdict = co_await redirected;
    co_return verdict;
  }
  verdict.result = Result::kNeutral;  // RFC 7208 s4.7
  verdict.mechanism = "default";
  co_return verdict;
}

/// RFC 7208 s6.1.
Inquiry<Verdict> Evaluation::redirect(const Record* record, std::string domain) {
  Verdict verdict;
  verdict.domain = domain;
  verdict.result = Result::kPermerror;
  ++lookups_;
  auto naming = target_of(&*record->redirect, std::move(domain));
  const std::string target = co_await naming;
  if (over_limits()) {
    verdict.problem = "more DNS look-ups than RFC 7208 allows";
    co_return verdict;
  }
  if (!target.contains('.')) {  // RFC 7208 s4.3: of a single label nothing is asked
    verdict.problem = "redirect= leads to no domain name";
    co_return verdict;
  }
  auto checking = check(target);
  verdict = co_await checking;
  if (verdict.result == Result::kNone) verdict.result = Result::kPermerror;
  co_return verdict;
}

Inquiry<std::string> Evaluation::explain() {
  std::string out;
  if (!explanation_) co_return out;
  auto naming = target_of(&*explanation_, explanation_domain_);
  std::string target = co_await naming;
  if (target.empty()) co_return out;
  const Reply reply = co_await ask(RecordType::kTxt, codec::presented_name(target));
  if (reply.texts.size() != 1) co_return out;
  const auto text = parse_macro_string(reply.texts.front(), MacroUse::kExplanation);
  if (!text) co_return out;
  auto expanding = expanded(&*text, explanation_domain_);
  out = co_await expanding;
  // What a macro stood for came from the client.
  if (!std::ranges::all_of(out, [](char c) { return c >= ' ' && c < '\x7F'; })) out.clear();
  co_return out;
}

// --- names

Inquiry<std::string> Evaluation::expanded(const MacroString* text, std::string domain) {
  if (text->is_literal()) co_return expand(*text, {});
  if (text->uses('p')) {
    auto validating = validated_names();
    const auto names = co_await validating;
    // RFC 7208 s7.3: the domain itself, else one below it, else any
    auto& validated = values().validated_name;
    const auto same = std::ranges::find_if(names, [&](const auto& n) { return codec::iequals_ascii(n, domain); });
    const auto below = std::ranges::find_if(names, [&](const auto& n) { return is_below_or_same(n, domain); });
    validated = names.empty() ? "unknown" : same != names.end() ? *same : below != names.end() ? *below : names.front();
  }
  values().domain = std::move(domain);
  co_return expand(*text, values());
}

/// RFC 8616 s4: a local part that is not ASCII is no label of DNS, and what would have it as one matches nothing.
bool Evaluation::is_never_met(const MacroString& spec) const {
  return (spec.uses('l') || spec.uses('s')) && !codec::is_ascii(local_part_);
}

namespace {

/// An expanded domain-spec as a name to ask for, octets as they are; empty: it came to none.
std::string name_of(std::string name) {
  if (name.ends_with('.')) name.pop_back();
  name = shortened(std::move(name));
  // RFC 7208 s4.8: what is no name finds nothing; characters that no host has may still be names of DNS
  std::size_t label = 0;
  for (const char c : name) {
    label = c == '.' ? 0 : label + 1;
    if (label > 63) return {};
  }
  if (name.empty() || name.starts_with('.') || name.ends_with('.') || name.contains("..")) return {};
  return codec::to_lower_ascii(name);
}

}  // namespace

Inquiry<std::string> Evaluation::target_of(const MacroString* spec, std::string domain) {
  if (spec->is_literal()) co_return name_of(expand(*spec, {}));
  if (is_never_met(*spec)) {
    values();  // it is about this sender all the same
    co_return std::string();
  }
  auto expanding = expanded(spec, std::move(domain));
  co_return name_of(co_await expanding);
}

Inquiry<std::vector<std::string>> Evaluation::validated_names() {
  if (names_) co_return *names_;
  names_.emplace();
  // Not look_up(): what stands in the client's own reverse zone must not use up the domain's void look-ups.
  const Reply reply = co_await ask(RecordType::kPtr, codec::reverse_name(subject_.address));
  for (const auto& name : reply.names) {
    if (static_cast<std::size_t>(&name - reply.names.data()) >= options_.pointers) break;  // RFC 7208 s4.6.4
    if (name.contains('\\')) continue;  // no host's, and its dots may stand inside of labels
    auto checking = leads_back(name);
    const bool valid = co_await checking;
    if (valid) names_->push_back(name);
  }
  co_return *names_;
}

Inquiry<bool> Evaluation::leads_back(std::string name) {
  const Reply reply = co_await ask(address_type(), std::move(name));
  co_return std::ranges::find(reply.addresses, subject_.address) != reply.addresses.end();
}

// --- mechanisms

bool Evaluation::matches(const Directive& directive, const Reply& hosts) const {
  const unsigned bits = subject_.address.family == codec::IpAddress::Family::kV4 ? directive.bits4 : directive.bits6;
  return std::ranges::any_of(hosts.addresses,
                             [&](const auto& host) { return codec::same_network(host, subject_.address, bits); });
}

std::optional<Evaluation::Match> Evaluation::match_at_once(const Directive& directive) const {
  const auto mechanism = directive.mechanism;
  if (mechanism == Mechanism::kAll) return Match::kYes;
  if (mechanism != Mechanism::kIp4 && mechanism != Mechanism::kIp6) return std::nullopt;
  const unsigned bits = mechanism == Mechanism::kIp4 ? directive.bits4 : directive.bits6;
  return codec::same_network(directive.network, subject_.address, bits) ? Match::kYes : Match::kNo;
}

Inquiry<Evaluation::Match> Evaluation::match(const Directive* directive, std::string domain) {
  const auto mechanism = directive->mechanism;
  if (++lookups_ > options_.lookups) co_return fault(Match::kPermerror, "more terms that ask DNS than RFC 7208 allows");
  std::string target = domain;
  if (directive->domain && directive->domain->is_literal()) {
    target = name_of(expand(*directive->domain, {}));
  } else if (directive->domain) {
    auto naming = target_of(&*directive->domain, std::move(domain));
    target = co_await naming;
  }
  if (directive->domain && is_never_met(*directive->domain)) co_return Match::kNo;
  if (mechanism == Mechanism::kInclude && !target.contains('.'))  // RFC 7208 s4.3: of a single label nothing is asked
    co_return fault(Match::kPermerror, "include: leads to no domain name");
  if (target.empty()) co_return Match::kNo;
  auto matching = mechanism == Mechanism::kInclude  ? match_include(std::move(target))
                  : mechanism == Mechanism::kExists ? match_exists(std::move(target))
                  : mechanism == Mechanism::kPtr    ? match_pointer(std::move(target))
                  : mechanism == Mechanism::kMx     ? match_exchanges(directive, std::move(target))
                                                    : match_hosts(directive, codec::presented_name(target));
  const Match matched = co_await matching;
  if (voids_ > options_.void_lookups)
    co_return fault(Match::kPermerror, "more DNS look-ups that find nothing than RFC 7208 allows");
  co_return matched;
}

/// RFC 7208 s5.2, its table.
Inquiry<Evaluation::Match> Evaluation::match_include(std::string target) {
  auto checking = check(std::move(target));
  Verdict verdict = co_await checking;
  switch (verdict.result) {
    case Result::kPass:
      co_return Match::kYes;
    case Result::kFail:
    case Result::kSoftfail:
    case Result::kNeutral:
      co_return Match::kNo;
    case Result::kTemperror:
      co_return fault(Match::kTemperror, std::move(verdict.problem));
    case Result::kNone:
    case Result::kPermerror:
      break;
  }
  co_return fault(Match::kPermerror, std::move(verdict.problem));
}

/// RFC 7208 s5.3.
Inquiry<Evaluation::Match> Evaluation::match_hosts(const Directive* directive, std::string name) {
  auto asking = look_up(address_type(), name);
  const Reply reply = co_await asking;
  if (reply.status == ReplyStatus::kFailed)
    co_return fault(Match::kTemperror, "DNS does not answer for " + std::move(name));
  co_return matches(*directive, reply) ? Match::kYes : Match::kNo;
}

/// RFC 7208 s5.4.
Inquiry<Evaluation::Match> Evaluation::match_exchanges(const Directive* directive, std::string target) {
  auto asking = look_up(RecordType::kMx, codec::presented_name(target));
  const Reply exchanges = co_await asking;
  if (exchanges.status == ReplyStatus::kFailed)
    co_return fault(Match::kTemperror, "DNS does not answer for " + std::move(target));
  if (exchanges.exchanges.size() > options_.exchanges)
    co_return fault(Match::kPermerror, "too many mail hosts behind \"mx\" of " + std::move(target));
  for (const auto& exchange : exchanges.exchanges) {
    if (exchange.host.empty() || exchange.host == ".") continue;  // RFC 7505: there is none
    auto hosts = match_hosts(directive, exchange.host);
    const Match matched = co_await hosts;
    if (matched != Match::kNo) co_return matched;
  }
  co_return Match::kNo;
}

/// RFC 7208 s5.7: always A, whatever the client's family.
Inquiry<Evaluation::Match> Evaluation::match_exists(std::string target) {
  auto asking = look_up(RecordType::kA, codec::presented_name(target));
  const Reply reply = co_await asking;
  if (reply.status == ReplyStatus::kFailed)
    co_return fault(Match::kTemperror, "DNS does not answer for " + std::move(target));
  co_return reply.addresses.empty() ? Match::kNo : Match::kYes;
}

/// RFC 7208 s5.5: failures of DNS match nothing.
Inquiry<Evaluation::Match> Evaluation::match_pointer(std::string target) {
  auto validating = validated_names();
  const auto names = co_await validating;
  const bool any = std::ranges::any_of(names, [&](const auto& name) { return is_below_or_same(name, target); });
  co_return any ? Match::kYes : Match::kNo;
}

}  // namespace veredus::rules::spf
