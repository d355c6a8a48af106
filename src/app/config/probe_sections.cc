#include "app/config/lists.h"
#include "app/config/sections.h"

namespace veredus::app::config {
namespace {

void read_ports(TableReader& in, const toml::node* node, std::vector<std::uint16_t>& target) {
  if (node == nullptr) return;
  const auto* all = node->as_array();
  std::vector<std::uint16_t> ports;
  for (std::size_t i = 0; all != nullptr && i < all->size(); ++i) {
    const auto port = all->get(i)->value_exact<std::int64_t>();
    if (port && *port > 0 && *port < 65'536) ports.push_back(static_cast<std::uint16_t>(*port));
  }
  if (all == nullptr || all->empty() || ports.size() != all->size())
    return in.fail(node, "wants a list of ports, such as [25, 465, 587]");
  target = std::move(ports);
}

}  // namespace

void read_probe(const toml::table& file, const Place& place, Configuration& to, std::vector<ConfigError>& errors) {
  TableReader in(table_of(file, "probe", place, errors), "probe.", place.file, errors);
  read_networks(in, in.key("probe.allowed_networks"), to.probe_guard.allowed);
  read_ports(in, in.key("probe.ports"), to.probe_guard.ports);
  in.finish();
}

}  // namespace veredus::app::config
