#include <fmt/format.h>
#include <openssl/pem.h>
#include <openssl/x509.h>

#include <algorithm>
#include <memory>

#include "base/codec/hex.h"
#include "base/crypto/digest.h"
#include "base/types/free_by.h"
#include "work/mailauth/published_key.h"
#include "work/records/looks.h"

namespace veredus::work::records {

using io::dns::TlsaRecord;
using state::directory::KeyState;
using state::directory::SigningKey;

namespace {

using X509Ptr = std::unique_ptr<X509, FreeBy<X509_free>>;

const unsigned char* octets_of(const std::string& text) { return reinterpret_cast<const unsigned char*>(text.data()); }

/// The SubjectPublicKeyInfo of a certificate in DER; empty: it is none.
std::string public_key_of(const std::string& der) {
  const auto* at = octets_of(der);
  const X509Ptr certificate(d2i_X509(nullptr, &at, static_cast<long>(der.size())));
  if (!certificate) return {};
  unsigned char* octets = nullptr;
  const int size = i2d_X509_PUBKEY(X509_get_X509_PUBKEY(certificate.get()), &octets);
  if (size <= 0) return {};
  std::string out(reinterpret_cast<const char*>(octets), static_cast<std::size_t>(size));
  OPENSSL_free(octets);
  return out;
}

std::string sha512(const std::string& octets) {
  std::string out(EVP_MAX_MD_SIZE, '\0');
  unsigned size = 0;
  EVP_Digest(octets.data(), octets.size(), reinterpret_cast<unsigned char*>(out.data()), &size, EVP_sha512(), nullptr);
  out.resize(size);
  return out;
}

/// Whether a record is of this certificate. Source: RFC 6698 s2.1.
bool matches(const TlsaRecord& record, const std::string& der) {
  const auto selected = record.selector == 0 ? der : public_key_of(der);
  switch (record.matching) {
    case 0:
      return record.association == selected;
    case 1:
      return record.association == base::crypto::sha256(selected);
    case 2:
      return record.association == sha512(selected);
    default:
      return false;
  }
}

/// RFC 7672 s3.1.3: only these two mean anything in SMTP.
constexpr std::uint8_t kTrustAnchor = 2;
constexpr std::uint8_t kEndEntity = 3;

std::string shown(const TlsaRecord& record) {
  return fmt::format("{} {} {} {}", record.usage, record.selector, record.matching,
                     base::codec::hex_encode(record.association));
}

Check check_of(const SigningKey& key, const std::string& domain) {
  Check check{.kind = "DKIM", .name = mailauth::key_name(key.selector, domain)};
  check.record = zone_text(check.name, record_text(key));
  return check;
}

}  // namespace

std::string first_certificate(const std::string& pem) {
  const std::unique_ptr<BIO, FreeBy<BIO_free_all>> in(BIO_new_mem_buf(pem.data(), static_cast<int>(pem.size())));
  const X509Ptr certificate(in ? PEM_read_bio_X509(in.get(), nullptr, nullptr, nullptr) : nullptr);
  if (!certificate) return {};
  unsigned char* octets = nullptr;
  const int size = i2d_X509(certificate.get(), &octets);
  if (size <= 0) return {};
  std::string der(reinterpret_cast<const char*>(octets), static_cast<std::size_t>(size));
  OPENSSL_free(octets);
  return der;
}

Look look_at_keys(const Subject* subject) {
  const auto& domain = subject->domain.name;
  std::vector<Check> out;
  for (const auto& key : subject->domain.keys) {
    if (key.state == KeyState::kGone) continue;
    auto check = check_of(key, domain);
    auto published = co_await mailauth::look_for_key(subject->resolver, check.name, key.kind, key.public_octets);
    check.found = std::move(published.texts);
    switch (published.publication) {
      case mailauth::Publication::kThere:
        check.state = State::kOk;
        if (key.state == KeyState::kPending) check.problem = "it signs as soon as the server has looked";
        if (key.state == KeyState::kRetiring) check.problem = "it signs no more, and must stay until it is gone";
        break;
      case mailauth::Publication::kMissing:
        set_missing(check, key.state == KeyState::kPending ? "the key signs as soon as it is there"
                                                           : "what this key signs, or has signed, does not verify");
        break;
      case mailauth::Publication::kOther:
        set_wrong(check, std::move(published.problem), fmt::format("replace by: {}", check.record));
        break;
      case mailauth::Publication::kUnknown:
        check.problem = fmt::format("DNS: {}", published.problem);
        break;
    }
    out.push_back(std::move(check));
  }
  if (out.empty()) {
    Check none{.kind = "DKIM", .name = "_domainkey." + domain};
    none.state = State::kMissing;
    none.problem = "the domain has no key: its mail is not signed";
    none.fix = fmt::format("veredus dkim rotate {}", domain);
    out.push_back(std::move(none));
  }
  co_return out;
}

/// Says something only where DNSSEC proves it (RFC 7672 s2.2).
Look look_at_tlsa(const Subject* subject) {
  const auto& host = subject->host;
  Check check{.kind = "TLSA", .name = "_25._tcp." + host.name, .need = Need::kRecommended};
  if (host.certificates_der.empty()) {
    check.state = State::kUnneeded;
    check.problem = "this server has no certificate";
    co_return std::vector{check};
  }
  const auto digest = base::crypto::sha256(public_key_of(host.certificates_der.front()));
  check.record = zone_line(check.name, "TLSA", "3 1 1 " + base::codec::hex_encode(digest));
  const auto answer = co_await subject->resolver->tlsa(check.name);
  if (!answer && note_failure(check, answer.error())) co_return std::vector{check};
  bool good = false;
  if (answer)
    for (const auto& record : answer->records) {
      check.found.push_back(shown(record));
      // What a trust anchor signed, only a handshake shows.
      good = good || record.usage == kTrustAnchor ||
             (record.usage == kEndEntity &&
              std::ranges::any_of(host.certificates_der, [&](const auto& der) { return matches(record, der); }));
    }
  const auto signed_zone = co_await subject->resolver->a(host.name);
  const bool authentic = signed_zone && signed_zone->authentic;
  if (!check.found.empty() && !good) {
    set_wrong(check, "no record is of this server's certificate: who looks at them does not deliver here",
              fmt::format("replace by: {}", check.record));
  } else if (!authentic) {
    check.state = State::kUnneeded;
    check.problem = host.validates ? fmt::format("the zone of {} is not signed (DNSSEC)", host.name)
                                   : "this server does not validate DNSSEC (`veredus status` says why): it uses no "
                                     "DANE towards others, and cannot tell whether its own zone is signed";
  } else if (check.found.empty()) {
    set_missing(check, "senders cannot know this server's certificate (DANE)");
  } else {
    check.state = State::kOk;
  }
  co_return std::vector{check};
}

}  // namespace veredus::work::records
