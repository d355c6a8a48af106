#include "work/records/survey.h"

#include <array>
#include <utility>

#include "io/net/run_together.h"
#include "work/records/looks.h"

namespace veredus::work::records {

namespace {

using LookAt = Look (*)(const Subject*);

/// In the order in which people read them.
constexpr std::array<LookAt, 9> kLooks{look_at_exchanges, look_at_spf,      look_at_keys,
                                       look_at_dmarc,     look_at_mta_sts,  look_at_tls_reports,
                                       look_at_tlsa,      look_at_pointers, look_at_services};

asio::awaitable<void> fill(LookAt look, const Subject* subject, std::vector<Check>* out) {
  *out = co_await look(subject);
}

}  // namespace

asio::awaitable<Report> survey(io::dns::Resolver* resolver, OwnHost host, OwnDomain domain, SystemTime now) {
  Subject subject{
      .resolver = resolver, .host = std::move(host), .domain = std::move(domain), .now = now, .addresses = {}};
  Report report{.domain = subject.domain.name, .checks = co_await look_at_host(&subject)};
  std::array<std::vector<Check>, kLooks.size()> found;
  std::vector<asio::awaitable<void>> looks;
  looks.reserve(kLooks.size());
  for (std::size_t i = 0; i < kLooks.size(); ++i) looks.push_back(fill(kLooks[i], &subject, &found[i]));
  co_await io::net::run_together(std::move(looks));
  for (auto& checks : found)
    for (auto& check : checks) report.checks.push_back(std::move(check));
  co_return report;
}

}  // namespace veredus::work::records
