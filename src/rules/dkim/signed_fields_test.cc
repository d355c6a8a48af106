#include "rules/dkim/signed_fields.h"

#include <gtest/gtest.h>

namespace veredus::rules::dkim {
namespace {

TEST(SignedDigest, OfASignatureThatNamesItselfIsThatBeforeItStoodThere) {  // RFC 6376 s5.4
  constexpr std::string_view kOlder = "DKIM-Signature: v=1; b=older\r\nFrom: alice@example.org\r\n";
  constexpr std::string_view kOwn = "DKIM-Signature: v=1; h=from:dkim-signature:dkim-signature; b=\r\n";
  const std::vector<std::string> names{"From", "DKIM-Signature", "DKIM-Signature"};
  const auto before = wire::mime::read_fields(kOlder);
  const auto own = wire::mime::read_fields(kOwn).front();
  const auto made = signed_digest(before, names, own, Canonical::kRelaxed);
  for (const bool on_top : {true, false}) {
    const auto header = on_top ? std::string(kOwn) + std::string(kOlder) : std::string(kOlder) + std::string(kOwn);
    const auto fields = wire::mime::read_fields(header);
    const auto& signature = on_top ? fields.front() : fields.back();
    EXPECT_EQ(signed_digest(fields, names, signature, Canonical::kRelaxed), made) << on_top;
  }
}

}  // namespace
}  // namespace veredus::rules::dkim
