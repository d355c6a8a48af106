#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/types/clock.h"
#include "work/smtpclient/connection_error.h"
#include "work/smtpclient/options.h"
#include "work/smtpclient/peer.h"
#include "work/smtpclient/site.h"
#include "work/smtpclient/tls_outcome.h"

namespace veredus::work::smtpclient {

/// Takes over what the site says of the host: DANE, MTA-STS, and whether its name is proven.
void take_over(PublishedTls& published, const Site& site, const MailHost& host);

/// What DANE, MTA-STS and configuration come to for one connection: sets the peer's rule, context and policy. DANE goes
/// before MTA-STS (RFC 8461 s2), and neither takes away from what configuration asks for; a rule of kNever is the last
/// word. Answers why there may be no connection at all.
[[nodiscard]] std::optional<ConnectFailure> settle_tls(Peer& peer, const Options& options);

/// What became of TLS in a session that was opened (`details`), or that failed (`failure`; nullopt where it says
/// nothing of TLS), for a peer that settle_tls() has seen. nullopt: nothing to tell, also where nobody could publish
/// anything. Source: RFC 8460 s4.3.
[[nodiscard]] std::optional<TlsOutcome> outcome_of(const Peer& peer, const PeerDetails& details, SystemTime now);
[[nodiscard]] std::optional<TlsOutcome> outcome_of(const Peer& peer, const ConnectFailure& failure, SystemTime now);

/// The result type for what OpenSSL says of a certificate that is not taken.
[[nodiscard]] TlsResult result_of_certificate(std::string_view openssl_words);

}  // namespace veredus::work::smtpclient
