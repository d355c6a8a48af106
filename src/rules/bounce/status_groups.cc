#include "rules/bounce/status_groups.h"

#include <algorithm>
#include <array>
#include <optional>
#include <utility>

#include "base/codec/ascii.h"
#include "rules/bounce/reply_codes.h"
#include "wire/mime/encoded_word.h"
#include "wire/smtp/xtext.h"

namespace veredus::rules::bounce {
namespace {

using base::codec::iequals_ascii;
using base::codec::trim_ascii;

constexpr std::size_t kMaxGroups = 256;
constexpr std::size_t kMaxValue = 8 * 1024;

/// The fields we read. RFC 3464 s2.2, s2.3
enum class Name : std::uint8_t {
  kNone,
  kEnvelopeId,
  kReportingMta,
  kFinalRecipient,
  kOriginalRecipient,
  kActualRecipient,
  kAction,
  kStatus,
  kRemoteMta,
  kDiagnostic,
  kOther,
};

constexpr std::array kNames = std::to_array<std::pair<std::string_view, Name>>({
    {"Original-Envelope-Id", Name::kEnvelopeId},
    {"Reporting-MTA", Name::kReportingMta},
    {"Final-Recipient", Name::kFinalRecipient},
    {"Original-Recipient", Name::kOriginalRecipient},
    {"X-Actual-Recipient", Name::kActualRecipient},
    {"Action", Name::kAction},
    {"Status", Name::kStatus},
    {"Remote-MTA", Name::kRemoteMta},
    {"Diagnostic-Code", Name::kDiagnostic},
    {"Received-From-MTA", Name::kOther},
    {"Arrival-Date", Name::kOther},
    {"Last-Attempt-Date", Name::kOther},
    {"Will-Retry-Until", Name::kOther},
    {"Final-Log-ID", Name::kOther},
    {"DSN-Gateway", Name::kOther},
});

struct Line {
  Name name = Name::kNone;
  std::string_view value;
};

/// kNone: no field of a report. Unknown fields that look like one are kOther.
Line read_line(std::string_view line) {
  const auto colon = line.find(':');
  if (colon == std::string_view::npos || colon == 0) return {};
  const auto name = trim_ascii(line.substr(0, colon));
  const auto* const known = std::ranges::find_if(kNames, [&](const auto& n) { return iequals_ascii(n.first, name); });
  if (known != kNames.end()) return {known->second, trim_ascii(line.substr(colon + 1))};
  const bool plain = std::ranges::all_of(name, [](char c) { return base::codec::is_alpha(c) || c == '-'; });
  if (plain && base::codec::istarts_with_ascii(name, "X-")) return {Name::kOther, {}};
  return {};
}

/// "dns; mx.example.org (192.0.2.1)" without type and what follows the name.
std::string mta_name(std::string_view value) {
  if (const auto semicolon = value.find(';'); semicolon != std::string_view::npos) value.remove_prefix(semicolon + 1);
  value = trim_ascii(value);
  return std::string(trim_ascii(value.substr(0, value.find_first_of(" \t(,")), ".[]"));
}

void set_diagnostic(StatusGroup& group, std::string_view value) {
  const auto semicolon = value.find(';');
  const auto type = trim_ascii(value.substr(0, semicolon == std::string_view::npos ? 0 : semicolon));
  const bool typed = !type.empty() && type.size() <= 32 && !type.contains(' ');
  group.diagnostic_type = typed ? base::codec::to_lower_ascii(type) : std::string();
  group.diagnostic = trim_ascii(typed ? value.substr(semicolon + 1) : value);
}

/// Collects lines into groups. A group ends where the next one must begin: at an empty line, or at a second recipient.
class Collector {
 public:
  void line(std::string_view text) {
    if (trim_ascii(text).empty()) {
      finish_field();
      finish_group();
      return;
    }
    if ((text.front() == ' ' || text.front() == '\t') && name_ != Name::kNone) {
      value_.append(" ").append(trim_ascii(text));
      return;
    }
    finish_field();
    const Line field = read_line(text);
    const bool again = field.name == Name::kFinalRecipient && !group_.recipient.empty();
    if (field.name == Name::kNone || again) finish_group();
    name_ = field.name;
    value_ = field.value;
  }

  StatusReport finish() {
    finish_field();
    finish_group();
    return std::move(report_);
  }

 private:
  void finish_field() {
    if (name_ != Name::kNone && value_.size() <= kMaxValue) set(wire::mime::decode_header(value_));
    name_ = Name::kNone;
    value_.clear();
  }

  void set(const std::string& value) {
    switch (name_) {
      case Name::kEnvelopeId:
        report_.envelope_id = value;
        break;
      case Name::kReportingMta:
        report_.reporting_mta = mta_name(value);
        break;
      case Name::kFinalRecipient:
        group_.recipient = typed_address(value);
        seen_ = true;
        break;
      case Name::kActualRecipient:
        actual_ = typed_address(value);
        break;
      case Name::kOriginalRecipient:
        group_.original_recipient = typed_address(value);
        break;
      case Name::kAction:
        group_.action = base::codec::to_lower_ascii(value.substr(0, value.find_first_of(" \t(")));
        seen_ = true;
        break;
      case Name::kStatus:
        group_.status = parse_status(value);
        comment_ = value.contains('(') ? value.substr(value.find('(')) : std::string();
        break;
      case Name::kRemoteMta:
        group_.remote_mta = mta_name(value);
        break;
      case Name::kDiagnostic:
        set_diagnostic(group_, value);
        break;
      case Name::kNone:
      case Name::kOther:
        break;
    }
  }

  void finish_group() {
    if (!seen_) return;  // empty lines inside a group are seen too
    if (!group_.recipient.contains('@') && !actual_.empty()) group_.recipient = actual_;
    if (!group_.recipient.contains('@') && !group_.original_recipient.empty())
      group_.recipient = group_.original_recipient;
    if (!comment_.empty()) group_.diagnostic.append(group_.diagnostic.empty() ? "" : " ").append(comment_);
    if (report_.groups.size() < kMaxGroups) report_.groups.push_back(std::move(group_));
    group_ = {};
    actual_.clear();
    comment_.clear();
    seen_ = false;
  }

  StatusReport report_;
  StatusGroup group_;
  std::string actual_;
  std::string comment_;  // "5.2.1 (mailbox disabled)"
  bool seen_ = false;
  Name name_ = Name::kNone;
  std::string value_;
};

std::string_view without_quote_marks(std::string_view line) {
  while (line.starts_with('>')) {
    line.remove_prefix(1);
    if (line.starts_with(' ')) line.remove_prefix(1);
  }
  return line;
}

}  // namespace

StatusReport read_status(std::string_view text) {
  Collector collector;
  while (!text.empty()) {
    const auto end = std::min(text.find('\n'), text.size());
    std::string_view line = text.substr(0, end);
    if (line.ends_with('\r')) line.remove_suffix(1);
    collector.line(without_quote_marks(line));
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return collector.finish();
}

std::string typed_address(std::string_view value) {
  value = trim_ascii(value);
  if (const auto semicolon = value.find(';'); semicolon != std::string_view::npos && semicolon <= 16)
    value = trim_ascii(value.substr(semicolon + 1));
  if (const auto open = value.find('<');
      open != std::string_view::npos && value.find('>', open) != std::string_view::npos)
    value = value.substr(open + 1, value.find('>', open) - open - 1);
  if (!value.starts_with('"')) value = value.substr(0, value.find_first_of(" \t("));
  const std::string address(trim_ascii(value, " \t<>,;"));
  if (!address.contains("\\x{")) return address;
  return wire::smtp::utf8_addr_decode(address).value_or(address);
}

}  // namespace veredus::rules::bounce
