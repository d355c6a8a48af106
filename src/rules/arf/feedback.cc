#include "rules/arf/feedback.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <utility>

#include "base/codec/ascii.h"
#include "base/codec/base64.h"
#include "base/codec/date.h"
#include "wire/mime/encoded_word.h"
#include "wire/mime/header_block.h"
#include "wire/mime/message.h"

namespace veredus::rules::arf {
namespace {

using base::codec::iequals_ascii;
using base::codec::trim_ascii;

constexpr std::size_t kMaxValues = 100;
constexpr std::size_t kMaxValueOctets = 64 * 1024;

template <class Word>
struct Named {
  std::string_view word;
  Word value;
};

template <class Word, std::size_t N>
Word by_word(const std::array<Named<Word>, N>& names, std::string_view word, Word otherwise) {
  const auto* const found = std::ranges::find_if(names, [&](const auto& n) { return iequals_ascii(n.word, word); });
  return found == names.end() ? otherwise : found->value;
}

template <class Word, std::size_t N>
std::string_view word_of(const std::array<Named<Word>, N>& names, Word value) {
  const auto* const found = std::ranges::find(names, value, &Named<Word>::value);
  return found == names.end() ? std::string_view("unspecified") : found->word;
}

constexpr std::array kTypes = std::to_array<Named<FeedbackType>>({
    {"abuse", FeedbackType::kAbuse},
    {"fraud", FeedbackType::kFraud},
    {"virus", FeedbackType::kVirus},
    {"not-spam", FeedbackType::kNotSpam},  // RFC 6430
    {"opt-out", FeedbackType::kOptOut},
    {"auth-failure", FeedbackType::kAuthFailure},  // RFC 6591
    {"other", FeedbackType::kOther},
});

constexpr std::array kAuthFailures = std::to_array<Named<AuthFailure>>({
    // RFC 6591 s3.3, RFC 7489 s7.3.1
    {"adsp", AuthFailure::kAdsp},
    {"bodyhash", AuthFailure::kBodyHash},
    {"revoked", AuthFailure::kRevoked},
    {"signature", AuthFailure::kSignature},
    {"spf", AuthFailure::kSpf},
    {"dmarc", AuthFailure::kDmarc},
});

constexpr std::array kResults = std::to_array<Named<DeliveryResult>>({
    // RFC 6591 s3.2.2
    {"delivered", DeliveryResult::kDelivered},
    {"spam", DeliveryResult::kSpam},
    {"policy", DeliveryResult::kPolicy},
    {"reject", DeliveryResult::kReject},
    {"other", DeliveryResult::kOther},
});

constexpr std::array kAlignments = std::to_array<Named<IdentityAlignment>>({
    // RFC 7489 s7.3.1
    {"none", IdentityAlignment::kNone},
    {"spf", IdentityAlignment::kSpf},
    {"dkim", IdentityAlignment::kDkim},
    {"dkim, spf", IdentityAlignment::kDkimSpf},
    {"dkim,spf", IdentityAlignment::kDkimSpf},
    {"spf, dkim", IdentityAlignment::kDkimSpf},
    {"spf,dkim", IdentityAlignment::kDkimSpf},
});

std::string bare_address(std::string_view value) {
  value = trim_ascii(value);
  if (value.starts_with('<') && value.ends_with('>')) value = value.substr(1, value.size() - 2);
  return std::string(value);
}

/// "dns; mail.example.com" without its type. RFC 3464 s2.1.2
std::string typed_value(std::string_view value) {
  const auto semicolon = value.find(';');
  return std::string(trim_ascii(semicolon == std::string_view::npos ? value : value.substr(semicolon + 1)));
}

unsigned number(std::string_view value, unsigned otherwise) {
  unsigned out = 0;
  const auto result = std::from_chars(value.data(), value.data() + value.size(), out);
  return result.ec == std::errc{} ? out : otherwise;
}

bool is_ip_address(std::string_view word) {
  const auto is_hex = [](char c) {
    return base::codec::is_digit(c) || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F');
  };
  const auto dots = std::ranges::count(word, '.');
  const auto colons = std::ranges::count(word, ':');
  if (word.empty() || word.size() > 45) return false;
  if (colons == 0)
    return dots == 3 && std::ranges::all_of(word, [](char c) { return base::codec::is_digit(c) || c == '.'; });
  return colons >= 2 && std::ranges::all_of(word, [&](char c) { return is_hex(c) || c == ':' || c == '.'; });
}

/// The first word of Source-IP: some add the host's name in parentheses, some brackets or "IPv6:".
std::string source_address(std::string_view value) {
  std::string_view word = trim_ascii(value.substr(0, value.find_first_of(" \t(")), "[]");
  if (base::codec::istarts_with_ascii(word, "IPv6:")) word.remove_prefix(5);
  return is_ip_address(word) ? std::string(word) : std::string();
}

/// base64 over several lines; as it came when it is none.
std::string base64_value(std::string_view value) {
  std::string packed;
  std::ranges::copy_if(value, std::back_inserter(packed),
                       [](char c) { return !std::string_view(" \t\r\n").contains(c); });
  while (packed.size() % 4 != 0) packed.push_back('=');
  auto decoded = base::codec::base64_decode(packed);
  return decoded ? std::move(*decoded) : std::string(value);
}

void add(std::vector<std::string>& list, std::string value) {
  if (list.size() < kMaxValues && !value.empty()) list.push_back(std::move(value));
}

std::optional<SystemTime> date_of(std::string_view value) {
  const auto date = base::codec::parse_rfc5322_date(value);
  if (!date) return std::nullopt;
  return date->time;
}

using Reader = void (*)(Feedback&, std::string_view);

/// RFC 5965 s3.1, s3.2; RFC 6591 s3.2, s3.3; RFC 6692.
constexpr std::array kFields = std::to_array<std::pair<std::string_view, Reader>>({
    {"Feedback-Type",
     [](Feedback& f, std::string_view v) {
       f.type_word = v;
       f.type = by_word(kTypes, v, FeedbackType::kOther);
     }},
    {"User-Agent", [](Feedback& f, std::string_view v) { f.user_agent = v; }},
    {"Version", [](Feedback& f, std::string_view v) { f.version = number(v, 0); }},
    {"Incidents", [](Feedback& f, std::string_view v) { f.incidents = number(v, 1); }},
    {"Arrival-Date", [](Feedback& f, std::string_view v) { f.arrival = date_of(v); }},
    {"Received-Date", [](Feedback& f, std::string_view v) { f.arrival = f.arrival ? f.arrival : date_of(v); }},
    {"Authentication-Results", [](Feedback& f, std::string_view v) { add(f.authentication_results, std::string(v)); }},
    {"Original-Envelope-Id", [](Feedback& f, std::string_view v) { f.original_envelope_id = v; }},
    {"Original-Mail-From", [](Feedback& f, std::string_view v) { f.original_mail_from = bare_address(v); }},
    {"Original-Rcpt-To", [](Feedback& f, std::string_view v) { add(f.original_recipients, bare_address(v)); }},
    {"Removal-Recipient",
     [](Feedback& f, std::string_view v) {
       if (f.original_recipients.empty()) add(f.original_recipients, bare_address(v));
     }},
    {"Reported-Domain", [](Feedback& f, std::string_view v) { add(f.reported_domains, std::string(v)); }},
    {"Reported-URI", [](Feedback& f, std::string_view v) { add(f.reported_uris, std::string(v)); }},
    {"Reporting-MTA", [](Feedback& f, std::string_view v) { f.reporting_mta = typed_value(v); }},
    {"Source-IP", [](Feedback& f, std::string_view v) { f.source_ip = source_address(v); }},
    {"Source-Port", [](Feedback& f, std::string_view v) { f.source_port = static_cast<std::uint16_t>(number(v, 0)); }},
    {"Auth-Failure",
     [](Feedback& f, std::string_view v) { f.auth_failure = by_word(kAuthFailures, v, AuthFailure::kUnspecified); }},
    {"Delivery-Result",
     [](Feedback& f, std::string_view v) { f.delivery_result = by_word(kResults, v, DeliveryResult::kUnspecified); }},
    {"Identity-Alignment",
     [](Feedback& f,
        std::string_view v) { f.identity_alignment = by_word(kAlignments, v, IdentityAlignment::kUnspecified); }},
    {"DKIM-Domain", [](Feedback& f, std::string_view v) { f.dkim_domain = v; }},
    {"DKIM-Identity", [](Feedback& f, std::string_view v) { f.dkim_identity = v; }},
    {"DKIM-Selector", [](Feedback& f, std::string_view v) { f.dkim_selector = v; }},
    {"DKIM-Selector-DNS", [](Feedback& f, std::string_view v) { f.dkim_selector_dns = v; }},
    {"DKIM-ADSP-DNS", [](Feedback& f, std::string_view v) { f.dkim_adsp_dns = v; }},
    {"DKIM-Canonicalized-Header",
     [](Feedback& f, std::string_view v) { f.dkim_canonicalized_header = base64_value(v); }},
    {"DKIM-Canonicalized-Body", [](Feedback& f, std::string_view v) { f.dkim_canonicalized_body = base64_value(v); }},
    {"SPF-DNS", [](Feedback& f, std::string_view v) { f.spf_dns = v; }},
});

/// Some begin the part with an empty line.
std::string_view without_leading_lines(std::string_view text) {
  const auto begin = text.find_first_not_of("\r\n");
  return begin == std::string_view::npos ? std::string_view() : text.substr(begin);
}

void read_report(Feedback& feedback, std::string_view report) {
  wire::mime::FieldReader reader(without_leading_lines(report));
  while (const auto field = reader.next()) {
    const auto* const known =
        std::ranges::find_if(kFields, [&](const auto& entry) { return iequals_ascii(entry.first, field->name); });
    if (known == kFields.end() || field->value.size() > kMaxValueOctets) continue;
    known->second(feedback, trim_ascii(wire::mime::unfold(field->value)));
  }
}

void read_original(Feedback& feedback, const wire::mime::Part& part, std::string_view message) {
  feedback.original_is_whole = part.kind == wire::mime::PartKind::kMessage;
  feedback.original =
      feedback.original_is_whole ? std::string(body_of(part, message)) : wire::mime::decoded_body(part, message);
}

bool holds_original(const wire::mime::Part& part) {
  return part.kind == wire::mime::PartKind::kMessage || part.is_type("text", "rfc822-headers") ||
         part.is_type("text", "rfc822-header") || part.is_type("message", "rfc822-headers") ||
         part.is_type("message", "global-headers");
}

/// A report inside a message that is returned or forwarded is not this message's.
bool is_own_report(const wire::mime::Structure& structure, const wire::mime::Part& part) {
  if (!part.is_type("message", "feedback-report")) return false;
  for (auto parent = part.parent; parent != wire::mime::kNoPart; parent = structure.parts[parent].parent)
    if (structure.parts[parent].kind == wire::mime::PartKind::kMessage) return false;
  return true;
}

}  // namespace

std::string_view to_string(FeedbackType type) { return word_of(kTypes, type); }
std::string_view to_string(AuthFailure failure) { return word_of(kAuthFailures, failure); }
std::string_view to_string(DeliveryResult result) { return word_of(kResults, result); }
std::string_view to_string(IdentityAlignment alignment) { return word_of(kAlignments, alignment); }

std::string_view to_string(FeedbackError error) {
  switch (error) {
    case FeedbackError::kNoReport:
      return "no feedback report";
    case FeedbackError::kNoFeedbackType:
      return "a feedback report without Feedback-Type";
  }
  return "unknown";
}

std::expected<Feedback, FeedbackError> parse_feedback(std::string_view message) {
  const auto structure = wire::mime::parse(message);
  const auto report = std::ranges::find_if(
      structure.parts, [&](const wire::mime::Part& part) { return is_own_report(structure, part); });
  if (report == structure.parts.end()) return std::unexpected(FeedbackError::kNoReport);
  Feedback feedback;
  read_report(feedback, wire::mime::decoded_body(*report, message));
  if (feedback.type_word.empty()) return std::unexpected(FeedbackError::kNoFeedbackType);
  const auto original = std::find_if(report + 1, structure.parts.end(), holds_original);
  if (original != structure.parts.end()) read_original(feedback, *original, message);
  return feedback;
}

}  // namespace veredus::rules::arf
