#include "rules/bounce/judgement.h"

#include "base/codec/ascii.h"
#include "base/codec/utf8.h"
#include "rules/bounce/session_step.h"

namespace veredus::rules::bounce {
namespace {

using base::codec::trim_ascii;

constexpr std::size_t kMaxDiagnostic = 2000;

std::string one_line(std::string_view text) {
  std::string out;
  for (const char c : text.substr(0, kMaxDiagnostic)) {
    const bool space = static_cast<unsigned char>(c) <= 32;
    if (!space || (!out.empty() && out.back() != ' ')) out.push_back(space ? ' ' : c);
  }
  return base::codec::replace_invalid_utf8(trim_ascii(out));
}

constexpr int kSurest = 5;

/// How sure a classification is; larger is surer. That time was over says the least of what words can say.
int sureness(const Classification& classification) {
  switch (classification.basis) {
    case Basis::kWords:
      return classification.category == Category::kExpired ? kSurest - 1 : kSurest;
    case Basis::kStatus:
      return 3;
    case Basis::kStep:
      return 2;
    case Basis::kCode:
      return 1;
    case Basis::kNothing:
      return 0;
  }
  return 0;
}

/// What a remote server said, where the reporting one quotes it behind words of its own: `5.1.0 - Unknown address error
/// 550-'5.7.1 … Access denied'`. Empty: not so.
std::string_view quoted_reply(std::string_view text) {
  for (auto at = text.find("-'"); at != std::string_view::npos; at = text.find("-'", at + 2)) {
    if (at < 3 || find_reply_codes(text.substr(at - 3, 4)).code < 400) continue;
    const auto end = text.rfind('\'');
    if (end > at + 2) return text.substr(at + 2, end - at - 2);
  }
  return {};
}

}  // namespace

void Judgement::set_step(std::string_view text) {
  if (around_.command.empty()) around_.command = find_step(text);
}

void Judgement::consider(std::string_view text) {
  const auto quoted = quoted_reply(text);
  if (quoted.empty()) {
    consider_text(text);
    return;
  }
  const auto codes = find_reply_codes(text);
  if (codes_.code == 0) codes_.code = codes.code;
  if (codes.status.subject != 0) around_.status = codes.status;
  consider_text(quoted);
}

bool Judgement::settled() const { return sureness(best_) == kSurest; }

void Judgement::write(BouncedRecipient& out) const {
  const auto best = diagnostic_.empty() ? classify_text("", around_) : best_;
  auto status = codes_.status;
  if (status.klass == 0 || (status.subject == 0 && around_.status.subject != 0)) status = around_.status;
  out.reason = best.category;
  out.hard = best.hard;
  if (status.klass != 0) out.status = to_string(status);
  if (codes_.code != 0) out.reply = std::to_string(codes_.code);
  out.diagnostic = one_line(diagnostic_);
}

void Judgement::consider_text(std::string_view text) {
  if (trim_ascii(text).empty() || settled()) return;
  const auto classification = classify_text(text, around_);
  if (!diagnostic_.empty() && sureness(classification) <= sureness(best_)) return;
  if (diagnostic_.empty() || classification.basis == Basis::kWords) diagnostic_ = text;
  const auto codes = find_reply_codes(text);
  if (codes_.code == 0) codes_.code = codes.code;
  if (codes_.status.klass == 0 || (codes_.status.subject == 0 && codes.status.subject != 0))
    codes_.status = codes.status.klass != 0 ? codes.status : codes_.status;
  best_ = classification;
}

}  // namespace veredus::rules::bounce
