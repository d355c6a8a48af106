#include <algorithm>

#include "app/config/sections.h"
#include "base/codec/ascii.h"
#include "wire/smtp/address.h"

namespace veredus::app::config {
namespace {

/// An address with a domain; an error when it is none.
void read_address(TableReader& in, const toml::node* node, std::string& target) {
  if (node == nullptr) return;
  in.read(node, target);
  const auto address = wire::smtp::parse_mailbox(target);
  if (!address || address->domain.empty())
    in.fail(node, "wants an address, such as \"reports@example.org\"");
  else
    target = wire::smtp::to_string(*address);
}

}  // namespace

void read_reports(const toml::table& file, const Place& place, Configuration& to, std::vector<ConfigError>& errors) {
  TableReader in(table_of(file, "reports", place, errors), "reports.", place.file, errors);
  auto& reports = to.reports;
  read_address(in, in.key("reports.contact"), reports.contact);
  in.read(in.key("reports.organization"), reports.organization);
  in.read(in.key("reports.extra_contact"), reports.extra_contact);
  in.read(in.key("reports.dmarc"), reports.send_dmarc);
  in.read(in.key("reports.tls"), reports.send_tls);
  const auto* spread = in.key("reports.spread");
  in.read(spread, reports.spread);
  if (reports.spread > std::chrono::hours(12)) in.fail(spread, "wants at most \"12h\"");
  const auto* addresses = in.key("reports.addresses");
  in.read(addresses, reports.addresses);
  for (auto& address : reports.addresses) {
    const auto read = wire::smtp::parse_mailbox(address);
    if (!read || read->domain.empty())
      in.fail(addresses, "wants addresses, such as [\"dmarc-reports@example.org\"]");
    else
      address = base::codec::to_lower_ascii(wire::smtp::to_string(*read));
  }
  in.read(in.key("reports.keep"), reports.received.life);
  in.read(in.key("reports.keep_most"), reports.received.most, 1);
  in.finish();
}

}  // namespace veredus::app::config
