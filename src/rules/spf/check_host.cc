#include "rules/spf/check_host.h"

#include <utility>

#include "base/codec/ascii.h"
#include "base/codec/idna.h"
#include "rules/spf/evaluation.h"

namespace veredus::rules::spf {

namespace {

struct Sender {
  std::string local_part;
  std::string domain;
};

/// RFC 7208 s4.3: without a local part it is postmaster's.
Sender sender_of(const Subject& subject) {
  const bool helo = subject.identity == Identity::kHelo || subject.mail_from.empty();
  if (helo) return {.local_part = "postmaster", .domain = subject.helo};
  const auto at = subject.mail_from.rfind('@');
  if (at == std::string::npos) return {.local_part = "postmaster", .domain = subject.mail_from};
  Sender out{.local_part = subject.mail_from.substr(0, at), .domain = subject.mail_from.substr(at + 1)};
  if (out.local_part.empty()) out.local_part = "postmaster";
  return out;
}

/// RFC 7208 s4.3: no literal, no single label, nothing that is no domain name.
std::string checked_domain(const std::string& domain) {
  if (domain.starts_with('[')) return {};
  const auto ascii = base::codec::to_ascii(domain);
  return ascii && ascii->contains('.') ? *ascii : std::string();
}

}  // namespace

std::string_view to_string(Result result) {
  switch (result) {
    case Result::kNone:
      return "none";
    case Result::kNeutral:
      return "neutral";
    case Result::kPass:
      return "pass";
    case Result::kFail:
      return "fail";
    case Result::kSoftfail:
      return "softfail";
    case Result::kTemperror:
      return "temperror";
    case Result::kPermerror:
      return "permerror";
  }
  return "";
}

inquiry::Inquiry<Verdict> check_host(Subject subject, Options options) {
  auto sender = sender_of(subject);
  const auto domain = checked_domain(sender.domain);
  if (domain.empty()) {
    Verdict none;
    none.domain = std::move(sender.domain);
    none.problem = "the sender has no domain that could have a policy";
    co_return none;
  }
  Evaluation evaluation(std::move(subject), std::move(sender.local_part), domain, options);
  auto whole = evaluation.check(domain);
  Verdict verdict = co_await whole;
  if (verdict.result == Result::kFail) {
    auto explanation = evaluation.explain();
    verdict.explanation = co_await explanation;
  }
  verdict.by_macros = evaluation.used_macros();
  co_return verdict;
}

}  // namespace veredus::rules::spf
