#include "state/reports/rows.h"

#include <utility>

#include "base/types/bytes.h"

namespace veredus::state::reports {

using rules::aggregate::DkimResult;
using rules::aggregate::Reason;
using rules::aggregate::Record;
using rules::aggregate::SpfResult;
using rules::dmarc::ReportTarget;
using rules::tlsrpt::Failure;

namespace {

constexpr std::uint8_t kVersion = 1;

/// Writes and reads in one description: `visit(archive, value)` for each kind of value, so that both cannot differ.
class Writing {
 public:
  Writing() { put_be(out_, kVersion); }
  void text(const std::string& value) { put_string(out_, value); }
  void number(const std::uint64_t& value) { put_varint(out_, value); }
  void flag(const bool& value) { put_varint(out_, value ? 1 : 0); }
  template <class T, class Visit>
  void list(const std::vector<T>& values, Visit visit) {
    put_varint(out_, values.size());
    for (const auto& value : values) visit(*this, value);
  }
  [[nodiscard]] std::string take() { return std::move(out_); }

 private:
  std::string out_;
};

class Reading {
 public:
  explicit Reading(std::string_view octets) : in_(octets) { good_ = in_.take_be<std::uint8_t>() == kVersion; }
  void text(std::string& value) {
    const auto read = good_ ? in_.take_string() : std::nullopt;
    if (read)
      value = *read;
    else
      good_ = false;
  }
  void number(std::uint64_t& value) {
    const auto read = good_ ? in_.take_varint() : std::nullopt;
    if (read)
      value = *read;
    else
      good_ = false;
  }
  void flag(bool& value) {
    std::uint64_t read = 0;
    number(read);
    if (read > 1) good_ = false;
    value = read == 1;
  }
  template <class T, class Visit>
  void list(std::vector<T>& values, Visit visit) {
    std::uint64_t size = 0;
    number(size);
    if (size > in_.rest().size()) good_ = false;  // each takes an octet at least
    for (std::uint64_t i = 0; good_ && i < size; ++i) visit(*this, values.emplace_back());
  }
  [[nodiscard]] bool good() const { return good_ && in_.empty(); }

 private:
  ByteReader in_;
  bool good_ = true;
};

/// As `Value` for reading, as `const Value` for writing.
template <class Archive, class Value>
using For = std::conditional_t<std::is_same_v<Archive, Writing>, const Value, Value>;

constexpr auto kText = [](auto& archive, auto& value) { archive.text(value); };

template <class Archive>
void visit_time(Archive& archive, For<Archive, SystemTime>& value) {
  auto count = static_cast<std::uint64_t>(value.time_since_epoch().count());
  archive.number(count);
  if constexpr (std::is_same_v<Archive, Reading>)
    value = SystemTime(std::chrono::milliseconds(static_cast<std::int64_t>(count)));
}

template <class Archive>
void visit_number32(Archive& archive, For<Archive, std::uint32_t>& value) {
  std::uint64_t wide = value;
  archive.number(wide);
  if constexpr (std::is_same_v<Archive, Reading>) value = static_cast<std::uint32_t>(wide);
}

template <class Archive>
void visit(Archive& archive, For<Archive, Record>& record) {
  for (auto* text : {&record.source_ip, &record.disposition, &record.dkim, &record.spf, &record.header_from,
                     &record.envelope_from, &record.envelope_to})
    archive.text(*text);
  archive.list(record.reasons, [](auto& to, For<Archive, Reason>& reason) {
    to.text(reason.type);
    to.text(reason.comment);
  });
  archive.list(record.dkim_results, [](auto& to, For<Archive, DkimResult>& result) {
    for (auto* text : {&result.domain, &result.selector, &result.result, &result.human}) to.text(*text);
  });
  archive.list(record.spf_results, [](auto& to, For<Archive, SpfResult>& result) {
    for (auto* text : {&result.domain, &result.scope, &result.result, &result.human}) to.text(*text);
  });
}

template <class Archive>
void visit(Archive& archive, For<Archive, AskedFor>& asked) {
  auto& policy = asked.policy;
  for (auto* text : {&policy.domain, &policy.discovery_method, &policy.policy, &policy.subdomains, &policy.nonexistent,
                     &policy.failures, &policy.dkim, &policy.spf, &policy.testing, &asked.organizational_domain})
    archive.text(*text);
  archive.list(asked.targets, [](auto& to, For<Archive, ReportTarget>& target) {
    to.text(target.uri);
    std::uint64_t most = target.most_octets.value_or(0);
    bool limited = target.most_octets.has_value();
    to.flag(limited);
    to.number(most);
    if constexpr (std::is_same_v<Archive, Reading>) target.most_octets = limited ? std::optional(most) : std::nullopt;
  });
}

template <class Archive>
void visit(Archive& archive, For<Archive, SessionRow>& row) {
  archive.text(row.policy.type);
  archive.text(row.policy.domain);
  archive.list(row.policy.strings, kText);
  archive.list(row.policy.mx_hosts, kText);
  bool failed = row.failure.has_value();
  archive.flag(failed);
  if (!failed) return;
  if constexpr (std::is_same_v<Archive, Reading>) row.failure.emplace();
  auto& failure = *row.failure;
  for (auto* text : {&failure.result_type, &failure.sending_address, &failure.receiving_host, &failure.receiving_hello,
                     &failure.receiving_address, &failure.additional_information, &failure.reason})
    archive.text(*text);
}

template <class Archive>
void visit(Archive& archive, For<Archive, Summary>& summary) {
  auto kind = static_cast<std::uint64_t>(summary.kind);
  archive.number(kind);
  if constexpr (std::is_same_v<Archive, Reading>)
    summary.kind = static_cast<rules::reportmail::Kind>(static_cast<std::uint8_t>(kind));
  visit_time(archive, summary.received);
  for (auto* text : {&summary.organization, &summary.report_id, &summary.domain}) archive.text(*text);
  visit_time(archive, summary.begin);
  visit_time(archive, summary.end);
  archive.text(summary.policy);
  archive.number(summary.total);
  archive.number(summary.passed);
  archive.list(summary.sources, [](auto& to, For<Archive, Source>& source) {
    to.text(source.name);
    to.text(source.detail);
    for (auto* number :
         {&source.count, &source.passed, &source.dkim, &source.spf, &source.rejected, &source.quarantined})
      to.number(*number);
  });
  archive.text(summary.author);
  archive.text(summary.authenticated);
  archive.number(summary.octets);
  visit_number32(archive, summary.chunks);
}

template <class Value>
std::string encode(const Value& value) {
  Writing out;
  visit(out, value);
  return out.take();
}

template <class Value>
std::optional<Value> decode(std::string_view octets) {
  Reading in(octets);
  Value out;
  visit(in, out);
  return in.good() ? std::optional(std::move(out)) : std::nullopt;
}

}  // namespace

std::string encode_record(const Record& record) { return encode(record); }
std::optional<Record> decode_record(std::string_view octets) { return decode<Record>(octets); }

std::string encode_policy(const AskedFor& asked) { return encode(asked); }
std::optional<AskedFor> decode_policy(std::string_view octets) { return decode<AskedFor>(octets); }

std::string encode_session(const SessionRow& row) { return encode(row); }
std::optional<SessionRow> decode_session(std::string_view octets) { return decode<SessionRow>(octets); }

std::string encode_summary(const Summary& summary) { return encode(summary); }
std::optional<Summary> decode_summary(std::string_view octets) {
  auto out = decode<Summary>(octets);
  const bool known =
      out && (out->kind == rules::reportmail::Kind::kAggregate || out->kind == rules::reportmail::Kind::kTls ||
              out->kind == rules::reportmail::Kind::kFailure);
  return known ? std::move(out) : std::nullopt;
}

}  // namespace veredus::state::reports
