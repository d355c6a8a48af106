#include "rules/mtasts/policy.h"

#include <algorithm>
#include <charconv>
#include <optional>

#include "base/codec/ascii.h"
#include "base/codec/field_list.h"
#include "base/codec/utf8.h"

namespace veredus::rules::mtasts {
namespace {

using namespace base::codec;

constexpr std::size_t kMaxDomain = 253;
constexpr std::size_t kMaxLabel = 63;
constexpr std::size_t kMaxAgeDigits = 10;

bool is_label(std::string_view label) {
  if (label.empty() || label.size() > kMaxLabel || label.front() == '-' || label.back() == '-') return false;
  return std::ranges::all_of(label, [](char c) { return is_alpha(c) || is_digit(c) || c == '-'; });
}

/// RFC 5321 s4.1.2: Domain, in A-labels.
bool is_domain(std::string_view name) {
  if (name.empty() || name.size() > kMaxDomain) return false;
  while (true) {
    const auto dot = name.find('.');
    if (!is_label(name.substr(0, dot))) return false;
    if (dot == std::string_view::npos) return true;
    name.remove_prefix(dot + 1);
  }
}

/// RFC 8461 s3.2: sts-policy-ext-value: visible octets and UTF-8, spaces only between them.
bool is_value(std::string_view value) {
  if (value.empty() || !is_valid_utf8(value)) return false;
  return std::ranges::none_of(value, [](char c) { return (c >= 0 && c < ' ') || c == 127; });
}

std::optional<Mode> mode_of(std::string_view value) {
  if (value == "none") return Mode::kNone;
  if (value == "testing") return Mode::kTesting;
  if (value == "enforce") return Mode::kEnforce;
  return std::nullopt;
}

std::optional<std::chrono::seconds> max_age_of(std::string_view value) {
  if (value.size() > kMaxAgeDigits || !std::ranges::all_of(value, is_digit)) return std::nullopt;
  std::int64_t seconds = 0;
  const auto [end, error] = std::from_chars(value.data(), value.data() + value.size(), seconds);
  if (error != std::errc() || end != value.data() + value.size()) return std::nullopt;
  return std::min(std::chrono::seconds(seconds), kMaxAge);
}

/// Takes the fields one after the other.
class Reader {
 public:
  std::expected<void, PolicyError> take_line(std::string_view line);
  std::expected<Policy, PolicyError> finish() &&;

 private:
  std::expected<void, PolicyError> take(std::string_view name, std::string_view value);

  Policy policy_;
  bool version_ = false;
  std::optional<Mode> mode_;
  std::optional<std::chrono::seconds> max_age_;
};

std::expected<void, PolicyError> Reader::take_line(std::string_view line) {
  const auto colon = line.find(':');
  if (colon == std::string_view::npos) return std::unexpected(PolicyError::kSyntax);
  const auto name = line.substr(0, colon);
  const auto value = trim_ascii(line.substr(colon + 1), " \t");
  if (!is_field_name(name) || !is_value(value)) return std::unexpected(PolicyError::kSyntax);
  return take(name, value);
}

std::expected<void, PolicyError> Reader::take(std::string_view name, std::string_view value) {
  if (name == "version") {
    if (!version_ && value != "STSv1") return std::unexpected(PolicyError::kVersion);
    version_ = true;
  } else if (name == "mode") {
    const auto mode = mode_of(value);
    if (!mode_ && !mode) return std::unexpected(PolicyError::kMode);
    if (!mode_) mode_ = mode;
  } else if (name == "max_age") {
    const auto max_age = max_age_of(value);
    if (!max_age_ && !max_age) return std::unexpected(PolicyError::kMaxAge);
    if (!max_age_) max_age_ = max_age;
  } else if (name == "mx") {
    if (policy_.mx.size() == kMaxPatterns) return std::unexpected(PolicyError::kTooManyMx);
    if (!is_domain(value.starts_with("*.") ? value.substr(2) : value)) return std::unexpected(PolicyError::kMx);
    policy_.mx.push_back(to_lower_ascii(value));
  }
  return {};
}

std::expected<Policy, PolicyError> Reader::finish() && {
  if (!version_) return std::unexpected(PolicyError::kVersion);
  if (!mode_) return std::unexpected(PolicyError::kMode);
  if (!max_age_) return std::unexpected(PolicyError::kMaxAge);
  if (policy_.mx.empty() && *mode_ != Mode::kNone) return std::unexpected(PolicyError::kNoMx);
  policy_.mode = *mode_;
  policy_.max_age = *max_age_;
  return std::move(policy_);
}

}  // namespace

std::string_view to_string(Mode mode) {
  switch (mode) {
    case Mode::kNone:
      return "none";
    case Mode::kTesting:
      return "testing";
    case Mode::kEnforce:
      return "enforce";
  }
  return "unknown";
}

std::string_view to_string(PolicyError error) {
  switch (error) {
    case PolicyError::kTooLong:
      return "the policy is too long";
    case PolicyError::kSyntax:
      return "the policy has a line that is no field";
    case PolicyError::kVersion:
      return "the policy is not of version STSv1";
    case PolicyError::kMode:
      return "the policy has no mode that is known";
    case PolicyError::kMaxAge:
      return "the policy has no max_age that is a number";
    case PolicyError::kMx:
      return "the policy has an mx that is no domain";
    case PolicyError::kNoMx:
      return "the policy names no mail host";
    case PolicyError::kTooManyMx:
      return "the policy names too many mail hosts";
  }
  return "unknown";
}

bool Policy::lists(std::string_view host) const {
  if (host.ends_with('.')) host.remove_suffix(1);
  const auto dot = host.find('.');
  // RFC 8461 s4.1, RFC 6125 s6.4: "*" stands for one label, the whole of the first.
  const auto parent = dot == std::string_view::npos || dot == 0 ? std::string_view() : host.substr(dot);
  return std::ranges::any_of(mx, [&](std::string_view pattern) {
    if (!pattern.starts_with("*.")) return iequals_ascii(pattern, host);
    return !parent.empty() && iequals_ascii(pattern.substr(1), parent);
  });
}

std::expected<Policy, PolicyError> parse_policy(std::string_view text) {
  if (text.size() > kMaxPolicyOctets) return std::unexpected(PolicyError::kTooLong);
  Reader reader;
  while (!text.empty()) {
    const auto end = text.find('\n');
    auto line = text.substr(0, end);
    text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
    if (line.ends_with('\r') && end != std::string_view::npos) line.remove_suffix(1);
    // An empty last line is what editors leave; in between the grammar has none.
    if (line.empty() && text.empty()) break;
    if (auto taken = reader.take_line(line); !taken) return std::unexpected(taken.error());
  }
  return std::move(reader).finish();
}

std::vector<std::string> lines_of(const Policy& policy) {
  std::vector<std::string> lines = {"version: STSv1", "mode: " + std::string(to_string(policy.mode))};
  for (const auto& pattern : policy.mx) lines.push_back("mx: " + pattern);
  lines.push_back("max_age: " + std::to_string(policy.max_age.count()));
  return lines;
}

std::string to_text(const Policy& policy) {
  std::string text;
  for (const auto& line : lines_of(policy)) text += line + "\r\n";
  return text;
}

}  // namespace veredus::rules::mtasts
