#include "work/records/looks.h"

#include <fmt/format.h>

#include <utility>

namespace veredus::work::records {

bool says_nothing_there(io::dns::DnsError error) { return error == io::dns::DnsError::kNoSuchName; }

bool note_failure(Check& check, io::dns::DnsError error) {
  if (says_nothing_there(error)) return false;
  check.state = State::kUnknown;
  check.problem = fmt::format("DNS: {}", to_string(error));
  return true;
}

void set_missing(Check& check, std::string problem) {
  check.state = State::kMissing;
  check.problem = std::move(problem);
  check.fix = fmt::format("add: {}", check.record);
}

void set_wrong(Check& check, std::string problem, std::string fix) {
  check.state = State::kWrong;
  check.problem = std::move(problem);
  check.fix = std::move(fix);
}

}  // namespace veredus::work::records
