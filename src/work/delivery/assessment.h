#pragma once

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

namespace veredus::rules::arc {
enum class Result : std::uint8_t;  // kNone is 0
}

namespace veredus::work::delivery {

/// Which mailbox of an account takes a message.
enum class Folder : std::uint8_t {
  kInbox,
  kJunk,  // RFC 6154 s2; made when it is missing
};

/// What was found out about a message by whoever takes it.
struct Assessment {
  Folder folder = Folder::kInbox;
  /// The value of our Authentication-Results, authserv-id first; empty: nobody looked. For seals (RFC 8617 s5.1).
  std::string results;
  rules::arc::Result arc_chain{};  // of the ARC sets it came with; for the same
  /// For the journal, as name and value.
  std::vector<std::pair<std::string, std::string>> decisions;
};

}  // namespace veredus::work::delivery
