#include "work/mailauth/result_text.h"

#include <algorithm>
#include <utility>

#include "base/codec/utf8.h"
#include "rules/authres/results.h"

namespace veredus::work::mailauth {

using rules::authres::MethodResult;
using rules::authres::Property;

namespace {

constexpr std::size_t kMostSignatures = 10;  // named in a field or the journal; of one that has more the first ones

std::string text_of(std::string_view word) { return std::string(word); }

MethodResult spf_method(const rules::spf::Verdict& verdict, Property property) {
  MethodResult method{.method = "spf", .result = text_of(to_string(verdict.result)), .reason = {}, .properties = {}};
  if (!verdict.problem.empty())
    method.comment = verdict.problem;
  else if (!verdict.mechanism.empty())
    method.comment = "by " + verdict.mechanism;
  method.properties.push_back(std::move(property));
  return method;
}

MethodResult dkim_method(const rules::dkim::Verdict& verdict) {
  MethodResult method{
      .method = "dkim", .result = text_of(to_string(verdict.result)), .reason = verdict.problem, .properties = {}};
  method.properties.reserve(5);
  const auto add = [&method](std::string_view name, const std::string& value) {
    if (!value.empty()) method.properties.push_back({.type = "header", .name = text_of(name), .value = value});
  };
  add("d", verdict.domain);
  add("i", verdict.identity);
  add("s", verdict.selector);
  add("a", verdict.algorithm);
  add("b", verdict.signature_start);  // RFC 6008 s4
  if (verdict.testing) method.comment = "test mode";
  return method;
}

MethodResult arc_method(const Occasion& occasion, const rules::arc::Verdict& verdict) {
  MethodResult method{
      .method = "arc", .result = text_of(to_string(verdict.result)), .reason = verdict.problem, .properties = {}};
  if (verdict.result == rules::arc::Result::kPass) {
    method.properties.push_back(
        {.type = "header", .name = "oldest-pass", .value = std::to_string(verdict.oldest_pass)});
    if (occasion.client)
      method.properties.push_back({.type = "smtp", .name = "remote-ip", .value = to_string(*occasion.client)});
  }
  return method;
}

MethodResult dmarc_method(const Findings& findings) {
  const auto& verdict = findings.dmarc;
  MethodResult method{.method = "dmarc", .result = text_of(to_string(verdict.result)), .reason = {}, .properties = {}};
  if (!verdict.policy_domain.empty()) {
    method.comment =
        "p=" + text_of(to_string(verdict.published)) + " dis=" + text_of(word_of_dmarc(findings.disposition));
    for (const auto& override : findings.overrides) method.comment += " override=" + text_of(to_string(override.kind));
    method.properties.push_back({.type = "policy", .name = "dmarc", .value = text_of(to_string(verdict.disposition))});
  } else if (verdict.result != rules::dmarc::Result::kPass) {
    method.comment = verdict.problem;
  }
  if (!findings.author_domain.empty())
    method.properties.insert(method.properties.begin(),
                             {.type = "header", .name = "from", .value = findings.author_domain});
  return method;
}

MethodResult reverse_method(const Occasion& occasion, const ReverseVerdict& verdict) {
  MethodResult method{.method = "iprev", .result = text_of(to_string(verdict.result)), .reason = {}, .properties = {}};
  method.comment = verdict.name;
  method.properties.push_back({.type = "policy", .name = "iprev", .value = to_string(*occasion.client)});
  return method;
}

/// What peers wrote is shown to people and as JSON.
void make_readable(std::string& text) {
  constexpr std::size_t kMostOctets = 300;
  const bool is_plain = std::ranges::all_of(text, [](char c) { return c >= 32 && c < 127; });
  if (is_plain && text.size() <= kMostOctets) return;
  text = base::codec::replace_invalid_utf8(std::string_view(text).substr(0, kMostOctets));
  for (char& c : text)
    if (static_cast<unsigned char>(c) < 32 || c == 127) c = '?';
}

std::string joined(std::string first, std::string_view separator, std::string_view second) {
  if (!second.empty()) first.append(first.empty() ? "" : separator).append(second);
  return first;
}

std::string in_short(const rules::spf::Verdict& verdict) {
  auto out = joined(text_of(to_string(verdict.result)), " ", verdict.domain);
  return joined(std::move(out), verdict.problem.empty() ? " by " : ": ",
                verdict.problem.empty() ? verdict.mechanism : verdict.problem);
}

std::string in_short(const rules::dkim::Verdict& verdict) {
  auto out = joined(text_of(to_string(verdict.result)), " ", verdict.domain);
  if (!verdict.selector.empty()) out += " s=" + verdict.selector;
  return joined(std::move(out), ": ", verdict.problem);
}

std::string in_short(const rules::dmarc::Verdict& verdict, const std::string& author) {
  auto out = joined(text_of(to_string(verdict.result)), " ", author);
  if (!verdict.policy_domain.empty())
    out += " p=" + text_of(to_string(verdict.published)) + " of " + verdict.policy_domain;
  return joined(std::move(out), ": ", verdict.problem);
}

}  // namespace

std::string_view word_of_dmarc(Disposition disposition) {
  switch (disposition) {
    case Disposition::kDeliver:
      return "none";
    case Disposition::kJunk:
      return "quarantine";
    case Disposition::kTryLater:
    case Disposition::kRefuse:
      return "reject";
  }
  return "none";
}

std::string results_text(const InspectionOptions& options, const Occasion& occasion, const Findings& findings) {
  rules::authres::Results results;
  results.authserv_id = options.authserv_id;
  auto& methods = results.methods;
  methods.reserve(5 + std::min(findings.dkim.size(), kMostSignatures));
  if (occasion.client) {
    const auto& spf = findings.spf;
    if (!occasion.mail_from.empty())
      methods.push_back(spf_method(spf.mail_from, {.type = "smtp", .name = "mailfrom", .value = occasion.mail_from}));
    if (occasion.mail_from.empty() || spf.helo.result != rules::spf::Result::kNone)
      methods.push_back(spf_method(spf.helo, {.type = "smtp", .name = "helo", .value = occasion.helo}));
  }
  if (findings.dkim.empty()) methods.push_back({.method = "dkim", .result = "none", .reason = {}, .properties = {}});
  for (std::size_t i = 0; i < std::min(findings.dkim.size(), kMostSignatures); ++i)
    methods.push_back(dkim_method(findings.dkim[i]));
  if (findings.arc.result != rules::arc::Result::kNone) methods.push_back(arc_method(occasion, findings.arc));
  methods.push_back(dmarc_method(findings));
  if (findings.reverse.result != ReverseResult::kNone) methods.push_back(reverse_method(occasion, findings.reverse));
  return to_field_value(results);
}

std::string received_spf_text(const InspectionOptions& options, const Occasion& occasion, const Findings& findings) {
  const bool null_sender = occasion.mail_from.empty();
  const auto& verdict = null_sender ? findings.spf.helo : findings.spf.mail_from;
  // The words come from peers: nothing that could end its place or the field, and each on a line of its own that is no
  // longer than RFC 5322 s2.1.1 allows.
  const auto quoted = [](std::string_view text) {
    constexpr std::size_t kMostOctets = 400;
    std::string out = "\"";
    for (const char c : base::codec::utf8_prefix(text, kMostOctets)) {
      if (c == '"' || c == '\\') out.push_back('\\');
      out.push_back(static_cast<unsigned char>(c) < 32 || c == 127 ? '?' : c);
    }
    return out + '"';
  };
  auto out = text_of(to_string(verdict.result)) + " receiver=" + quoted(options.authserv_id) +
             ";\r\n\tidentity=" + (null_sender ? "helo" : "mailfrom") +
             "; client-ip=" + (occasion.client ? to_string(*occasion.client) : "unknown") +
             ";\r\n\thelo=" + quoted(occasion.helo) + ";\r\n\tenvelope-from=" + quoted(occasion.mail_from);
  if (!verdict.mechanism.empty()) out += ";\r\n\tmechanism=" + quoted(verdict.mechanism);
  if (!verdict.problem.empty()) out += ";\r\n\tproblem=" + quoted(verdict.problem);
  return out;
}

std::vector<std::pair<std::string, std::string>> decisions_of(const Findings& findings) {
  std::vector<std::pair<std::string, std::string>> out;
  out.reserve(8);
  out.emplace_back("spf", in_short(findings.spf.mail_from));
  if (findings.spf.helo.result != rules::spf::Result::kNone && !findings.spf.mail_from_domain.empty())
    out.emplace_back("spf_helo", in_short(findings.spf.helo));
  for (std::size_t i = 0; i < std::min(findings.dkim.size(), kMostSignatures); ++i)
    out.emplace_back("dkim", in_short(findings.dkim[i]));
  if (findings.arc.result != rules::arc::Result::kNone)
    out.emplace_back("arc", joined(text_of(to_string(findings.arc.result)), ": ", findings.arc.problem));
  out.emplace_back("dmarc", in_short(findings.dmarc, findings.author_domain));
  if (!findings.author_problem.empty()) out.emplace_back("author", findings.author_problem);
  if (findings.reverse.result != ReverseResult::kNone)
    out.emplace_back("reverse", joined(text_of(to_string(findings.reverse.result)), " ", findings.reverse.name));
  for (const auto& listed : findings.listed)
    out.emplace_back("listed", listed.zone + " " + listed.answer + " weight " + std::to_string(listed.weight));
  for (const auto& override : findings.overrides)
    out.emplace_back("override", text_of(to_string(override.kind)) + ": " + override.comment);
  if (findings.disposition != Disposition::kDeliver)
    out.emplace_back("disposition", text_of(to_string(findings.disposition)) + ": " + findings.reason);
  for (auto& [name, value] : out) make_readable(value);
  return out;
}

}  // namespace veredus::work::mailauth
