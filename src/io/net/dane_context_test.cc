#include "io/net/dane_context.h"

#include <gtest/gtest.h>
#include <openssl/pem.h>
#include <openssl/sha.h>
#include <openssl/x509.h>
#include <sys/socket.h>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/use_future.hpp>
#include <future>

#include "io/net/line_stream.h"
#include "io/net/reactor.h"
#include "io/net/self_signed.h"
#include "io/net/socket_transport.h"
#include "support/certificate_authority.h"
#include "support/run.h"

namespace veredus::io::net {
namespace {

using namespace std::chrono_literals;

const KeyAndCertificate& identity() {
  static const auto made = make_self_signed({"mx.example.org"}, MachineClock().now(), std::chrono::days(30)).value();
  return made;
}

X509* read_certificate(const std::string& pem) {
  BIO* bio = BIO_new_mem_buf(pem.data(), static_cast<int>(pem.size()));
  X509* certificate = PEM_read_bio_X509(bio, nullptr, nullptr, nullptr);
  BIO_free(bio);
  return certificate;
}

const test::CertificateAuthority& authority() {
  static const test::CertificateAuthority made;
  return made;
}

/// The certificate, or its public key, in DER.
std::string der(bool key_only) {
  X509* certificate = read_certificate(identity().certificate_pem);
  unsigned char* octets = nullptr;
  const int length =
      key_only ? i2d_X509_PUBKEY(X509_get_X509_PUBKEY(certificate), &octets) : i2d_X509(certificate, &octets);
  std::string result(reinterpret_cast<const char*>(octets), static_cast<std::size_t>(length));
  OPENSSL_free(octets);
  X509_free(certificate);
  return result;
}

std::string sha256(std::string_view octets) {
  std::string digest(SHA256_DIGEST_LENGTH, '\0');
  SHA256(reinterpret_cast<const unsigned char*>(octets.data()), octets.size(),
         reinterpret_cast<unsigned char*>(digest.data()));
  return digest;
}

struct Seen {
  std::expected<TlsStarted, IoError> started;
  std::string failure;
  std::optional<TlsDetails> details;
};

asio::awaitable<Seen> shake_hands(LineStream stream, std::shared_ptr<TlsContext> context) {
  Seen seen{.started = TlsStarted(), .failure = {}, .details = {}};
  if (context->is_server())
    seen.started = co_await stream.start_tls(std::move(context), 1min);
  else
    seen.started = co_await stream.start_tls_client(std::move(context), "ignored.example", 1min);
  seen.failure = stream.tls_failure();
  if (seen.started) seen.details = stream.tls();
  co_return seen;
}

class DaneTest : public testing::Test {
 protected:
  /// What the client comes to see of a server that shows the certificate of mx.example.org.
  Seen meet(DaneExpectation expectation, const KeyAndCertificate& shown = identity()) {
    int ends[2];
    EXPECT_EQ(::socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0, ends), 0);
    const auto over = [this](int fd) {
      const auto nowhere = Endpoint::unix_socket("");
      return LineStream(reactor, make_socket_transport(reactor, UniqueFd(fd), nowhere, nowhere));
    };
    TlsContext::ServerOptions options;
    options.certificates.push_back({.chain_pem = shown.certificate_pem, .key_pem = shown.key_pem});
    auto server = TlsContext::server(std::move(options)).value();
    auto client = dane_client(std::move(expectation)).value();
    auto served = asio::co_spawn(reactor.context(), shake_hands(over(ends[0]), std::move(server)), asio::use_future);
    auto seen = test::run(reactor.context(), shake_hands(over(ends[1]), std::move(client)));
    reactor.context().restart();
    reactor.context().run();
    const auto there = served.get();
    if (there.details) sni = there.details->server_name;
    return seen;
  }

  Reactor reactor;
  std::string sni;
};

TEST_F(DaneTest, TakesTheCertificateOrKeyThatARecordVouchesFor) {  // RFC 7672 s3.1.1
  const DaneExpectation::Record records[] = {
      {3, 1, 1, sha256(der(true))}, {3, 0, 1, sha256(der(false))}, {3, 0, 0, der(false)}, {3, 1, 0, der(true)}};
  for (const auto& record : records) {
    SCOPED_TRACE(static_cast<int>(record.selector * 10 + record.matching));
    const auto seen = meet({.base_domain = "mx.elsewhere.test", .other_names = {}, .records = {record}});
    ASSERT_TRUE(seen.started) << seen.failure;
    EXPECT_TRUE(seen.details->verified);
    EXPECT_EQ(sni, "mx.elsewhere.test");
  }
}

TEST_F(DaneTest, TakesOneRecordOfSeveralAndPassesOverWhatCannotBeUsed) {
  const auto seen = meet(
      {.base_domain = "mx.example.org",
       .other_names = {},
       .records = {{3, 1, 1, std::string(32, 'x')}, {3, 1, 9, "?"}, {0, 0, 0, "pkix"}, {3, 1, 1, sha256(der(true))}}});
  EXPECT_TRUE(seen.started) << seen.failure;
}

TEST_F(DaneTest, RefusesACertificateThatNoRecordVouchesFor) {
  const auto seen =
      meet({.base_domain = "mx.example.org", .other_names = {}, .records = {{3, 1, 1, std::string(32, 'x')}}});
  ASSERT_FALSE(seen.started);
  EXPECT_EQ(seen.started.error(), IoError::kTlsCertificate);
  EXPECT_NE(seen.failure, "");
}

TEST_F(DaneTest, ChecksNamesUnderATrustAnchor) {  // RFC 7672 s3.1.2, s3.2.2
  const DaneExpectation::Record anchor{2, 0, 1, sha256(authority().der())};
  const auto shown = authority().issue({"mx.example.org"});
  const auto own = meet({.base_domain = "mx.example.org", .other_names = {}, .records = {anchor}}, shown);
  ASSERT_TRUE(own.started) << own.failure;
  EXPECT_TRUE(own.details->verified);
  EXPECT_TRUE(meet({.base_domain = "a.test", .other_names = {"mx.example.org"}, .records = {anchor}}, shown).started);
  const auto other = meet({.base_domain = "a.test", .other_names = {"b.test"}, .records = {anchor}}, shown);
  ASSERT_FALSE(other.started);
  EXPECT_EQ(other.started.error(), IoError::kTlsCertificate);
  EXPECT_EQ(other.failure, "hostname mismatch");
}

TEST(Dane, KnowsWhenNoRecordCanBeUsed) {  // RFC 7672 s3.1.3
  const std::vector<DaneExpectation::Record> unusable[] = {{},
                                                           {{0, 0, 1, std::string(32, 'x')}},
                                                           {{1, 1, 1, std::string(32, 'x')}},
                                                           {{3, 1, 1, "short"}},
                                                           {{3, 2, 1, std::string(32, 'x')}},
                                                           {{3, 0, 0, "no certificate"}},
                                                           {{4, 0, 1, std::string(32, 'x')}}};
  for (const auto& records : unusable) {
    const auto made = dane_client({.base_domain = "mx.example.org", .other_names = {}, .records = records});
    ASSERT_FALSE(made);
    EXPECT_EQ(made.error(), DaneError::kNoUsableRecord);
  }
  EXPECT_EQ(dane_expectation_of(TlsContext::client({.verify = TlsContext::Verify::kNone}).value()->native().get()),
            nullptr);
}

}  // namespace
}  // namespace veredus::io::net
