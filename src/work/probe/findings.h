#pragma once

#include <string>
#include <vector>

#include "work/probe/report.h"

namespace veredus::work::probe {

/// Collects findings about one place.
class Findings {
 public:
  Findings(std::vector<Finding>& into, std::string where) : into_(&into), where_(std::move(where)) {}

  void add(Severity severity, std::string code, std::string text, std::string remedy = {}) {
    into_->push_back({severity, std::move(code), where_, std::move(text), std::move(remedy)});
  }

 private:
  std::vector<Finding>* into_;
  std::string where_;
};

/// Each looks at one part of what was seen. `now`: for the validity of certificates.
void look_at_domain(const Domain& domain, Findings out);
void look_at_names(const Session& session, Findings out);  // greeting, reverse DNS
void look_at_tls(const Session& session, SystemTime now, Findings out);
void look_at_extensions(const Session& session, Findings out);
void look_at_trials(const Session& session, Findings out);  // relaying, recipients
void look_at_use(const Session& session, Findings out);     // AUTH and the message that was sent

}  // namespace veredus::work::probe
