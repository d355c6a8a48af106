#include "work/probe/certificate.h"

#include <gtest/gtest.h>
#include <openssl/bio.h>
#include <openssl/pem.h>
#include <openssl/x509.h>

#include "io/net/self_signed.h"

namespace veredus::work::probe {
namespace {

using namespace std::chrono_literals;

const SystemTime kNow = std::chrono::sys_days(std::chrono::year(2026) / 11 / 22);

std::string der_of(const std::string& pem) {
  BIO* const in = BIO_new_mem_buf(pem.data(), static_cast<int>(pem.size()));
  X509* const certificate = PEM_read_bio_X509(in, nullptr, nullptr, nullptr);
  unsigned char* octets = nullptr;
  const int length = i2d_X509(certificate, &octets);
  std::string der(reinterpret_cast<const char*>(octets), static_cast<std::size_t>(length));
  OPENSSL_free(octets);
  X509_free(certificate);
  BIO_free(in);
  return der;
}

std::string self_signed_pem() {
  return io::net::make_self_signed({"mx.example.org", "192.0.2.1"}, kNow, std::chrono::days(30))->certificate_pem;
}

TEST(ExamineChain, ReadsWhatACertificateSays) {
  const auto pem = self_signed_pem();
  const auto chain = examine_chain({der_of(pem)}, "mx.example.org", kNow, pem);
  ASSERT_EQ(chain.certificates.size(), 1u);
  const auto& leaf = chain.certificates.front();
  EXPECT_EQ(leaf.subject, "CN=mx.example.org");
  EXPECT_EQ(leaf.names, (std::vector<std::string>{"mx.example.org", "192.0.2.1"}));
  EXPECT_TRUE(leaf.self_signed);
  EXPECT_LT(leaf.not_before, kNow);
  EXPECT_GT(leaf.not_after, kNow + 29 * 24h);
  EXPECT_TRUE(leaf.key.starts_with("EC ")) << leaf.key;
  EXPECT_EQ(leaf.security_bits, 128u);
  EXPECT_EQ(leaf.sha256.size(), 64u);
  EXPECT_TRUE(chain.trusted) << chain.distrust;
  EXPECT_TRUE(chain.name_matches);
}

TEST(ExamineChain, SaysWhyAChainIsNotToBeTrusted) {
  const auto pem = self_signed_pem();
  const auto der = der_of(pem);
  EXPECT_FALSE(examine_chain({der}, "mx.example.org", kNow, self_signed_pem()).trusted);
  const auto late = examine_chain({der}, "mx.example.org", kNow + 60 * 24h, pem);
  EXPECT_FALSE(late.trusted);
  EXPECT_EQ(late.distrust, "certificate has expired");
  EXPECT_FALSE(examine_chain({der}, "mail.example.org", kNow, pem).name_matches);
  EXPECT_TRUE(examine_chain({der}, "192.0.2.1", kNow, pem).name_matches);
  EXPECT_FALSE(examine_chain({der}, "192.0.2.2", kNow, pem).name_matches);
  EXPECT_EQ(examine_chain({}, "mx.example.org", kNow, pem).distrust, "no certificate");
  EXPECT_EQ(examine_chain({"no certificate"}, "mx.example.org", kNow, pem).distrust, "no certificate");
}

}  // namespace
}  // namespace veredus::work::probe
