#include <fmt/format.h>

#include <chrono>

#include "work/probe/findings.h"

namespace veredus::work::probe {
namespace {

using enum Severity;
constexpr int kDaysOfWarning = 14;
constexpr unsigned kWeakCipherBits = 128;
constexpr unsigned kWeakKeyBits = 112;  // security bits: RSA 2048 (RFC 9325 s4.5)

/// Between mail servers TLS is taken as it comes; clients with a password must be able to trust it.
Severity of_certificate(const Session& session) {
  const auto port = session.address.port;
  return port == 465 || port == 587 ? kMajor : kMinor;
}

void look_at_chain(const Session& session, SystemTime now, Findings& out) {
  const auto& chain = session.tls->chain;
  if (chain.certificates.empty()) return;
  const auto& leaf = chain.certificates.front();
  const auto left = std::chrono::floor<std::chrono::days>(leaf.not_after - now).count();
  const auto severity = of_certificate(session);
  if (left < 0)
    out.add(kMajor, "certificate-expired", fmt::format("The certificate expired {} days ago.", -left),
            "Renew it, and let it be renewed by itself.");
  else if (left < kDaysOfWarning)
    out.add(kMinor, "certificate-expires", fmt::format("The certificate expires in {} days.", left), "Renew it.");
  if (leaf.not_before > now)
    out.add(kMajor, "certificate-not-yet-valid", "The certificate is not valid yet.", "Check the server's clock.");
  if (!chain.name_matches)
    out.add(severity, "certificate-name", fmt::format("The certificate does not stand for {}.", session.host),
            "Get one that has the host's name in its subject alternative names.");
  if (!chain.trusted && left >= 0 && leaf.not_before <= now)
    out.add(severity, "certificate-untrusted", fmt::format("The certificate is not trusted: {}.", chain.distrust),
            leaf.self_signed
                ? "Get one of a public authority (they are free), or publish TLSA records in a signed zone."
                : "Let the server show the whole chain, without the root.");
  if (leaf.security_bits < kWeakKeyBits)
    out.add(kMinor, "weak-key", fmt::format("The certificate's key is weak: {}.", leaf.key),
            "Use RSA 2048 or EC P-256.");
  if (leaf.signature.contains("sha1") || leaf.signature.contains("md5"))
    out.add(kMinor, "weak-signature", fmt::format("The certificate is signed with {}.", leaf.signature),
            "Get one signed with SHA-256.");
}

}  // namespace

void look_at_tls(const Session& session, SystemTime now, Findings out) {
  if (!session.tls_failure.empty())
    return out.add(kMajor, "tls-failed", fmt::format("TLS does not come about: {}.", session.tls_failure),
                   "Look at the server's certificate, key and protocol settings.");
  if (!session.tls) {
    if (session.plain && !session.plain->start_tls)
      out.add(kMajor, "no-starttls", "STARTTLS is not offered: all mail crosses the network in the clear.",
              "Give the server a certificate and turn TLS on.");
    return;
  }
  const auto& tls = *session.tls;
  if (tls.version != "TLSv1.2" && tls.version != "TLSv1.3")  // RFC 8996 s2
    out.add(kMajor, "old-tls", fmt::format("The best the server speaks is {}.", tls.version),
            "Turn TLS 1.2 and 1.3 on.");
  if (tls.cipher_bits < kWeakCipherBits)
    out.add(kMajor, "weak-cipher", fmt::format("The cipher {} has {} bits.", tls.cipher, tls.cipher_bits),
            "Offer AES-GCM or ChaCha20 first.");
  look_at_chain(session, now, out);
}

}  // namespace veredus::work::probe
