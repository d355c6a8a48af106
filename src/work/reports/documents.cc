#include "work/reports/documents.h"

#include <fmt/format.h>

#include <chrono>
#include <map>
#include <memory>
#include <tuple>
#include <utility>

#include "base/codec/hex.h"
#include "base/crypto/random.h"
#include "rules/aggregate/report.h"
#include "rules/reportmail/letter.h"
#include "rules/tlsrpt/report.h"
#include "state/reports/rows.h"
#include "wire/archive/unpack.h"

namespace veredus::work::reports {

namespace aggregate = rules::aggregate;
namespace tlsrpt = rules::tlsrpt;
using rules::reportmail::Letter;
using state::reports::Stream;
using state::reports::Tally;

namespace {

constexpr std::string_view kGenerator = "Veredus/" VEREDUS_VERSION;
constexpr std::size_t kSeedOctets = 16;

Letter letter_of(const DocumentFacts& facts, std::string to, std::string message_id) {
  return {.from_name = facts.organization,
          .from = facts.contact,
          .to = std::move(to),
          .submitter = facts.submitter,
          .date = facts.now,
          .message_id = std::move(message_id),
          .boundary_seed = base::codec::hex_encode(base::crypto::random_octets(kSeedOctets))};
}

std::optional<Document> dmarc_document(const DocumentFacts& facts, const Tally::Rows& rows) {
  auto asked = state::reports::decode_policy(rows.policy);
  auto report = std::make_shared<aggregate::Report>();
  if (!asked) return std::nullopt;
  report->policy = std::move(asked->policy);
  report->metadata = {.organization = facts.organization,
                      .email = facts.contact,
                      .extra_contact = facts.extra_contact,
                      .report_id = facts.report_id,
                      .begin = facts.period.begin,
                      .end = last_second(facts.period),
                      .generator = std::string(kGenerator)};
  if (rows.left_out > 0)
    report->metadata.errors.push_back(fmt::format("{} records with the fewest messages are left out", rows.left_out));
  for (const auto& [row, count] : rows.rows) {
    auto record = state::reports::decode_record(row);
    if (!record) continue;
    record->count = count;
    report->records.push_back(*std::move(record));
  }
  if (report->records.empty()) return std::nullopt;
  Document out;
  out.packed = wire::archive::gzip(aggregate::write_xml(*report));
  out.letter = [facts, report, packed = out.packed](std::string to, std::string message_id) {
    return aggregate_letter(letter_of(facts, std::move(to), std::move(message_id)), *report, packed);
  };
  return out;
}

/// Sessions under the same policy are told of together.
std::vector<tlsrpt::PolicyResult> results_of(const Tally::Rows& rows) {
  using Key = std::tuple<std::string, std::string, std::vector<std::string>>;
  std::map<Key, tlsrpt::PolicyResult> all;
  for (const auto& [row, count] : rows.rows) {
    auto session = state::reports::decode_session(row);
    if (!session) continue;
    auto& policy = session->policy;
    auto& to = all.try_emplace(Key(policy.type, policy.domain, policy.strings), policy).first->second;
    if (!session->failure) {
      to.successful += count;
      continue;
    }
    to.failed += count;
    session->failure->sessions = count;
    to.failures.push_back(*std::move(session->failure));
  }
  std::vector<tlsrpt::PolicyResult> out;
  for (auto& [key, result] : all) out.push_back(std::move(result));
  return out;
}

std::optional<Document> tls_document(const DocumentFacts& facts, const Tally::Rows& rows) {
  auto report = std::make_shared<tlsrpt::Report>();
  report->organization = facts.organization;
  report->begin = facts.period.begin;
  report->end = last_second(facts.period);
  report->contact = facts.contact;
  report->report_id = facts.report_id;
  report->policies = results_of(rows);
  if (report->policies.empty()) return std::nullopt;
  Document out;
  out.packed = wire::archive::gzip(tlsrpt::write_json(*report));
  out.letter = [facts, report, packed = out.packed](std::string to, std::string message_id) {
    return tls_letter(letter_of(facts, std::move(to), std::move(message_id)), *report, facts.subject.domain, packed);
  };
  return out;
}

}  // namespace

SystemTime last_second(const state::reports::Period& period) { return period.end - std::chrono::seconds(1); }

std::optional<Document> document_of(const DocumentFacts& facts, const Tally::Rows& rows) {
  return facts.subject.stream == Stream::kDmarc ? dmarc_document(facts, rows) : tls_document(facts, rows);
}

}  // namespace veredus::work::reports
