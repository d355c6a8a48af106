#include "work/doorstep/line_error.h"

namespace veredus::work::doorstep {

std::optional<LineError> line_error(io::net::IoError error) {
  switch (error) {
    case io::net::IoError::kLineTooLong:
      return LineError::kTooLong;
    case io::net::IoError::kBareLineFeed:
      return LineError::kBareLf;
    case io::net::IoError::kBareCarriageReturn:
      return LineError::kBareCr;
    default:
      return std::nullopt;
  }
}

}  // namespace veredus::work::doorstep
