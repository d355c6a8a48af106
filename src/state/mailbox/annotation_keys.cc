#include "state/mailbox/annotation_keys.h"

#include <utility>

#include "state/mailbox/keys.h"

namespace veredus::state::mailbox {

AsyncOutcome<std::vector<std::string>> annotation_keys(Turn* turn, std::string prefix) {
  std::vector<std::string> found;
  io::engine::ScanOptions options;
  options.keys_only = true;
  const auto high = keys::after(prefix);
  for (std::string low = std::move(prefix); !low.empty();) {
    VEREDUS_CO_TRY(auto page, co_await turn->scan(std::move(low), high, options));
    for (auto& row : page.rows) found.push_back(std::move(row.key));
    low = std::move(page.next);
  }
  co_return found;
}

}  // namespace veredus::state::mailbox
