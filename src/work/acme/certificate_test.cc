#include "work/acme/certificate.h"

#include <gtest/gtest.h>
#include <openssl/pem.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>

#include <boost/json.hpp>
#include <filesystem>
#include <fstream>

#include "base/codec/base64.h"
#include "base/crypto/digest.h"
#include "support/scratch_directory.h"
#include "work/acme/account_key.h"
#include "work/acme/challenge_board.h"
#include "work/acme/keeper.h"

namespace veredus::work::acme {
namespace {

constexpr SystemTime kNow{std::chrono::milliseconds{1'790'000'000'000}};

TEST(AccountKey, ComesBackFromItsText) {
  const auto key = AccountKey::make().value();
  const auto again = AccountKey::read(key.pem());
  ASSERT_TRUE(again);
  EXPECT_EQ(again->jwk(), key.jwk());
  EXPECT_EQ(again->thumbprint().size(), 43U);
  EXPECT_FALSE(AccountKey::read("no key"));
}

TEST(AccountKey, HasItsKeysInTheOrderThatTheThumbprintWants) {  // RFC 7638 s3
  const auto key = AccountKey::make().value();
  EXPECT_TRUE(key.jwk().starts_with(R"({"crv":"P-256","kty":"EC","x":")"));
  EXPECT_EQ(boost::json::parse(key.jwk()).as_object().size(), 4U);
  EXPECT_EQ(key.thumbprint(), base::codec::base64url_encode(base::crypto::sha256(key.jwk())));
}

TEST(MakeRequest, NamesAllHosts) {
  const auto made = make_request({"mx.example.org", "mail.example.org"});
  ASSERT_TRUE(made);
  const auto* octets = reinterpret_cast<const unsigned char*>(made->request.data());
  X509_REQ* request = d2i_X509_REQ(nullptr, &octets, static_cast<long>(made->request.size()));
  ASSERT_NE(request, nullptr);
  EXPECT_EQ(X509_REQ_verify(request, X509_REQ_get0_pubkey(request)), 1);
  EXPECT_TRUE(made->request.contains("mail.example.org"));
  X509_REQ_free(request);
  EXPECT_FALSE(make_request({}));
  EXPECT_FALSE(make_request({"a.test,IP:127.0.0.1"}));
}

TEST(MakeProof, CarriesTheHashOfTheKeyAuthorization) {  // RFC 8737 s3
  const auto made = make_proof("mx.example.org", "token.thumbprint", kNow);
  ASSERT_TRUE(made);
  BIO* bio = BIO_new_mem_buf(made->certificate_pem.data(), static_cast<int>(made->certificate_pem.size()));
  X509* certificate = PEM_read_bio_X509(bio, nullptr, nullptr, nullptr);
  BIO_free(bio);
  ASSERT_NE(certificate, nullptr);
  ASN1_OBJECT* object = OBJ_txt2obj("1.3.6.1.5.5.7.1.31", 1);
  const int at = X509_get_ext_by_OBJ(certificate, object, -1);
  ASSERT_GE(at, 0);
  X509_EXTENSION* extension = X509_get_ext(certificate, at);
  EXPECT_EQ(X509_EXTENSION_get_critical(extension), 1);
  const auto* data = X509_EXTENSION_get_data(extension);
  const std::string value(reinterpret_cast<const char*>(ASN1_STRING_get0_data(data)),
                          static_cast<std::size_t>(ASN1_STRING_length(data)));
  EXPECT_EQ(value, "\x04\x20" + base::crypto::sha256("token.thumbprint"));
  ASN1_OBJECT_free(object);
  X509_free(certificate);
  const auto facts = read_certificate(made->certificate_pem);
  ASSERT_TRUE(facts);
  EXPECT_EQ(facts->names, std::vector<std::string>{"mx.example.org"});
}

TEST(ReadCertificate, TellsItsLifeAndWhoSignedIt) {
  const auto made = io::net::make_self_signed({"b.test", "a.test"}, kNow, std::chrono::days(90)).value();
  const auto facts = read_certificate(made.certificate_pem + made.key_pem);
  ASSERT_TRUE(facts);
  EXPECT_EQ(facts->names, (std::vector<std::string>{"a.test", "b.test"}));
  EXPECT_TRUE(facts->self_signed);
  EXPECT_EQ(facts->until, kNow + std::chrono::days(90));
  EXPECT_LT(facts->renew_at(), kNow + std::chrono::days(61));
  EXPECT_GT(facts->renew_at(), kNow + std::chrono::days(59));
  EXPECT_FALSE(read_certificate("no certificate"));
}

TEST(PrepareCertificate, MakesOneWhereThereIsNone) {
  const test::ScratchDirectory folder;
  Options options;
  options.folder = folder.path();
  options.names = {"mx.example.org"};
  ASSERT_TRUE(prepare_certificate(options, kNow));
  io::net::TlsContext::ServerOptions server;
  io::net::TlsContext::Certificate file;
  file.chain_file = file.key_file = options.certificate_file();
  server.certificates.push_back(file);
  EXPECT_TRUE(io::net::TlsContext::server(server));
  const auto read = [&] {
    std::ifstream in(options.certificate_file());
    return std::string(std::istreambuf_iterator<char>(in), {});
  };
  const auto before = read();
  ASSERT_TRUE(prepare_certificate(options, kNow));
  EXPECT_EQ(read(), before);
  EXPECT_EQ(std::filesystem::status(options.certificate_file()).permissions(),
            std::filesystem::perms::owner_read | std::filesystem::perms::owner_write);
}

TEST(ChallengeBoard, AnswersWhatIsShownAndNothingElse) {  // RFC 8555 s8.3
  const FixedClock clock(kNow);
  ChallengeBoard board(ChallengeKind::kHttp01, clock);
  const Challenge challenge{.name = "mx.example.org", .token = "abc", .key_authorization = "abc.def"};
  ASSERT_TRUE(board.show(challenge));
  EXPECT_EQ(board.answer("abc").body, "abc.def");
  EXPECT_EQ(board.answer("abd").status, 404U);
  board.take_down(challenge);
  EXPECT_EQ(board.answer("abc").status, 404U);
}

}  // namespace
}  // namespace veredus::work::acme
