#pragma once

#include <string>

#include "io/net/asio.h"
#include "work/probe/report.h"

namespace veredus::io::dns {
class Resolver;
}

namespace veredus::work::probe {

/// Who takes a domain's mail, with their addresses. The resolver is owned by someone who joins the caller.
/// Source: RFC 5321 s5.1, RFC 7505.
asio::awaitable<Domain> find_mail_hosts(io::dns::Resolver* resolver, std::string domain);

/// Fills in the host's addresses, whether its name is an alias, and why there is no address. The host is owned by
/// someone who joins the caller.
asio::awaitable<void> find_addresses(io::dns::Resolver* resolver, MailHost* host);

}  // namespace veredus::work::probe
