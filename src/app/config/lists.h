#pragma once

#include <string_view>
#include <vector>

#include "app/config/table_reader.h"
#include "io/net/endpoint.h"

namespace veredus::app::config {

/// Addresses and networks, in place of what `to` holds; a null node leaves it.
void read_networks(TableReader& in, const toml::node* node, std::vector<io::net::Network>& to);

/// The tables of an array of tables, [[name]]; none where it is absent, an error when it is something else.
std::vector<const toml::table*> tables_of(TableReader& in, const toml::node* node, std::string_view name);

}  // namespace veredus::app::config
