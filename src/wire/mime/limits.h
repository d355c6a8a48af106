#pragma once

#include <cstddef>

namespace veredus::wire::mime {

/// What the parser holds and follows at most, whatever the message. Beyond `depth` or `parts` the rest is one opaque
/// leaf; beyond the header limits fields are scanned but not kept.
struct Limits {
  std::size_t depth = 64;                        // parts around the innermost one
  std::size_t parts = 1'000;                     // in one message
  std::size_t header_octets = 256 * 1024;        // kept of one header block
  std::size_t total_header_octets = 512 * 1024;  // kept of all blocks that are kept (see Part::header)
  std::size_t header_fields = 2'000;             // kept of one header block
  std::size_t parameters = 100;                  // kept of one field
  std::size_t boundary_octets = 256;             // a longer boundary is no boundary; RFC 2046 s5.1.1 allows 70
  std::size_t sample_octets = 16 * 1024;         // kept of the first text parts, still encoded, for the preview
  std::size_t samples = 3;
};

}  // namespace veredus::wire::mime
