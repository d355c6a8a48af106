#include "work/mailauth/findings.h"

namespace veredus::work::mailauth {

std::string_view to_string(ReverseResult result) {
  switch (result) {
    case ReverseResult::kNone:
      return "none";
    case ReverseResult::kPass:
      return "pass";
    case ReverseResult::kFail:
      return "fail";
    case ReverseResult::kTemperror:
      return "temperror";
    case ReverseResult::kPermerror:
      return "permerror";
  }
  return "";
}

const std::string& spf_domain(const SpfVerdicts& verdicts) {
  return verdicts.mail_from_domain.empty() ? verdicts.helo_name : verdicts.mail_from_domain;
}

std::string_view to_string(OverrideKind kind) {
  switch (kind) {
    case OverrideKind::kLocalPolicy:
      return "local_policy";
    case OverrideKind::kMailingList:
      return "mailing_list";
    case OverrideKind::kTrustedForwarder:
      return "trusted_forwarder";
    case OverrideKind::kPolicyTestMode:
      return "policy_test_mode";
    case OverrideKind::kOther:
      return "other";
  }
  return "";
}

std::string_view to_string(Disposition disposition) {
  switch (disposition) {
    case Disposition::kDeliver:
      return "deliver";
    case Disposition::kJunk:
      return "junk";
    case Disposition::kTryLater:
      return "try later";
    case Disposition::kRefuse:
      return "refuse";
  }
  return "";
}

}  // namespace veredus::work::mailauth
