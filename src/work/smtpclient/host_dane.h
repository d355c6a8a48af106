#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "io/dns/resolver.h"
#include "io/net/asio.h"
#include "io/net/tls_context.h"
#include "work/smtpclient/host_addresses.h"

namespace veredus::work::smtpclient {

/// What DNSSEC says of TLS with one mail host. Only of hosts it says something of: there is none where the host's
/// addresses are not signed, or no TLSA records are there. Source: RFC 7672 s2.
struct HostDane {
  enum class State : std::uint8_t {
    kUsable,    // its certificate must be one that a record vouches for
    kUnusable,  // RFC 7672 s2.2: there are records, and none that can be used: TLS with any certificate
    kFailed,    // RFC 7672 s2.1.2: nobody can tell now: no mail for the host
  };
  State state = State::kFailed;
  std::string base_domain;                       // the records are at "_25._tcp." and this (RFC 7672 s2.2.3)
  std::vector<std::string> records;              // as in zone files, "3 1 1 0fc4…"
  bool by_anchor = false;                        // one is of DANE-TA: names count, the recipients' domain among them
  std::shared_ptr<io::net::TlsContext> context;  // kUsable: expects them
  std::string failure;                           // kFailed: why; kUnusable: what is wrong
  std::optional<std::chrono::seconds> ttl;       // of the records; 0: kFailed, ask again soon
};

/// "3 1 1 0fc4…"
[[nodiscard]] std::string to_text(const io::dns::TlsaRecord& record);

/// One host whose records are wanted.
struct DaneQuestion {
  std::string host;        // as the MX record, or configuration, names it
  std::string canonical;   // at the end of its aliases; the same when there are none
  bool authentic = false;  // its addresses, with all aliases on the way
  std::uint16_t port = 25;
  /// Names its certificate may have beside its own: the domain the mail is for, and what that is an alias of.
  std::vector<std::string> next_hops;
};
/// Of a host whose addresses were looked up.
[[nodiscard]] DaneQuestion dane_question(const HostAddresses& found, std::uint16_t port,
                                         std::vector<std::string> next_hops);

/// Asks for the records of all these hosts at the same time; the answers, null where there is nothing to say, come in
/// order. Cancelling the caller ends it at once. `resolver` is owned by someone who joins the caller.
asio::awaitable<std::vector<std::shared_ptr<const HostDane>>> look_up_dane(io::dns::Resolver* resolver,
                                                                           std::vector<DaneQuestion> questions);

}  // namespace veredus::work::smtpclient
