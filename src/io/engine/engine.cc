#include "io/engine/engine.h"

namespace veredus::io::engine {

std::string_view to_string(StoreError error) {
  switch (error) {
    case StoreError::kConflict:
      return "a condition of the commit does not hold";
    case StoreError::kFenced:
      return "the lease is held by another";
    case StoreError::kUnavailable:
      return "the store takes nothing at the moment";
    case StoreError::kUnknownOutcome:
      return "it is not known whether the commit was written";
    case StoreError::kTooBig:
      return "a key, a value or the commit is over its limit";
    case StoreError::kCorrupt:
      return "stored data is damaged";
  }
  return "unknown store error";
}

Permanence permanence(StoreError error) {
  return error == StoreError::kTooBig ? Permanence::kPermanent : Permanence::kTemporary;
}

}  // namespace veredus::io::engine
