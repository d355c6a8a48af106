#include "work/records/report.h"

#include <algorithm>

namespace veredus::work::records {

std::string_view to_string(State state) {
  switch (state) {
    case State::kOk:
      return "ok";
    case State::kMissing:
      return "missing";
    case State::kWrong:
      return "wrong";
    case State::kUnneeded:
      return "unneeded";
    case State::kUnknown:
      return "unknown";
  }
  return "unknown";
}

std::string_view to_string(Verdict verdict) {
  switch (verdict) {
    case Verdict::kWell:
      return "well";
    case Verdict::kIncomplete:
      return "incomplete";
    case Verdict::kBroken:
      return "broken";
  }
  return "broken";
}

Verdict verdict_of(const Report& report) {
  auto verdict = Verdict::kWell;
  for (const auto& check : report.checks) {
    if (check.state == State::kOk || check.state == State::kUnneeded) continue;
    const bool optional = check.state == State::kMissing && check.need == Need::kRecommended;
    verdict = std::max(verdict, optional ? Verdict::kIncomplete : Verdict::kBroken);
  }
  return verdict;
}

}  // namespace veredus::work::records
