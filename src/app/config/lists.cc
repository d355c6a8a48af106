#include "app/config/lists.h"

#include <string>

namespace veredus::app::config {

void read_networks(TableReader& in, const toml::node* node, std::vector<io::net::Network>& to) {
  if (node == nullptr) return;
  std::vector<std::string> texts;
  in.read(node, texts);
  to.clear();
  for (const auto& text : texts) {
    if (const auto network = io::net::Network::parse(text))
      to.push_back(*network);
    else
      in.fail(node, "wants addresses or networks, such as [\"192.0.2.7\", \"2001:db8::/32\"]");
  }
}

std::vector<const toml::table*> tables_of(TableReader& in, const toml::node* node, std::string_view name) {
  std::vector<const toml::table*> tables;
  if (node == nullptr) return tables;
  const toml::array* all = node->as_array();
  if (all == nullptr || !all->is_homogeneous<toml::table>()) {
    in.fail(node, "is written as [[" + std::string(name) + "]]");
    return tables;
  }
  for (const auto& one : *all) tables.push_back(one.as_table());
  return tables;
}

}  // namespace veredus::app::config
