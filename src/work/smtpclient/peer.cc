#include "work/smtpclient/peer.h"

#include "work/smtpclient/host_dane.h"

namespace veredus::work::smtpclient {

std::string_view to_string(TlsRule rule) {
  switch (rule) {
    case TlsRule::kNever:
      return "never";
    case TlsRule::kOpportunistic:
      return "opportunistic";
    case TlsRule::kEncrypt:
      return "encrypt";
    case TlsRule::kVerify:
      return "verify";
  }
  return "unknown";
}

std::string connection_key(const Peer& peer) {
  std::string key = peer.address.to_string();
  const auto add = [&key](std::string_view part) { key.append("|").append(part); };
  add(peer.host_name);
  add(peer.source ? peer.source->to_string() : std::string());
  add(peer.hello_name);
  key.push_back('|');
  key.push_back(static_cast<char>('0' + static_cast<int>(peer.tls)));
  key.push_back(peer.implicit_tls ? 'i' : 's');
  key.push_back(peer.protocol == Protocol::kLmtp ? 'l' : 'e');
  key.push_back(peer.published.name_proven ? 'p' : 'u');  // RFC 8689 s4.2.1: for the domain that opened it
  if (peer.credentials) add(peer.credentials->user);
  if (peer.tls_context) add(peer.tls_policy);  // says which records, or whose roots
  // RFC 7672 s3.2.2: the domain's own name may have been what its certificate was taken for.
  if (peer.tls_context && peer.published.dane && peer.published.dane->by_anchor) add(peer.published.domain);
  // RFC 8460 s5.3: what goes whatever becomes of TLS is not reported on, so it keeps a connection of its own.
  if (peer.published.ignored) add("ignored");
  return key;
}

}  // namespace veredus::work::smtpclient
