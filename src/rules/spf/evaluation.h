#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "rules/inquiry/inquiry.h"
#include "rules/spf/check_host.h"
#include "rules/spf/macro.h"
#include "rules/spf/record.h"

namespace veredus::rules::spf {

/// One run of check_host(): the limits count over all of its records. Stays where it is while it is awaited.
class Evaluation {
 public:
  Evaluation(Subject subject, std::string local_part, std::string sender_domain, Options options);

  /// The policy of `domain`, with what it includes and redirects to.
  inquiry::Inquiry<Verdict> check(std::string domain);
  /// The text behind exp= of the record that failed; empty: there is none that may be shown (RFC 7208 s6.2).
  inquiry::Inquiry<std::string> explain();
  /// Whether any text was followed that is not the same for everybody.
  [[nodiscard]] bool used_macros() const { return values_ != nullptr; }

 private:
  /// What one directive came to.
  enum class Match : std::uint8_t { kNo, kYes, kTemperror, kPermerror };

  inquiry::Inquiry<Verdict> follow(const Record* record, std::string domain);
  inquiry::Inquiry<Verdict> redirect(const Record* record, std::string domain);
  /// What needs no DNS; nullopt: this one does.
  [[nodiscard]] std::optional<Match> match_at_once(const Directive& directive) const;
  inquiry::Inquiry<Match> match(const Directive* directive, std::string domain);
  inquiry::Inquiry<Match> match_include(std::string target);
  /// `name`: as questions write it, like those of MX records.
  inquiry::Inquiry<Match> match_hosts(const Directive* directive, std::string name);
  inquiry::Inquiry<Match> match_exchanges(const Directive* directive, std::string target);
  inquiry::Inquiry<Match> match_exists(std::string target);
  inquiry::Inquiry<Match> match_pointer(std::string target);

  /// A domain-spec as a name to ask DNS for, its octets as they are; empty: it came to none.
  inquiry::Inquiry<std::string> target_of(const MacroString* spec, std::string domain);
  [[nodiscard]] bool is_never_met(const MacroString& spec) const;
  inquiry::Inquiry<std::string> expanded(const MacroString* text, std::string domain);
  /// The client's names that lead back to its address, at most Options::pointers looked at (RFC 7208 s5.5).
  inquiry::Inquiry<std::vector<std::string>> validated_names();
  inquiry::Inquiry<bool> leads_back(std::string name);

  /// Asks, and counts what finds nothing. `name`: as questions write it.
  inquiry::Inquiry<inquiry::Reply> look_up(inquiry::RecordType type, std::string name);
  [[nodiscard]] bool over_limits() const { return lookups_ > options_.lookups || voids_ > options_.void_lookups; }
  [[nodiscard]] inquiry::RecordType address_type() const;
  /// Few policies have macros: they are made when they are asked for.
  MacroValues& values();
  [[nodiscard]] bool matches(const Directive& directive, const inquiry::Reply& hosts) const;
  Match fault(Match kind, std::string problem);

  Subject subject_;
  Options options_;
  std::string local_part_;
  std::string sender_domain_;
  std::unique_ptr<MacroValues> values_;
  unsigned lookups_ = 0;
  unsigned voids_ = 0;
  std::string problem_;  // of the last fault
  // exp= and where it stood, of the record that said fail
  std::optional<MacroString> explanation_;
  std::string explanation_domain_;
  std::optional<std::vector<std::string>> names_;  // validated_names(), once known
};

}  // namespace veredus::rules::spf
