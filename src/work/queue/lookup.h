#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/types/clock.h"
#include "work/queue/waiting.h"
#include "work/smtpclient/site.h"

namespace veredus::work::queue {

/// What is known of the site of one domain, or of one route's hosts. A plain value.
struct Lookup {
  struct Options {
    std::chrono::seconds min_life{60};  // of a site, whatever DNS says
    std::chrono::seconds max_life{3600};
    std::chrono::seconds failed_life{60};          // for which "takes no mail" is believed
    std::chrono::milliseconds first_rest{60'000};  // after a search that failed for now; doubled each time
    std::chrono::milliseconds last_rest{std::chrono::hours(1)};
  };
  enum class State : std::uint8_t {
    kUnknown,    // to be searched for
    kQueued,     // a search is wanted
    kSearching,  // a search is under way
    kKnown,      // until good_until
    kNowhere,    // it takes no mail; until good_until
    kResting,    // DNS did not answer; searched for again at good_until
  };

  std::string key;
  std::string domain;  // empty for a route's hosts
  std::uint32_t way = 0;
  std::uint32_t destinations = 0;  // that point here
  State state = State::kUnknown;
  std::shared_ptr<const smtpclient::Site> site;
  std::optional<smtpclient::SiteError> error;
  unsigned failures = 0;
  SteadyTime good_until{};
  SlotList waiting;
  std::vector<std::uint32_t> lanes;  // by egress source; kNowhere: none yet

  [[nodiscard]] bool is_good(SteadyTime now) const { return now < good_until; }
};

}  // namespace veredus::work::queue
