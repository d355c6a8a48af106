#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace veredus::work::transfer {

/// How far a copy has got.
struct CopyProgress {
  std::string doing;  // the mailbox under way, as it is called here
  std::uint32_t mailboxes_done = 0;
  std::uint32_t mailboxes = 0;
  std::uint64_t messages = 0;           // looked at so far
  std::uint64_t copied = 0;             // in this run
  std::uint64_t already_there = 0;      // from earlier ones
  std::uint64_t flags_renewed = 0;      // of these: whose flags had changed there since
  std::uint64_t skipped = 0;            // damaged or too large
  std::uint64_t octets = 0;             // copied
  std::vector<std::string> complaints;  // the first of them, for people
};

}  // namespace veredus::work::transfer
