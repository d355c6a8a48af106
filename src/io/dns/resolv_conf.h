#pragma once

#include <string_view>
#include <vector>

#include "io/net/endpoint.h"

namespace veredus::io::dns {

/// The servers a resolv.conf names, in order; without any, this machine's own, as resolv.conf(5) has it. Search lists
/// and options are not for mail. Addresses that need a zone ("fe80::1%eth0") are passed over.
std::vector<net::Endpoint> servers_of_resolv_conf(std::string_view text);

}  // namespace veredus::io::dns
