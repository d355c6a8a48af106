#include "rules/dkim/verification.h"

#include <utility>

#include "base/codec/ascii.h"
#include "base/crypto/digest.h"
#include "rules/dkim/known_keys.h"
#include "rules/dkim/signed_fields.h"
#include "rules/dkim/tag_list.h"

namespace veredus::rules::dkim {

namespace codec = base::codec;
namespace crypto = base::crypto;
using inquiry::Inquiry;
using inquiry::Reply;
using inquiry::ReplyStatus;
using wire::mime::Field;

namespace {

/// Of one selector: a second is there by mistake (RFC 6376 s3.6.2.2), and each is tried.
constexpr std::size_t kMostKeys = 4;

/// What can be said of a signature field whatever else is wrong with it.
Verdict described(const TagList& tags) {
  constexpr std::size_t kStart = 8;
  Verdict out;
  out.domain = codec::to_lower_ascii(tags.find("d").value_or(""));
  out.selector = tags.find("s").value_or("");
  out.identity = tags.find("i").value_or("");
  if (out.identity.empty() && !out.domain.empty()) out.identity = '@' + out.domain;
  out.algorithm = codec::to_lower_ascii(tags.find("a").value_or(""));
  for (const char c : tags.find("b").value_or("")) {
    if (std::string_view(" \t\r\n").contains(c)) continue;
    if (out.signature_start.size() == kStart) break;
    out.signature_start += c;
  }
  return out;
}

void judge(Verdict& verdict, Result result, std::string problem) {
  verdict.result = result;
  verdict.problem = std::move(problem);
}

}  // namespace

std::string_view to_string(Result result) {
  switch (result) {
    case Result::kNone:
      return "none";
    case Result::kPass:
      return "pass";
    case Result::kFail:
      return "fail";
    case Result::kPolicy:
      return "policy";
    case Result::kNeutral:
      return "neutral";
    case Result::kTemperror:
      return "temperror";
    case Result::kPermerror:
      return "permerror";
  }
  return "";
}

Inquiry<FoundKeys> find_keys(std::string domain, std::string selector) {
  const Reply reply = co_await inquiry::ask(inquiry::RecordType::kTxt, selector + "._domainkey." + domain);
  FoundKeys out;
  if (reply.status == ReplyStatus::kFailed) {
    out.result = Result::kTemperror;
    out.problem = "DNS does not answer for the key";
    co_return out;
  }
  out.problem = "there is no key";
  for (const auto& text : reply.texts) {
    if (out.keys.size() == kMostKeys) break;
    auto record = known_key_record(text);
    if (record)
      out.keys.push_back(*std::move(record));
    else
      out.problem = to_string(record.error());
  }
  co_return out;
}

std::string check_digest(const std::vector<KeyRecord>& keys, const Signature& signature, std::string_view digest) {
  std::string problem = "the key is for another algorithm";
  for (const auto& record : keys) {
    if (record.key.kind() != signature.algorithm) continue;
    if (record.key.verify(digest, signature.signature)) return {};
    problem = "the signature does not match: a signed field was changed, or the key";
  }
  return problem;
}

Verification::Verification(ReceivedMessage* message, SystemTime now, Options options)
    : message_(message), now_(now), options_(options) {
  for (const auto& field : message_->fields())
    if (codec::iequals_ascii(field.name, "DKIM-Signature")) add(field);
}

void Verification::add(const Field& field) {
  const auto tags = TagList::parse(field.value);
  verdicts_.push_back(tags ? described(*tags) : Verdict());
  auto& verdict = verdicts_.back();
  if (message_->fields().size() > kMostFields)
    return judge(verdict, Result::kPermerror, "the header has more fields than are looked at");
  if (candidates_.size() >= options_.signatures)
    return judge(verdict, Result::kNeutral, "there are more signatures than are looked at");
  auto signature = tags ? parse_signature(*tags) : std::unexpected(SignatureError::kSyntax);
  if (!signature) return judge(verdict, Result::kPermerror, std::string(to_string(signature.error())));
  verdict.domain = signature->domain;  // in A-labels, as authors' domains are compared (RFC 8616 s5, RFC 9989 s4.4)
  if (signature->expires_at && now_ > *signature->expires_at)
    return judge(verdict, Result::kPermerror, "the signature has expired");
  const auto hash = message_->hashes().want(signature->body, signature->body_octets);
  candidates_.push_back(
      {.signature = *std::move(signature), .field = field, .body_hash = hash, .verdict = verdicts_.size() - 1});
}

Inquiry<std::vector<Verdict>> Verification::finish() {
  for (const auto& candidate : candidates_) {
    auto checking = check(&candidate);
    static_cast<void>(co_await checking);
  }
  co_return std::move(verdicts_);
}

/// RFC 6376 s6.1. True: it passed.
Inquiry<bool> Verification::check(const Candidate* candidate) {
  const auto& signature = candidate->signature;
  auto& verdict = verdicts_[candidate->verdict];
  const auto& hashes = message_->hashes();
  const auto octets = hashes.octets(candidate->body_hash);
  if (signature.body_octets && *signature.body_octets > octets) {
    judge(verdict, Result::kPermerror, "less text has come than was signed");
    co_return false;
  }
  if (hashes.digest(candidate->body_hash) != signature.body_hash) {
    judge(verdict, Result::kFail, "the text was changed");
    co_return false;
  }
  auto finding = find_keys(signature.domain, signature.selector);
  const FoundKeys found = co_await finding;
  if (found.keys.empty()) {
    judge(verdict, found.result, found.problem);
    co_return false;
  }
  const auto& record = found.keys.front();
  verdict.key_bits = record.key.bits();
  verdict.testing = record.testing;
  if (record.no_subdomains && signature.identity_domain != signature.domain) {  // RFC 6376 s3.6.1
    judge(verdict, Result::kPermerror, "the key is not for subdomains");
    co_return false;
  }
  if (record.key.kind() != signature.algorithm && found.keys.size() == 1) {
    judge(verdict, Result::kPermerror, "the key is for another algorithm");
    co_return false;
  }
  const auto digest = signed_digest(message_->fields(), signature.fields, candidate->field, signature.header);
  if (auto problem = check_digest(found.keys, signature, digest); !problem.empty()) {
    judge(verdict, Result::kFail, std::move(problem));
    co_return false;
  }
  verdict.partial = signature.body_octets && octets > *signature.body_octets;
  if (verdict.partial && options_.partial_bodies == PartialBodies::kRefused) {
    judge(verdict, Result::kPolicy, "text was added after the signed part");
    co_return false;
  }
  verdict.result = Result::kPass;
  co_return true;
}

}  // namespace veredus::rules::dkim
