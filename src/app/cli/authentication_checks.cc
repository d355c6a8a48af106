#include "app/cli/authentication_checks.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <boost/json/array.hpp>
#include <boost/json/serialize.hpp>
#include <utility>

#include "app/cli/signing_input.h"
#include "base/codec/ascii.h"
#include "base/codec/utf8.h"
#include "base/types/result.h"
#include "rules/arc/sealing.h"
#include "rules/arc/validation.h"
#include "rules/authres/merged.h"
#include "rules/dkim/signing.h"
#include "rules/dkim/tag_list.h"
#include "rules/dkim/verification.h"
#include "rules/dmarc/evaluation.h"
#include "rules/spf/check_host.h"
#include "wire/mime/header_block.h"
#include "work/mailauth/author.h"

namespace veredus::app::cli {

namespace json = boost::json;
namespace codec = base::codec;
using namespace rules;

namespace {

template <class T>
T answered(inquiry::Inquiry<T> asking, const Asker& ask) {
  while (const auto* question = asking.question()) asking.answer(ask(*question));
  return asking.take();
}

SystemTime time_of(const AuthenticationInput& input) { return input.now.value_or(MachineClock().now()); }

/// A message in two: the header block with its last line end, and what follows the empty line.
struct Halves {
  std::string header;
  std::string_view body;
};

Halves split(const std::string& message) {
  if (message.starts_with("\r\n")) return {.header = "", .body = std::string_view(message).substr(2)};
  const auto end = message.find("\r\n\r\n");
  if (end == std::string::npos) return {.header = message, .body = {}};
  return {.header = message.substr(0, end + 2), .body = std::string_view(message).substr(end + 4)};
}

/// What is said but for empty texts. Records and messages may hold any octets; JSON is UTF-8.
void put(json::object& out, std::string_view name, std::string_view text) {
  if (!text.empty()) out[name] = codec::replace_invalid_utf8(text);
}

std::expected<spf::Verdict, std::string> spf_verdict(const AuthenticationInput& input, const Asker& ask) {
  const auto address = codec::parse_ip(input.ip);
  if (!address) return std::unexpected(fmt::format("'{}' is no IP address", input.ip));
  spf::Subject subject;
  subject.address = *address;
  subject.helo = input.helo;
  subject.mail_from = input.from == "<>" ? "" : input.from;
  subject.receiver = input.server.empty() ? "unknown" : input.server;
  subject.now = time_of(input);
  return answered(spf::check_host(std::move(subject), spf::Options()), ask);
}

json::object json_of(const spf::Verdict& verdict) {
  json::object out{{"result", to_string(verdict.result)}};
  put(out, "domain", verdict.domain);
  put(out, "mechanism", verdict.mechanism);
  put(out, "explanation", verdict.explanation);
  put(out, "problem", verdict.problem);
  return out;
}

std::vector<dkim::Verdict> dkim_verdicts(const AuthenticationInput& input, const Asker& ask) {
  const auto halves = split(input.message);
  dkim::ReceivedMessage message(halves.header);
  dkim::Verification verification(&message, time_of(input), dkim::Options());
  message.body(halves.body);
  message.end();
  return answered(verification.finish(), ask);
}

/// One word for all signatures: one that passed is enough; a failure of DNS may yet turn into one.
dkim::Result overall(const std::vector<dkim::Verdict>& verdicts) {
  using enum dkim::Result;
  for (const auto result : {kPass, kTemperror, kPolicy, kFail, kPermerror, kNeutral})
    if (std::ranges::find(verdicts, result, &dkim::Verdict::result) != verdicts.end()) return result;
  return kNone;
}

json::object json_of(const dkim::Verdict& verdict) {
  json::object out{{"result", to_string(verdict.result)}};
  put(out, "domain", verdict.domain);
  put(out, "selector", verdict.selector);
  put(out, "identity", verdict.identity);
  put(out, "algorithm", verdict.algorithm);
  put(out, "b", verdict.signature_start);
  if (verdict.key_bits != 0) out["key_bits"] = verdict.key_bits;
  if (verdict.testing) out["testing"] = true;
  if (verdict.partial) out["partial"] = true;
  put(out, "problem", verdict.problem);
  return out;
}

json::object json_of(const std::vector<dkim::Verdict>& verdicts) {
  json::array signatures;
  for (const auto& verdict : verdicts) signatures.emplace_back(json_of(verdict));
  return {{"result", to_string(overall(verdicts))}, {"signatures", std::move(signatures)}};
}

/// Whose policies count.
work::mailauth::Authors authors_of(const AuthenticationInput& input) {
  if (input.author.empty()) return work::mailauth::find_authors(split(input.message).header);
  work::mailauth::Authors out;
  out.domains.push_back(input.author.substr(input.author.rfind('@') + 1));
  return out;
}

json::object json_of(const dmarc::Verdict& verdict, std::string_view author) {
  json::object out{{"result", to_string(verdict.result)}, {"author", author}};
  put(out, "policy_domain", verdict.policy_domain);
  put(out, "organizational_domain", verdict.organizational_domain);
  if (!verdict.policy_domain.empty()) {
    out["policy"] = to_string(verdict.published);
    out["disposition"] = to_string(verdict.disposition);
    out["dkim_aligned"] = verdict.dkim_aligned;
    out["spf_aligned"] = verdict.spf_aligned;
    if (verdict.record.testing) out["testing"] = true;
  }
  put(out, "problem", verdict.problem);
  return out;
}

/// Adds what SPF and DKIM say to what is asked of DMARC.
std::expected<void, std::string> authenticate(const AuthenticationInput& input, const Asker& ask,
                                              dmarc::Message& message, json::object& evidence) {
  const auto signatures = dkim_verdicts(input, ask);
  for (const auto& verdict : signatures)
    if (verdict.result == dkim::Result::kPass) message.dkim_domains.push_back(verdict.domain);
  evidence["dkim"] = json_of(signatures);
  if (input.ip.empty()) return {};
  VEREDUS_TRY(const auto verdict, spf_verdict(input, ask));
  if (verdict.result == spf::Result::kPass) message.spf_domains.push_back(verdict.domain);
  evidence["spf"] = json_of(verdict);
  return {};
}

std::expected<void, std::string> set_options(const AuthenticationInput& input, dkim::SigningOptions& options) {
  const auto read = [](std::string_view word) {
    return codec::iequals_ascii(word, "simple") ? dkim::Canonical::kSimple : dkim::Canonical::kRelaxed;
  };
  const auto slash = input.canonical.find('/');
  const auto header = input.canonical.substr(0, slash);
  const auto body = slash == std::string::npos ? std::string("simple") : input.canonical.substr(slash + 1);
  for (const auto& word : {header, body})
    if (!codec::iequals_ascii(word, "simple") && !codec::iequals_ascii(word, "relaxed"))
      return std::unexpected(fmt::format("'{}' is no canonicalization", word));
  options.header = read(header);
  options.body = read(body);
  if (input.fields.empty()) return {};
  options.fields = input.fields;
  options.oversigned.clear();
  return {};
}

std::string digest_of(std::string_view body, dkim::Canonical canonical) {
  dkim::BodyHash hash(canonical, std::nullopt);
  hash.feed(body);
  return hash.finish();
}

/// The results that this server wrote into the message, as one value.
std::string results_in(const std::string& header, const std::string& server) {
  std::vector<std::string_view> values;
  for (const auto& field : wire::mime::read_fields(header))
    if (codec::iequals_ascii(field.name, "Authentication-Results")) values.push_back(field.value);
  return authres::merged_value(values, server);
}

json::object json_of(const arc::Verdict& verdict) {
  json::object out{{"result", to_string(verdict.result)}};
  json::array hops;
  for (const auto& hop : verdict.hops)
    hops.emplace_back(json::object{{"instance", hop.instance},
                                   {"domain", hop.domain},
                                   {"selector", hop.selector},
                                   {"results", codec::replace_invalid_utf8(hop.results)}});
  out["hops"] = std::move(hops);
  if (verdict.result == arc::Result::kPass) out["oldest_pass"] = verdict.oldest_pass;
  if (verdict.temporary) out["temporary"] = true;
  put(out, "problem", verdict.problem);
  return out;
}

arc::Verdict arc_verdict(const AuthenticationInput& input, const Asker& ask) {
  const auto halves = split(input.message);
  dkim::ReceivedMessage message(halves.header);
  arc::Validation validation(&message, time_of(input));
  message.body(halves.body);
  message.end();
  return answered(validation.finish(), ask);
}

/// "key value" of what is text, number or truth; lists have lines of their own.
std::string line_of(const json::object& object) {
  std::string out(object.at("result").as_string());
  for (const auto& [name, value] : object) {
    if (name == "result" || value.is_array() || value.is_object()) continue;
    out += fmt::format("  {}={}", std::string_view(name),
                       value.is_string() ? std::string(value.as_string()) : json::serialize(value));
  }
  return out;
}

}  // namespace

CheckOutcome check_spf(const AuthenticationInput& input, const Asker& ask) {
  VEREDUS_TRY(const auto verdict, spf_verdict(input, ask));
  return json_of(verdict);
}

CheckOutcome check_dkim(const AuthenticationInput& input, const Asker& ask) {
  return json_of(dkim_verdicts(input, ask));
}

CheckOutcome check_arc(const AuthenticationInput& input, const Asker& ask) { return json_of(arc_verdict(input, ask)); }

CheckOutcome check_dmarc(const AuthenticationInput& input, const Asker& ask) {
  const auto authors = authors_of(input);
  dmarc::Message message;
  message.dkim_domains = input.dkim_domains;
  message.spf_domains = input.spf_domains;
  json::object evidence;
  if (!input.domains_given) VEREDUS_TRY(authenticate(input, ask, message, evidence));
  std::optional<dmarc::Verdict> worst;
  std::string worst_author;
  for (const auto& author : authors.domains) {
    message.author_domain = author;
    auto verdict = answered(dmarc::evaluate(message, dmarc::Options()), ask);
    if (worst && dmarc::badness(verdict) <= dmarc::badness(*worst)) continue;
    worst = std::move(verdict);
    worst_author = author;
  }
  json::object out{{"result", "permerror"}, {"problem", "the message has no author with a domain"}};
  if (worst) {
    work::mailauth::doubt(*worst, authors);
    out = json_of(*worst, worst_author);
  }
  for (auto& [name, value] : evidence) out[name] = std::move(value);
  return out;
}

CheckOutcome sign_dkim(const AuthenticationInput& input, const Asker& /*ask*/) {
  VEREDUS_TRY(const auto name, signing_name(input));
  VEREDUS_TRY(const auto key, signing_key(input));
  VEREDUS_TRY(check_signed_fields(input));
  dkim::SigningOptions options;
  VEREDUS_TRY(set_options(input, options));
  const auto halves = split(input.message);
  auto field = dkim::sign(halves.header, digest_of(halves.body, options.body), name, key, options, time_of(input));
  return json::object{{"result", "signed"}, {"field", std::move(field)}};
}

CheckOutcome seal_arc(const AuthenticationInput& input, const Asker& ask) {
  VEREDUS_TRY(const auto name, signing_name(input));
  VEREDUS_TRY(const auto key, signing_key(input));
  VEREDUS_TRY(check_seal(input));
  arc::SealingOptions options;
  VEREDUS_TRY(set_options(input, options.signing));
  const auto halves = split(input.message);
  const auto chain = arc_verdict(input, ask);
  const auto server = input.server.empty() ? name.domain : input.server;
  const auto results = input.results.empty() ? results_in(halves.header, server) : server + "; " + input.results;
  auto fields = arc::seal(halves.header, digest_of(halves.body, options.signing.body), chain.result, results, name, key,
                          options, time_of(input));
  json::object out{{"result", to_string(chain.result)}, {"fields", std::move(fields)}};
  put(out, "problem", chain.problem);
  return out;
}

std::string outcome_text(const json::object& outcome) {
  std::string out = line_of(outcome) + '\n';
  for (const auto& [name, value] : outcome) {
    if (const auto* const inner = value.if_object()) {
      out += fmt::format("  {}: {}\n", std::string_view(name), line_of(*inner));
    } else if (const auto* const list = value.if_array()) {
      for (const auto& entry : *list) {
        const auto& object = entry.as_object();
        out += "  " + (object.contains("result") ? line_of(object) : json::serialize(object)) + '\n';
      }
    }
  }
  return out;
}

}  // namespace veredus::app::cli
