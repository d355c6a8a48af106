#pragma once

#include <string>
#include <vector>

#include "io/net/memory_budget.h"
#include "wire/mime/structure.h"

namespace veredus::work::delivery {

/// What a reception still has in memory of a message it spooled: saves the fan-out reading and parsing it again.
struct SpooledContent {
  std::string octets;               // the whole message as received; at most one chunk
  wire::mime::Structure structure;  // of these octets
  std::vector<io::net::MemoryBudget::Share> shares;
};

}  // namespace veredus::work::delivery
