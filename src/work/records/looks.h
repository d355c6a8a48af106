#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "io/dns/dns_error.h"
#include "io/dns/resolver.h"
#include "io/net/asio.h"
#include "work/records/report.h"
#include "work/records/survey.h"
#include "work/records/zone_text.h"

namespace veredus::work::records {

/// What all looks of one survey know. Owned by the survey, which joins them.
struct Subject {
  io::dns::Resolver* resolver = nullptr;
  OwnHost host;
  OwnDomain domain;
  SystemTime now;
  std::vector<io::net::IpAddress> addresses;  // the host's, from DNS
};

using Look = asio::awaitable<std::vector<Check>>;

// One family each.
/// Also fills in the subject's addresses: it comes first.
Look look_at_host(Subject* subject);             // A, AAAA
Look look_at_pointers(const Subject* subject);   // PTR
Look look_at_exchanges(const Subject* subject);  // MX
Look look_at_spf(const Subject* subject);
Look look_at_keys(const Subject* subject);  // DKIM
Look look_at_dmarc(const Subject* subject);
Look look_at_mta_sts(const Subject* subject);
Look look_at_tls_reports(const Subject* subject);
Look look_at_tlsa(const Subject* subject);
Look look_at_services(const Subject* subject);  // SRV

/// "There is nothing" and "there was no answer".
[[nodiscard]] bool says_nothing_there(io::dns::DnsError error);

/// Fills in state and problem from why DNS did not answer; true: it did not.
bool note_failure(Check& check, io::dns::DnsError error);

/// It is not there; the fix is to add the record.
void set_missing(Check& check, std::string problem);
void set_wrong(Check& check, std::string problem, std::string fix);

}  // namespace veredus::work::records
