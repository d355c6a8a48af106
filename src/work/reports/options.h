#pragma once

#include <chrono>
#include <cstddef>
#include <string>
#include <vector>

#include "state/reports/received.h"
#include "state/reports/tally.h"

namespace veredus::work::reports {

struct Options {
  /// The address reports come from, and where people ask about them; its domain is who reports. Empty: nothing is
  /// counted and nothing is sent.
  std::string contact;
  std::string organization;   // empty: the contact's domain
  std::string extra_contact;  // such as a web page; empty: none
  bool send_dmarc = true;
  bool send_tls = true;
  std::chrono::minutes spread{240};      // reports of a day leave within this after it (RFC 8460 s4.1)
  std::size_t most_records = 50'000;     // of one report
  std::size_t most_destinations = 10;    // of one domain
  std::chrono::hours give_up_after{24};  // RFC 8460 s5.5

  std::vector<std::string> addresses;     // of ours, where reports about our domains come to; lower case
  std::size_t most_octets = 25ULL << 20;  // of a message that is looked at

  state::reports::Tally::Options tally;
  state::reports::Received::Options received;
};

}  // namespace veredus::work::reports
