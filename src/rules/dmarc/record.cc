#include "rules/dmarc/record.h"

#include <algorithm>
#include <charconv>
#include <string>
#include <utility>

#include "base/codec/ascii.h"
#include "base/types/result.h"
#include "rules/dkim/tag_list.h"
#include "rules/inquiry/remembered.h"

namespace veredus::rules::dmarc {

namespace codec = base::codec;
using dkim::split_list;
using dkim::TagList;

namespace {

using Parsed = std::expected<void, RecordError>;

enum class Reader : std::uint8_t { kStrict, kForgiving };

/// The tags of a record. Case does not count in their names: RFC 9989 s4.8 has them as ABNF has its strings.
class Tags {
 public:
  static std::expected<Tags, RecordError> read(std::string_view text, Reader reader);

  [[nodiscard]] std::optional<std::string_view> find(std::string_view name) const {
    const auto found = std::ranges::find(tags_, name, [](const auto& tag) { return std::string_view(tag.first); });
    return found == tags_.end() ? std::nullopt : std::optional(found->second);
  }

 private:
  std::vector<std::pair<std::string, std::string_view>> tags_;  // names in lower case
};

std::expected<Tags, RecordError> Tags::read(std::string_view text, Reader reader) {
  constexpr std::size_t kMostTags = 64;
  Tags out;
  const auto pieces = split_list(text, ';');
  for (const auto& piece : pieces) {
    const auto one = TagList::parse(piece);
    const bool good = one && (!one->tags().empty() || &piece == &pieces.back());
    if (!good && reader == Reader::kStrict) return std::unexpected(RecordError::kSyntax);
    if (!good || one->tags().empty()) continue;
    auto name = codec::to_lower_ascii(one->tags().front().name);
    // RFC 6376 s3.2: a name that stands twice spoils the list
    if (out.find(name) || out.tags_.size() == kMostTags) return std::unexpected(RecordError::kSyntax);
    out.tags_.emplace_back(std::move(name), one->tags().front().value);
  }
  return out;
}

std::optional<Policy> policy_of(std::string_view word) {
  for (const auto policy : {Policy::kNone, Policy::kQuarantine, Policy::kReject})
    if (codec::iequals_ascii(word, to_string(policy))) return policy;
  return std::nullopt;
}

std::optional<std::uint64_t> number_of(std::string_view text) {
  std::uint64_t out = 0;
  const auto* const end = text.data() + text.size();
  const auto [stopped, error] = std::from_chars(text.data(), end, out);
  if (text.empty() || stopped != end || error != std::errc()) return std::nullopt;
  return out;
}

/// scheme ":" something, and after the last '!' a size: 1*DIGIT [ "k" / "m" / "g" / "t" ]. Source: RFC 7489 s6.4.
std::optional<ReportTarget> target_of(std::string_view text) {
  ReportTarget out;
  if (const auto mark = text.find('!'); mark != std::string_view::npos) {
    auto size = text.substr(mark + 1);
    text = text.substr(0, mark);
    constexpr std::string_view kUnits = "kmgt";
    std::uint64_t unit = 1;
    if (!size.empty() && !codec::is_digit(size.back())) {
      const auto power = kUnits.find(codec::to_lower_ascii(size.back()));
      if (power == std::string_view::npos) return std::nullopt;
      unit <<= 10 * (power + 1);
      size.remove_suffix(1);
    }
    const auto number = number_of(size);
    if (!number || *number > (1ULL << 20)) return std::nullopt;
    out.most_octets = *number * unit;
  }
  const auto colon = text.find(':');
  if (colon == std::string_view::npos || colon == 0 || colon + 1 == text.size()) return std::nullopt;
  const auto scheme = text.substr(0, colon);
  const bool named = codec::is_alpha(scheme.front()) && std::ranges::all_of(scheme, [](char c) {
                       return codec::is_alpha(c) || codec::is_digit(c) || std::string_view("+-.").contains(c);
                     });
  if (!named || text.find_first_of(" \t\r\n") != std::string_view::npos) return std::nullopt;
  out.uri = text;
  return out;
}

/// Takes what can be used, and tells whether there is anything else.
Parsed read_targets(const Tags& tags, std::string_view name, std::vector<ReportTarget>& out) {
  const auto value = tags.find(name);
  if (!value) return {};
  Parsed parsed;
  for (const auto part : split_list(*value, ',')) {
    if (auto target = target_of(part))
      out.push_back(*std::move(target));
    else
      parsed = std::unexpected(RecordError::kReports);
  }
  return parsed;
}

Parsed read_alignment(const Tags& tags, std::string_view name, Alignment& out) {
  const auto value = tags.find(name);
  if (!value) return {};
  if (codec::iequals_ascii(*value, "s"))
    out = Alignment::kStrict;
  else if (!codec::iequals_ascii(*value, "r"))
    return std::unexpected(RecordError::kAlignment);
  return {};
}

Parsed read_failures(const Tags& tags, FailureOptions& into) {
  const auto value = tags.find("fo");
  if (!value) return {};
  FailureOptions out{.nothing_passes = false};
  for (const auto word : split_list(*value, ':')) {
    if (word == "0")
      out.nothing_passes = true;
    else if (word == "1")
      out.anything_fails = true;
    else if (codec::iequals_ascii(word, "d"))
      out.dkim = true;
    else if (codec::iequals_ascii(word, "s"))
      out.spf = true;
    else
      return std::unexpected(RecordError::kFailures);
  }
  into = out;
  return {};
}

/// Tags of RFC 7489 that RFC 9989 has no use for: told to the record's owner alone.
Parsed check_historic(const Tags& tags) {
  if (const auto value = tags.find("pct")) {
    const auto number = number_of(*value);
    if (!number || *number > 100) return std::unexpected(RecordError::kPercentage);
  }
  if (const auto value = tags.find("ri")) {
    const auto number = number_of(*value);
    if (!number || *number > 0xFFFFFFFFULL) return std::unexpected(RecordError::kPercentage);
  }
  if (const auto value = tags.find("rf")) {
    const auto words = split_list(*value, ':');
    if (std::ranges::find(words, std::string_view()) != words.end()) return std::unexpected(RecordError::kPercentage);
  }
  return {};
}

Parsed read_testing(const Tags& tags, bool& testing) {
  const auto value = tags.find("t");
  if (!value) return {};
  testing = codec::iequals_ascii(*value, "y");
  return testing || codec::iequals_ascii(*value, "n") ? Parsed() : std::unexpected(RecordError::kFlag);
}

Parsed read_public_suffix(const Tags& tags, PublicSuffix& out) {
  const auto value = tags.find("psd");
  if (!value) return {};
  if (codec::iequals_ascii(*value, "y"))
    out = PublicSuffix::kYes;
  else if (codec::iequals_ascii(*value, "n"))
    out = PublicSuffix::kNo;
  else if (!codec::iequals_ascii(*value, "u"))
    return std::unexpected(RecordError::kFlag);
  return {};
}

/// RFC 9989 s4.10.1: without policies that can be read, somebody who wants reports is taken to ask for none.
Parsed read_policies(const Tags& tags, Record& out) {
  const auto read = [&tags](std::string_view name) -> std::expected<std::optional<Policy>, RecordError> {
    const auto value = tags.find(name);
    if (!value) return std::nullopt;
    const auto policy = policy_of(*value);
    if (!policy) return std::unexpected(RecordError::kPolicy);
    return policy;
  };
  const auto policy = read("p");
  const auto subdomains = read("sp");
  const auto nonexistent = read("np");
  if (!policy || !*policy || !subdomains || !nonexistent) {
    out.has_policy = !out.aggregate_reports.empty();
    return out.has_policy ? Parsed() : std::unexpected(RecordError::kPolicy);
  }
  out.policy = **policy;
  out.subdomains = *subdomains;
  out.nonexistent = *nonexistent;
  return {};
}

/// All of them, also behind one that is wrong, which keeps its default; the error is the first.
Parsed read_values(const Tags& tags, Record& out) {
  const Parsed all[] = {read_targets(tags, "rua", out.aggregate_reports),
                        read_targets(tags, "ruf", out.failure_reports),
                        read_alignment(tags, "adkim", out.dkim),
                        read_alignment(tags, "aspf", out.spf),
                        read_failures(tags, out.failures),
                        read_testing(tags, out.testing),
                        read_public_suffix(tags, out.public_suffix),
                        read_policies(tags, out)};
  for (const auto& parsed : all)
    if (!parsed) return parsed;
  return {};
}

}  // namespace

std::string_view to_string(Policy policy) {
  switch (policy) {
    case Policy::kNone:
      return "none";
    case Policy::kQuarantine:
      return "quarantine";
    case Policy::kReject:
      return "reject";
  }
  return "";
}

std::string_view to_string(RecordError error) {
  switch (error) {
    case RecordError::kNotDmarc:
      return "it does not begin with v=DMARC1 and a semicolon";
    case RecordError::kSyntax:
      return "it is no list of tags, or has one twice";
    case RecordError::kPolicy:
      return "it has no policy, and nobody to report to";
    case RecordError::kAlignment:
      return "adkim or aspf is neither r nor s";
    case RecordError::kFailures:
      return "fo is none of 0, 1, d, s";
    case RecordError::kReports:
      return "rua or ruf is no list of URIs";
    case RecordError::kPercentage:
      return "pct, ri or rf is malformed";
    case RecordError::kFlag:
      return "t or psd has no known value";
  }
  return "";
}

/// "v" *WSP "=" *WSP "DMARC1" and ';' or the end.
bool is_dmarc(std::string_view text) {
  const auto first = text.substr(0, text.find(';'));
  const auto sign = first.find('=');
  return codec::istarts_with_ascii(first, "v") && sign != std::string_view::npos &&
         codec::trim_ascii(first.substr(1, sign - 1), " \t").empty() &&
         codec::trim_ascii(first.substr(sign + 1), " \t") == "DMARC1";
}

std::expected<Record, RecordError> parse_record(std::string_view text) {
  if (!is_dmarc(text) || !text.contains(';')) return std::unexpected(RecordError::kNotDmarc);
  VEREDUS_TRY(const auto tags, Tags::read(text, Reader::kStrict));
  VEREDUS_TRY(check_historic(tags));
  Record out;
  if (auto parsed = read_values(tags, out); !parsed) return std::unexpected(parsed.error());
  return out;
}

std::expected<Record, RecordError> read_record(std::string_view text) {
  if (!is_dmarc(text)) return std::unexpected(RecordError::kNotDmarc);
  VEREDUS_TRY(const auto tags, Tags::read(text, Reader::kForgiving));
  Record out;
  static_cast<void>(read_values(tags, out));
  return out;
}

std::shared_ptr<const std::expected<Record, RecordError>> known_record(std::string_view text) {
  thread_local inquiry::Remembered<std::expected<Record, RecordError>> known({.texts = 256, .octets = 512});
  return known.meaning_of(text, read_record);
}

}  // namespace veredus::rules::dmarc
