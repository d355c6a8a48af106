#include "work/smtpclient/host_dane.h"

#include <algorithm>
#include <utility>

#include "base/codec/hex.h"
#include "io/net/dane_context.h"
#include "io/net/run_together.h"

namespace veredus::work::smtpclient {
namespace {

using io::dns::DnsError;
using io::dns::TlsaRecord;
using Found = std::shared_ptr<const HostDane>;

constexpr std::uint8_t kTrustAnchor = 2;  // RFC 7218 s2.1: DANE-TA

/// Whether the host has records, it has none that count, or nobody knows.
enum class Lookup : std::uint8_t { kRecords, kNothing, kMalformed, kFailed };

struct Looked {
  Lookup what = Lookup::kNothing;
  std::vector<TlsaRecord> records;
  std::chrono::seconds ttl{};
  std::string failure;
};

/// An answer for good: there is no such thing. RFC 7672 s2.1.2: after any other error nobody knows, and an attacker
/// could have seen to that.
bool says_nothing_is_there(DnsError error) {
  return error == DnsError::kNoSuchName || error == DnsError::kMalformedName;
}

Looked read(std::expected<io::dns::Answer<TlsaRecord>, DnsError> answer) {
  Looked looked;
  if (answer) {
    // RFC 7672 s2.1.1: what is not signed says nothing.
    if (!answer->authentic || answer->records.empty()) return looked;
    looked.what = Lookup::kRecords;
    looked.records = std::move(answer->records);
    looked.ttl = answer->ttl;
    return looked;
  }
  if (says_nothing_is_there(answer.error())) return looked;
  looked.failure = to_string(answer.error());
  looked.what = answer.error() == DnsError::kMalformedAnswer ? Lookup::kMalformed : Lookup::kFailed;
  return looked;
}

std::string owner_name(std::uint16_t port, const std::string& base) {
  return "_" + std::to_string(port) + "._tcp." + base;
}

/// For now: who asks again soon may hear more.
Found failed(std::string base, std::string_view what, std::string_view why) {
  auto dane = std::make_shared<HostDane>();
  dane->state = HostDane::State::kFailed;
  dane->ttl = std::chrono::seconds(0);
  dane->failure.append(what).append(" of ").append(base).append(": ").append(why);
  dane->base_domain = std::move(base);
  return dane;
}

Found unusable(std::string base, std::string why) {
  auto dane = std::make_shared<HostDane>();
  dane->state = HostDane::State::kUnusable;
  dane->base_domain = std::move(base);
  dane->failure = std::move(why);
  return dane;
}

/// RFC 7672 s3.2.2: names that a certificate under a trust anchor may have.
std::vector<std::string> other_names(const DaneQuestion& question, const std::string& base) {
  std::vector<std::string> names = question.next_hops;
  if (base != question.host) names.push_back(question.host);
  std::ranges::sort(names);
  names.erase(std::unique(names.begin(), names.end()), names.end());
  std::erase(names, base);
  return names;
}

Found made_of(Looked looked, const DaneQuestion& question, std::string base) {
  auto dane = std::make_shared<HostDane>();
  dane->ttl = looked.ttl;
  std::ranges::sort(looked.records);
  io::net::DaneExpectation expectation;
  expectation.base_domain = base;
  expectation.other_names = other_names(question, base);
  for (auto& record : looked.records) {
    dane->records.push_back(to_text(record));
    dane->by_anchor = dane->by_anchor || record.usage == kTrustAnchor;
    expectation.records.push_back({.usage = record.usage,
                                   .selector = record.selector,
                                   .matching = record.matching,
                                   .association = std::move(record.association)});
  }
  dane->base_domain = std::move(base);
  auto context = io::net::dane_client(std::move(expectation));
  if (context) {
    dane->state = HostDane::State::kUsable;
    dane->context = *std::move(context);
  } else if (context.error() == io::net::DaneError::kNoUsableRecord) {
    dane->state = HostDane::State::kUnusable;
    dane->failure = to_string(context.error());
  } else {
    dane->failure = to_string(context.error());
  }
  return dane;
}

/// RFC 7672 s2.2.3: at the end of its aliases first, then at its own name.
asio::awaitable<void> look_up(io::dns::Resolver* resolver, DaneQuestion question, Found* found) {
  std::vector<std::string> bases;
  if (question.authentic) {
    bases = {question.canonical};
    if (question.canonical != question.host) bases.push_back(question.host);
  } else if (question.canonical != question.host) {
    // RFC 7672 s2.2.2: an alias that is signed leads to a place that is not.
    const auto alias = co_await resolver->cname(question.host);
    if (!alias && !says_nothing_is_there(alias.error())) {
      *found = failed(std::move(question.host), "aliases", to_string(alias.error()));
      co_return;
    }
    if (alias && alias->authentic && !alias->records.empty()) bases = {question.host};
  }
  for (auto& base : bases) {
    auto answer = co_await resolver->tlsa(owner_name(question.port, base));
    auto looked = read(std::move(answer));
    if (looked.what == Lookup::kNothing) continue;
    if (looked.what == Lookup::kFailed)
      *found = failed(std::move(base), "TLSA records", looked.failure);
    else if (looked.what == Lookup::kMalformed)
      *found = unusable(std::move(base), std::move(looked.failure));
    else
      *found = made_of(std::move(looked), question, std::move(base));
    co_return;
  }
}

}  // namespace

std::string to_text(const TlsaRecord& record) {
  return std::to_string(record.usage) + " " + std::to_string(record.selector) + " " + std::to_string(record.matching) +
         " " + base::codec::hex_encode(record.association);
}

DaneQuestion dane_question(const HostAddresses& found, std::uint16_t port, std::vector<std::string> next_hops) {
  DaneQuestion question{.host = found.name, .canonical = found.name, .authentic = true, .port = port, .next_hops = {}};
  question.next_hops = std::move(next_hops);
  bool answered = false;
  for (const auto& answer : found.by_family) {
    if (!answer) continue;  // RFC 7672 s2.2.2: what the other family says is signed, or not, for itself
    answered = true;
    question.authentic = question.authentic && answer->authentic;
    if (!answer->canonical_name.empty()) question.canonical = answer->canonical_name;
  }
  question.authentic = question.authentic && answered;
  return question;
}

asio::awaitable<std::vector<std::shared_ptr<const HostDane>>> look_up_dane(io::dns::Resolver* resolver,
                                                                           std::vector<DaneQuestion> questions) {
  std::vector<Found> found(questions.size());
  std::vector<asio::awaitable<void>> asked;
  asked.reserve(questions.size());
  for (std::size_t i = 0; i < questions.size(); ++i)
    asked.push_back(look_up(resolver, std::move(questions[i]), &found[i]));
  co_await io::net::run_together(std::move(asked));
  co_return found;
}

}  // namespace veredus::work::smtpclient
