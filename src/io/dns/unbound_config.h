#pragma once

#include <expected>
#include <string>
#include <vector>

#include "io/dns/unbound_resolver.h"

namespace veredus::io::dns {

/// The options in the words of unbound.conf(5). `forwarders` are those to ask, whatever `options.source` says; empty:
/// from the root. Errors: kSetting, for names that would break out of their quotes or are none.
std::expected<std::string, ResolverError> unbound_config(const ResolverOptions& options,
                                                         const std::vector<net::Endpoint>& forwarders);

}  // namespace veredus::io::dns
