#include "wire/mime/address_syntax.h"

#include <gtest/gtest.h>

#include <cstdio>
#include <map>
#include <string>

#include "base/codec/ascii.h"
#include "support/suite_files.h"

namespace veredus::wire::mime {
namespace {

using enum AddressDiagnosis;

TEST(DiagnoseAddress, TellsTheWorstThingThatIsThere) {
  struct Case {
    std::string_view address;
    AddressDiagnosis want;
  };
  const Case cases[] = {
      {"alice@example.org", kValid},
      {"a.b+tag@sub.example.org", kValid},
      {"postmaster@org", kTopLevelDomain},
      {"x@example.1org", kNumericTopLevelDomain},
      {"\"a b\"@example.org", kQuotedLocalPart},
      {"a@[192.0.2.1]", kAddressLiteral},
      {"a@[IPv6:2001:db8::1]", kAddressLiteral},
      {"a@[IPv6:1:2:3:4:5:6::7]", kIpv6LiteralDeprecated},
      {"a@[IPv6:1:2]", kIpv6GroupCount},
      {"a@[192.0.2]", kDomainLiteral},
      {"(x)a@example.org", kComment},
      {" a@example.org", kFoldingWhiteSpace},
      {"a @example.org", kFoldingNearAt},
      {"\"a\".b@example.org", kObsoleteLocalPart},
      {"a@ex_ample.org", kDomainNotLdh},
      {"", kNoDomain},
      {"a", kNoDomain},
      {"a@", kNoDomain},
      {"@b", kNoLocalPart},
      {"a..b@example.org", kConsecutiveDots},
      {"a@example.org.", kDotEnd},
      {"a@-x.org", kHyphenStart},
      {"a@x-.org", kHyphenEnd},
      {"a b@example.org", kTextAfterComment},
      {"\"a\"b@example.org", kTextAfterQuotedString},
      {"a@b@example.org", kBadAtomText},
      {"a@example.org\n", kBadAtomText},
      {"a@example.org\r\n", kFoldAtEnd},
      {"a\r@example.org", kCrWithoutLf},
      {"\xC3\xBC@example.org", kValid},  // RFC 6531 s3.3
      {"a@b\xC3\xBC"
       "cher.example",
       kValid},
      {"\xFC@example.org", kBadUtf8},
  };
  for (const auto& c : cases) {
    SCOPED_TRACE(c.address);
    EXPECT_EQ(to_string(diagnose_address(c.address)), to_string(c.want));
  }
}

TEST(DiagnoseAddress, KeepsTheLengthLimits) {
  const std::string local(64, 'a');
  const std::string label(63, 'b');
  EXPECT_EQ(diagnose_address(local + "@example.org"), kValid);
  EXPECT_EQ(diagnose_address(local + "a@example.org"), kLocalPartTooLong);
  EXPECT_EQ(diagnose_address("a@" + label + ".org"), kValid);
  EXPECT_EQ(diagnose_address("a@b" + label + ".org"), kLabelTooLong);
  const std::string domain = label + "." + label + "." + label + "." + std::string(60, 'c');
  EXPECT_EQ(diagnose_address("a@" + domain), kValid);
  EXPECT_EQ(diagnose_address("ab@" + domain), kAddressTooLong);
  EXPECT_EQ(diagnose_address("a@" + domain + ".org"), kDomainTooLong);
}

TEST(DiagnoseAddress, IsLinear) {
  EXPECT_EQ(diagnose_address(std::string(1'000'000, '(')), kUnclosedComment);
  EXPECT_EQ(diagnose_address("a@" + std::string(1'000'000, 'b') + ".c"), kLabelTooLong);
}

// ---- the public suite ----

/// Elements of the suite's XML: plain text, five entities, and control characters written as U+2400+n.
std::string unescape(std::string text) {
  const std::pair<const char*, const char*> entities[] = {
      {"&lt;", "<"}, {"&gt;", ">"}, {"&quot;", "\""}, {"&apos;", "'"}, {"&amp;", "&"}};
  for (const auto& [from, to] : entities)
    for (auto at = text.find(from); at != std::string::npos; at = text.find(from, at + 1))
      text.replace(at, std::string(from).size(), to);
  for (auto at = text.find("&#"); at != std::string::npos; at = text.find("&#", at + 1)) {
    const bool hex = text[at + 2] == 'x';
    const auto end = text.find(';', at);
    const int value = std::stoi(text.substr(at + (hex ? 3 : 2), end - at), nullptr, hex ? 16 : 10);
    if (value < 0x80) text.replace(at, end - at + 1, 1, static_cast<char>(value));
  }
  for (auto at = text.find("\xE2\x90"); at != std::string::npos; at = text.find("\xE2\x90", at))  // U+2400..
    text.replace(at, 3, 1, static_cast<char>(static_cast<unsigned char>(text[at + 2]) - 0x80));
  return text;
}

std::string element(const std::string& test, const std::string& name) {
  const auto begin = test.find("<" + name + ">");
  if (begin == std::string::npos) return {};
  const auto from = begin + name.size() + 2;
  return test.substr(from, test.find("</" + name + ">", from) - from);
}

/// The suite asks DNS; a domain it did not find is one whose syntax is good.
const std::map<std::string, AddressCategory> kCategories = {
    {"ISEMAIL_VALID_CATEGORY", AddressCategory::kValid}, {"ISEMAIL_DNSWARN", AddressCategory::kValid},
    {"ISEMAIL_RFC5321", AddressCategory::kUnusual},      {"ISEMAIL_CFWS", AddressCategory::kCommented},
    {"ISEMAIL_DEPREC", AddressCategory::kDeprecated},    {"ISEMAIL_RFC5322", AddressCategory::kTooBroad},
    {"ISEMAIL_ERR", AddressCategory::kInvalid}};

const std::map<std::string, AddressDiagnosis> kDiagnoses = {
    {"ISEMAIL_VALID", kValid},
    {"ISEMAIL_DNSWARN_NO_MX_RECORD", kValid},
    {"ISEMAIL_DNSWARN_NO_RECORD", kValid},
    {"ISEMAIL_RFC5321_TLD", kTopLevelDomain},
    {"ISEMAIL_RFC5321_TLDNUMERIC", kNumericTopLevelDomain},
    {"ISEMAIL_RFC5321_QUOTEDSTRING", kQuotedLocalPart},
    {"ISEMAIL_RFC5321_ADDRESSLITERAL", kAddressLiteral},
    {"ISEMAIL_RFC5321_IPV6DEPRECATED", kIpv6LiteralDeprecated},
    {"ISEMAIL_CFWS_COMMENT", kComment},
    {"ISEMAIL_CFWS_FWS", kFoldingWhiteSpace},
    {"ISEMAIL_DEPREC_LOCALPART", kObsoleteLocalPart},
    {"ISEMAIL_DEPREC_FWS", kObsoleteFolding},
    {"ISEMAIL_DEPREC_QTEXT", kObsoleteQuotedText},
    {"ISEMAIL_DEPREC_QP", kObsoleteQuotedPair},
    {"ISEMAIL_DEPREC_COMMENT", kObsoleteComment},
    {"ISEMAIL_DEPREC_CTEXT", kObsoleteCommentText},
    {"ISEMAIL_DEPREC_CFWS_NEAR_AT", kFoldingNearAt},
    {"ISEMAIL_RFC5322_DOMAIN", kDomainNotLdh},
    {"ISEMAIL_RFC5322_TOOLONG", kAddressTooLong},
    {"ISEMAIL_RFC5322_LOCAL_TOOLONG", kLocalPartTooLong},
    {"ISEMAIL_RFC5322_DOMAIN_TOOLONG", kDomainTooLong},
    {"ISEMAIL_RFC5322_LABEL_TOOLONG", kLabelTooLong},
    {"ISEMAIL_RFC5322_DOMAINLITERAL", kDomainLiteral},
    {"ISEMAIL_RFC5322_DOMLIT_OBSDTEXT", kObsoleteDomainLiteral},
    {"ISEMAIL_RFC5322_IPV6_GRPCOUNT", kIpv6GroupCount},
    {"ISEMAIL_RFC5322_IPV6_2X2XCOLON", kIpv6DoubleDoubleColon},
    {"ISEMAIL_RFC5322_IPV6_BADCHAR", kIpv6BadCharacter},
    {"ISEMAIL_RFC5322_IPV6_MAXGRPS", kIpv6MaxGroups},
    {"ISEMAIL_RFC5322_IPV6_COLONSTRT", kIpv6ColonStart},
    {"ISEMAIL_RFC5322_IPV6_COLONEND", kIpv6ColonEnd},
    {"ISEMAIL_ERR_EXPECTING_DTEXT", kBadDomainText},
    {"ISEMAIL_ERR_NOLOCALPART", kNoLocalPart},
    {"ISEMAIL_ERR_NODOMAIN", kNoDomain},
    {"ISEMAIL_ERR_CONSECUTIVEDOTS", kConsecutiveDots},
    {"ISEMAIL_ERR_ATEXT_AFTER_CFWS", kTextAfterComment},
    {"ISEMAIL_ERR_ATEXT_AFTER_QS", kTextAfterQuotedString},
    {"ISEMAIL_ERR_ATEXT_AFTER_DOMLIT", kTextAfterDomainLiteral},
    {"ISEMAIL_ERR_EXPECTING_QPAIR", kBadQuotedPair},
    {"ISEMAIL_ERR_EXPECTING_ATEXT", kBadAtomText},
    {"ISEMAIL_ERR_EXPECTING_QTEXT", kBadQuotedText},
    {"ISEMAIL_ERR_EXPECTING_CTEXT", kBadCommentText},
    {"ISEMAIL_ERR_BACKSLASHEND", kBackslashEnd},
    {"ISEMAIL_ERR_DOT_START", kDotStart},
    {"ISEMAIL_ERR_DOT_END", kDotEnd},
    {"ISEMAIL_ERR_DOMAINHYPHENSTART", kHyphenStart},
    {"ISEMAIL_ERR_DOMAINHYPHENEND", kHyphenEnd},
    {"ISEMAIL_ERR_UNCLOSEDQUOTEDSTR", kUnclosedQuotedString},
    {"ISEMAIL_ERR_UNCLOSEDCOMMENT", kUnclosedComment},
    {"ISEMAIL_ERR_UNCLOSEDDOMLIT", kUnclosedDomainLiteral},
    {"ISEMAIL_ERR_FWS_CRLF_X2", kFoldTwice},
    {"ISEMAIL_ERR_FWS_CRLF_END", kFoldAtEnd},
    {"ISEMAIL_ERR_CR_NO_LF", kCrWithoutLf},
};

TEST(SuiteIsemail, CategoriesAndDiagnosesAgree) {
  const auto folder = test::suite("isemail");
  if (folder.empty()) GTEST_SKIP() << "the suite isemail is not there";
  const std::string xml = test::read_whole(folder / "tests.xml");
  int all = 0;
  int categories = 0;
  int diagnoses = 0;
  for (auto at = xml.find("<test id"); at != std::string::npos; at = xml.find("<test id", at + 1)) {
    const std::string one = xml.substr(at, xml.find("</test>", at) - at);
    const std::string address = unescape(element(one, "address"));
    const auto have = diagnose_address(address);
    ++all;
    const bool same_category = kCategories.at(element(one, "category")) == category(have);
    const bool same_diagnosis = kDiagnoses.at(element(one, "diagnosis")) == have;
    categories += same_category ? 1 : 0;
    diagnoses += same_diagnosis ? 1 : 0;
    if (!same_category || !same_diagnosis)
      std::printf("  differs: %s: want %s have %s\n", element(one, "address").c_str(),
                  element(one, "diagnosis").c_str(), std::string(to_string(have)).c_str());
  }
  std::printf("suite isemail: %d of %d categories agree, %d of %d diagnoses agree\n", categories, all, diagnoses, all);
  EXPECT_GE(categories, all);
  EXPECT_GE(diagnoses, all);
}

}  // namespace
}  // namespace veredus::wire::mime
