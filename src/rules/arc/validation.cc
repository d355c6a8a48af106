#include "rules/arc/validation.h"

#include <utility>

#include "base/codec/ascii.h"
#include "base/crypto/digest.h"
#include "rules/dkim/signed_fields.h"

namespace veredus::rules::arc {

namespace codec = base::codec;
using inquiry::Inquiry;

std::string_view to_string(Result result) {
  switch (result) {
    case Result::kNone:
      return "none";
    case Result::kPass:
      return "pass";
    case Result::kFail:
      return "fail";
  }
  return "";
}

Validation::Validation(dkim::ReceivedMessage* message, SystemTime now, dkim::PartialBodies partial_bodies)
    : message_(message), now_(now), partial_bodies_(partial_bodies) {
  const auto& fields = message_->fields();
  auto sets = collect_sets(fields);
  if (!sets) {
    malformed_ = std::move(sets.error());
    return;
  }
  sets_ = *std::move(sets);
  if (!sets_.empty() && fields.size() > dkim::kMostFields) {
    malformed_ = "the header has more fields than are looked at";
    sets_.clear();
    return;
  }
  want_body_hashes();
}

/// The last set must hold; those before it only tell who changed the message. Each may want the body's hash in a form
/// of its own (l=), and forms cost a pass over the body each: few are made besides those that others want.
void Validation::want_body_hashes() {
  constexpr std::size_t kMostForms = 4;
  auto& hashes = message_->hashes();
  const auto most = hashes.size() + kMostForms;
  body_hashes_.resize(sets_.size());
  for (std::size_t i = sets_.size(); i-- > 0 && hashes.size() < most;)
    body_hashes_[i] = hashes.want(sets_[i].signature.body, sets_[i].signature.body_octets);
}

void Validation::describe(Verdict& verdict) const {
  for (const auto& set : sets_) {
    const auto after = set.results.value.find(';');
    const auto results = after == std::string_view::npos ? std::string_view() : set.results.value.substr(after + 1);
    verdict.hops.push_back({.instance = set.parsed_seal.instance,
                            .domain = set.parsed_seal.signature.domain,
                            .selector = set.parsed_seal.signature.selector,
                            .results = std::string(codec::trim_ascii(results))});
  }
}

/// RFC 8617 s5.2, steps 2 and 3.
std::string Validation::structural_problem() const {
  if (!malformed_.empty()) return malformed_;
  if (sets_.back().parsed_seal.chain == ChainWord::kFail) return "the last sealer found the chain broken";
  for (const auto& set : sets_) {
    const auto wanted = set.parsed_seal.instance == 1 ? ChainWord::kNone : ChainWord::kPass;
    if (set.parsed_seal.chain != wanted) return "a seal says something else of the chain than it must";
  }
  return {};
}

Inquiry<Verdict> Validation::finish() {
  Verdict verdict;
  if (sets_.empty() && malformed_.empty()) co_return verdict;
  describe(verdict);
  verdict.result = Result::kFail;
  verdict.problem = structural_problem();
  if (!verdict.problem.empty()) co_return verdict;
  auto last = check_message_signature(sets_.size() - 1);
  Check check = co_await last;
  for (std::size_t i = sets_.size(); check.problem.empty() && i-- > 0;) {
    auto sealed = check_seal(i);
    check = co_await sealed;
  }
  verdict.problem = std::move(check.problem);
  verdict.temporary = check.temporary;
  if (!verdict.problem.empty()) co_return verdict;
  verdict.result = Result::kPass;
  auto finding = find_oldest_pass();
  verdict.oldest_pass = co_await finding;
  co_return verdict;
}

/// RFC 8617 s5.2, step 5: the first one that fails, from the end, tells who changed the message last.
Inquiry<unsigned> Validation::find_oldest_pass() {
  for (std::size_t i = sets_.size() - 1; i-- > 0;) {
    auto checking = check_message_signature(i);
    const Check check = co_await checking;
    if (!check.problem.empty()) co_return static_cast<unsigned>(i) + 2;
  }
  co_return 0U;
}

Inquiry<Validation::Check> Validation::check_message_signature(std::size_t index) {
  const auto& set = sets_[index];
  const auto& signature = set.signature;
  const std::string name = "ARC-Message-Signature " + std::to_string(index + 1);
  if (signature.expires_at && now_ > *signature.expires_at)  // RFC 8617 s4.1.2: x= means what it means in DKIM
    co_return Check{.problem = name + ": it has expired"};
  const auto hash = body_hashes_[index];
  const auto& hashes = message_->hashes();
  if (!hash) co_return Check{.problem = name + ": there are too many hashes of the text to make"};
  const bool too_short = signature.body_octets && *signature.body_octets > hashes.octets(*hash);
  if (too_short || hashes.digest(*hash) != signature.body_hash)
    co_return Check{.problem = name + ": the text was changed"};
  // RFC 6376 s8.2
  const bool has_more = signature.body_octets && hashes.octets(*hash) > *signature.body_octets;
  if (has_more && partial_bodies_ == dkim::PartialBodies::kRefused)
    co_return Check{.problem = name + ": there is more text than was signed"};
  auto digest = dkim::signed_digest(message_->fields(), signature.fields, set.message_signature, signature.header);
  auto checking = check_key(&signature, std::move(digest), name);
  co_return co_await checking;
}

Inquiry<Validation::Check> Validation::check_seal(std::size_t index) {
  base::crypto::Sha256 hash;
  hash.update(sealed_fields(sets_, index));
  hash.update(canonical_seal(sets_[index].seal));
  auto checking =
      check_key(&sets_[index].parsed_seal.signature, hash.finish(), "ARC-Seal " + std::to_string(index + 1));
  co_return co_await checking;
}

Inquiry<Validation::Check> Validation::check_key(const dkim::Signature* signature, std::string digest,
                                                 std::string name) {
  auto finding = dkim::find_keys(signature->domain, signature->selector);
  const auto found = co_await finding;
  Check out{.problem = found.keys.empty() ? found.problem : dkim::check_digest(found.keys, *signature, digest),
            .temporary = found.result == dkim::Result::kTemperror};
  if (!out.problem.empty()) out.problem = name + ": " + out.problem;
  co_return out;
}

}  // namespace veredus::rules::arc
