#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "rules/arc/validation.h"
#include "rules/dkim/verification.h"
#include "rules/dmarc/evaluation.h"
#include "rules/spf/check_host.h"

namespace veredus::work::mailauth {

/// Whether the client's address has a name that leads back to it. Source: RFC 8601 s2.7.3.
enum class ReverseResult : std::uint8_t { kNone, kPass, kFail, kTemperror, kPermerror };
[[nodiscard]] std::string_view to_string(ReverseResult result);

struct ReverseVerdict {
  ReverseResult result = ReverseResult::kNone;  // kNone: nobody looked
  std::string name;                             // of kPass: that leads back; else one that was there
};

/// SPF's verdicts, of MAIL FROM and of HELO. For the null sender both are HELO's (RFC 7208 s2.4).
struct SpfVerdicts {
  rules::spf::Verdict mail_from;
  rules::spf::Verdict helo;
  std::string mail_from_domain;  // empty: the null sender
  std::string helo_name;
};

/// Whose mail SPF's verdict on MAIL FROM speaks of: its domain, or HELO's name for the null sender.
[[nodiscard]] const std::string& spf_domain(const SpfVerdicts& verdicts);

/// That the client's address is on a list in DNS (RFC 5782).
struct Listed {
  std::string zone;
  std::string answer;
  int weight = 0;
};

/// Why a policy was not followed. Source: RFC 9990 s3.1.1.5 (PolicyOverrideType).
enum class OverrideKind : std::uint8_t { kLocalPolicy, kMailingList, kTrustedForwarder, kPolicyTestMode, kOther };
[[nodiscard]] std::string_view to_string(OverrideKind kind);

struct Override {
  OverrideKind kind = OverrideKind::kOther;
  std::string comment;  // for people
};

/// What is done with a message. Ordered: the later is the stricter.
enum class Disposition : std::uint8_t {
  kDeliver,
  kJunk,      // into the mailbox for junk
  kTryLater,  // refused for now: DNS does not answer
  kRefuse,
};
[[nodiscard]] std::string_view to_string(Disposition disposition);

/// RFC 7372 s3: what a refusal says it is for; the last number of the enhanced code x.7.y.
enum class RefusalDetail : std::uint8_t {
  kPolicy = 1,  // DMARC's (RFC 9989 s8.3), and ours
  kSpfFailed = 23,
  kSpfError = 24,  // and all that DNS did not tell
};

/// All that was found out about one message.
struct Findings {
  SpfVerdicts spf;
  std::vector<rules::dkim::Verdict> dkim;  // one for each signature, from the top
  rules::arc::Verdict arc;
  rules::dmarc::Verdict dmarc;
  std::string author_domain;   // of From, A-labels: of several the one `dmarc` is about; empty: there is none
  std::string author_problem;  // why From cannot be trusted to be read alike by all; empty: it can
  ReverseVerdict reverse;
  std::vector<Listed> listed;
  bool from_list = false;  // List-Id says so
  bool is_report = false;  // an aggregate report (RFC 9990) or one of TLS (RFC 8460)

  /// The value of Authentication-Results, with our authserv-id, without the field's name; folded, no line end at its
  /// end. Also what an ARC seal says (RFC 8617 s4.1.1).
  std::string results;
  std::string received_spf;  // the same for Received-SPF (RFC 7208 s9.1); empty: it is not wanted

  Disposition disposition = Disposition::kDeliver;
  RefusalDetail detail = RefusalDetail::kPolicy;  // of kRefuse and kTryLater
  std::string reason;                             // of the disposition, for people: names the domain
  std::vector<Override> overrides;                // why the published policy was not followed
  /// For the journal, as name and value: "spf", "dkim", "dmarc", "disposition"…
  std::vector<std::pair<std::string, std::string>> decisions;
};

}  // namespace veredus::work::mailauth
