#include "work/acme/acme_error.h"

namespace veredus::work::acme {

std::string_view to_string(AcmeError error) {
  switch (error) {
    case AcmeError::kConnection:
      return "the authority cannot be asked";
    case AcmeError::kProblem:
      return "the authority says no";
    case AcmeError::kMalformed:
      return "the authority's answer is not understood";
    case AcmeError::kUnproven:
      return "the authority did not find its challenge answered";
    case AcmeError::kNoChallenge:
      return "the authority offers no challenge of this kind";
    case AcmeError::kTimeout:
      return "the authority does not come to an end";
    case AcmeError::kKey:
      return "a key or a request could not be made";
    case AcmeError::kFile:
      return "a file cannot be written or read";
  }
  return "unknown error";
}

}  // namespace veredus::work::acme
