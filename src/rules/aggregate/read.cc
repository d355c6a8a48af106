#include <expat.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <limits>
#include <memory>
#include <optional>
#include <utility>

#include "base/codec/ascii.h"
#include "base/types/result.h"
#include "rules/aggregate/report.h"

namespace veredus::rules::aggregate {
namespace {

std::optional<std::uint64_t> number_of(std::string_view text) {
  std::uint64_t out = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), out);
  if (text.empty() || error != std::errc{}) return std::nullopt;
  // Some write seconds with a fraction.
  const std::string_view rest(end, static_cast<std::size_t>(text.data() + text.size() - end));
  return rest.empty() || rest.front() == '.' ? std::optional(out) : std::nullopt;
}

/// The name an element has within its name space, if it has one.
std::string_view local_name(std::string_view name) {
  const auto colon = name.rfind(':');
  return colon == std::string_view::npos ? name : name.substr(colon + 1);
}

/// Takes what expat sees and fills a report. Where an element stands is told by the names of those around it.
class Reader {
 public:
  Reader(XML_Parser parser, const Limits& limits) : parser_(parser), limits_(limits) {}

  void begin(std::string_view name);
  void end();
  void text(std::string_view octets);
  void stop(ReadError error) {
    if (!error_) error_ = error;
    XML_StopParser(parser_, XML_FALSE);
  }
  [[nodiscard]] std::optional<ReadError> error() const { return error_; }
  std::expected<Report, ReadError> finish();

 private:
  [[nodiscard]] std::string_view around(std::size_t steps) const {
    return path_.size() > steps ? std::string_view(path_[path_.size() - 1 - steps]) : std::string_view();
  }
  void keep(std::string_view name, std::string_view parent);
  void keep_metadata(std::string_view name);
  void keep_policy(std::string_view name);
  void keep_row(std::string_view name, std::string_view parent);
  void keep_result(std::string_view name, std::string_view parent);
  void begin_part(std::string_view name);

  XML_Parser parser_;
  const Limits& limits_;
  std::vector<std::string> path_;
  std::string text_;
  std::size_t elements_ = 0;
  std::size_t results_ = 0;  // of all records
  Report report_;
  bool has_begin_ = false;
  bool has_end_ = false;
  bool has_count_ = true;
  std::optional<ReadError> error_;
};

void Reader::begin(std::string_view name) {
  if (error_) return;  // expat may go on a little
  name = local_name(name);
  if (++elements_ > limits_.elements) return stop(ReadError::kElements);
  if (path_.size() >= limits_.depth) return stop(ReadError::kDepth);
  if (path_.empty() && name != "feedback") return stop(ReadError::kNoReport);
  text_.clear();
  begin_part(name);
  path_.emplace_back(name);
}

/// What may stand several times gets its place when it begins.
void Reader::begin_part(std::string_view name) {
  const auto parent = around(0);
  if (parent == "feedback" && name == "record") {
    if (!has_count_) return stop(ReadError::kRecord);
    if (report_.records.size() >= limits_.records) return stop(ReadError::kRecords);
    report_.records.emplace_back();
    has_count_ = false;
    return;
  }
  if (report_.records.empty()) return;
  const auto add = [this](auto& results) {
    if (results.size() >= limits_.results) return;
    if (++results_ > limits_.all_results) return stop(ReadError::kResults);
    results.emplace_back();
  };
  Record& record = report_.records.back();
  if (parent == "policy_evaluated" && name == "reason") add(record.reasons);
  if (parent == "auth_results" && name == "dkim") add(record.dkim_results);
  if (parent == "auth_results" && name == "spf") add(record.spf_results);
}

void Reader::text(std::string_view octets) {
  if (error_) return;
  if (text_.size() + octets.size() > limits_.text_octets) {
    // White space between elements is no text.
    if (octets.find_first_not_of(" \t\r\n") == std::string_view::npos) return;
    return stop(ReadError::kText);
  }
  text_.append(octets);
}

void Reader::end() {
  if (error_) return;
  const std::string name = std::move(path_.back());
  path_.pop_back();
  text_ = std::string(base::codec::trim_ascii(text_));
  if (!text_.empty()) keep(name, around(0));
  text_.clear();
}

void Reader::keep(std::string_view name, std::string_view parent) {
  if (parent == "feedback" && name == "version") report_.version = std::move(text_);
  if (parent == "report_metadata" || parent == "date_range") return keep_metadata(name);
  if (parent == "policy_published") return keep_policy(name);
  if (report_.records.empty()) return;
  if (parent == "row" || parent == "policy_evaluated" || parent == "reason" || parent == "identifiers")
    return keep_row(name, parent);
  if (around(1) == "auth_results") keep_result(name, parent);
}

void Reader::keep_metadata(std::string_view name) {
  Metadata& to = report_.metadata;
  if (name == "begin" || name == "end") {
    const auto at = number_of(text_);
    constexpr std::uint64_t kFarthest = 253'402'300'799;  // the last second of the year 9999
    if (!at || *at > kFarthest) return stop(ReadError::kMetadata);
    (name == "begin" ? to.begin : to.end) = SystemTime(std::chrono::seconds(*at));
    (name == "begin" ? has_begin_ : has_end_) = true;
    return;
  }
  if (name == "error") {
    if (to.errors.size() < limits_.results) to.errors.push_back(std::move(text_));
    return;
  }
  const std::pair<std::string_view, std::string*> fields[] = {{"org_name", &to.organization},
                                                              {"email", &to.email},
                                                              {"extra_contact_info", &to.extra_contact},
                                                              {"report_id", &to.report_id},
                                                              {"generator", &to.generator}};
  for (const auto& [field, target] : fields)
    if (field == name) *target = std::move(text_);
}

void Reader::keep_policy(std::string_view name) {
  PublishedPolicy& to = report_.policy;
  const std::pair<std::string_view, std::string*> fields[] = {
      {"domain", &to.domain},   {"discovery_method", &to.discovery_method},
      {"p", &to.policy},        {"sp", &to.subdomains},
      {"np", &to.nonexistent},  {"fo", &to.failures},
      {"adkim", &to.dkim},      {"aspf", &to.spf},
      {"testing", &to.testing}, {"pct", &to.percentage}};
  for (const auto& [field, target] : fields)
    if (field == name) *target = std::move(text_);
}

void Reader::keep_row(std::string_view name, std::string_view parent) {
  Record& to = report_.records.back();
  if (parent == "row" && name == "count") {
    const auto count = number_of(text_);
    if (!count) return stop(ReadError::kRecord);
    to.count = *count;
    has_count_ = true;
    return;
  }
  if (parent == "reason" && to.reasons.empty()) return;
  struct Target {
    std::string_view parent, name;
    std::string* text;
  };
  Reason none;
  Reason& reason = to.reasons.empty() ? none : to.reasons.back();
  const Target fields[] = {{"row", "source_ip", &to.source_ip},
                           {"policy_evaluated", "disposition", &to.disposition},
                           {"policy_evaluated", "dkim", &to.dkim},
                           {"policy_evaluated", "spf", &to.spf},
                           {"reason", "type", &reason.type},
                           {"reason", "comment", &reason.comment},
                           {"identifiers", "header_from", &to.header_from},
                           {"identifiers", "envelope_from", &to.envelope_from},
                           {"identifiers", "envelope_to", &to.envelope_to}};
  for (const auto& field : fields)
    if (field.parent == parent && field.name == name) *field.text = std::move(text_);
}

void Reader::keep_result(std::string_view name, std::string_view parent) {
  Record& record = report_.records.back();
  const auto put = [&](auto& to, std::string_view third, std::string& special) {
    if (name == "domain") to.domain = std::move(text_);
    if (name == "result") to.result = std::move(text_);
    if (name == "human_result") to.human = std::move(text_);
    if (name == third) special = std::move(text_);
  };
  if (parent == "dkim" && !record.dkim_results.empty())
    put(record.dkim_results.back(), "selector", record.dkim_results.back().selector);
  if (parent == "spf" && !record.spf_results.empty())
    put(record.spf_results.back(), "scope", record.spf_results.back().scope);
}

std::expected<Report, ReadError> Reader::finish() {
  const Metadata& metadata = report_.metadata;
  if (metadata.organization.empty() || metadata.report_id.empty() || !has_begin_ || !has_end_ ||
      metadata.end < metadata.begin)
    return std::unexpected(ReadError::kMetadata);
  if (report_.policy.domain.empty()) return std::unexpected(ReadError::kPolicy);
  const bool all_have_sources = std::ranges::none_of(report_.records, &std::string::empty, &Record::source_ip);
  if (!has_count_ || !all_have_sources) return std::unexpected(ReadError::kRecord);
  return std::move(report_);
}

// What expat calls: names are its own.
void XMLCALL on_begin(void* reader, const XML_Char* name, const XML_Char** /*attributes*/) {
  static_cast<Reader*>(reader)->begin(name);
}
void XMLCALL on_end(void* reader, const XML_Char* /*name*/) { static_cast<Reader*>(reader)->end(); }
void XMLCALL on_text(void* reader, const XML_Char* octets, int size) {
  static_cast<Reader*>(reader)->text({octets, static_cast<std::size_t>(size)});
}
/// Entities are how a few octets become gigabytes, and how a reader is made to open files.
void XMLCALL on_entity(void* reader, const XML_Char* /*name*/, int /*is_parameter*/, const XML_Char* /*value*/,
                       int /*size*/, const XML_Char* /*base*/, const XML_Char* /*system*/, const XML_Char* /*publ*/,
                       const XML_Char* /*notation*/) {
  static_cast<Reader*>(reader)->stop(ReadError::kEntities);
}

}  // namespace

std::string_view to_string(ReadError error) {
  switch (error) {
    case ReadError::kXml:
      return "no well-formed XML";
    case ReadError::kEntities:
      return "XML with entities of its own";
    case ReadError::kDepth:
      return "XML nested too deeply";
    case ReadError::kElements:
      return "XML with too many elements";
    case ReadError::kText:
      return "XML with too long a text";
    case ReadError::kRecords:
      return "a report with too many records";
    case ReadError::kResults:
      return "a report with too many results";
    case ReadError::kNoReport:
      return "XML that is no aggregate report";
    case ReadError::kMetadata:
      return "a report that does not say whose it is, or of which time";
    case ReadError::kPolicy:
      return "a report that does not say about which domain";
    case ReadError::kRecord:
      return "a report with a record without address or count";
  }
  return "";
}

std::expected<Report, ReadError> read_xml(std::string_view document, const Limits& limits) {
  if (document.size() > static_cast<std::size_t>(std::numeric_limits<int>::max()))
    return std::unexpected(ReadError::kElements);
  const std::unique_ptr<XML_ParserStruct, decltype(&XML_ParserFree)> parser(XML_ParserCreate(nullptr), &XML_ParserFree);
  VEREDUS_CHECK(parser != nullptr);  // else: no memory
  Reader reader(parser.get(), limits);
  XML_SetUserData(parser.get(), &reader);
  XML_SetElementHandler(parser.get(), on_begin, on_end);
  XML_SetCharacterDataHandler(parser.get(), on_text);
  XML_SetEntityDeclHandler(parser.get(), on_entity);
  const auto parsed = XML_Parse(parser.get(), document.data(), static_cast<int>(document.size()), XML_TRUE);
  if (reader.error()) return std::unexpected(*reader.error());
  if (parsed != XML_STATUS_OK) return std::unexpected(ReadError::kXml);
  return reader.finish();
}

}  // namespace veredus::rules::aggregate
