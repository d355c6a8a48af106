#include "wire/mime/address.h"

#include <gtest/gtest.h>

#include <string>

namespace veredus::wire::mime {
namespace {

std::string outline(std::string_view value) {
  std::string out;
  for (const auto& a : parse_address_list(value)) {
    if (a.kind == AddressKind::kGroupStart) out += a.name + ":";
    if (a.kind == AddressKind::kGroupEnd) out += ";";
    if (a.kind == AddressKind::kMailbox) out += "[" + display_name(a) + "|" + address_text(a) + "]";
  }
  return out;
}

TEST(ParseAddressList, ReadsWhatPeopleAndProgramsWrite) {
  struct Case {
    std::string_view value, want;
  };
  const Case cases[] = {
      {"", ""},
      {"a@b", "[|a@b]"},
      {" <a@b> ", "[|a@b]"},
      {"Alice <a@b>, \"B, C\" <c@d>", "[Alice|a@b][B, C|c@d]"},
      {"a@b (Alice)", "[Alice|a@b]"},
      {"Alice (the one) <a@b>", "[Alice (the one)|a@b]"},
      {"\"a b\"@c", "[|\"a b\"@c]"},
      {"a . b @ c . d", "[|a.b@c.d]"},
      {"<@x,@y:a@b>", "[|a@b]"},
      {"a@[192.0.2.1]", "[|a@[192.0.2.1]]"},
      {"Friends: a@b, C <c@d>;", "Friends:[|a@b][C|c@d];"},
      {"Nobody:;", "Nobody:;"},
      {"Friends: a@b", "Friends:[|a@b];"},
      {"a@b;c@d", "[|a@b][|c@d]"},
      {"a@b <c@d>", "[a@b|c@d]"},
      {"a@b <c@d>, Alice @ work <e@f>", "[a@b|c@d][Alice@work|e@f]"},
      {"Alice <<a@b>>", "[Alice|a@b]"},
      {"root", "[|root]"},
      {"Undisclosed recipients", "[Undisclosed recipients|]"},
      {"MAILER-DAEMON <>", "[MAILER-DAEMON|]"},
      {",,a@b,,", "[|a@b]"},
      {"Alice <a@b", "[Alice|a@b]"},
      {"=?utf-8?Q?B=C3=BC,_ro?= <a@b>", "[Bü, ro|a@b]"},
      {"Jos\xC3\xA9 <a@b>", "[José|a@b]"},
      {"John Q. Public <a@b>", "[John Q. Public|a@b]"},
      {"a@b@c", "[|a@b@c]"},
      {"<a@b>, <c@d", "[|a@b][|c@d]"},
      {">", ""},
      {"(only a comment)", ""},
  };
  for (const auto& c : cases) {
    SCOPED_TRACE(c.value);
    EXPECT_EQ(outline(c.value), c.want);
  }
}

TEST(ParseAddressList, KeepsTheObsoleteRoute) {
  const auto list = parse_address_list("<@x,@y:a@b>");
  ASSERT_EQ(list.size(), 1U);
  EXPECT_EQ(list.front().route, "@x,@y");
}

TEST(ParseAddressList, IsLimitedAndLinear) {
  std::string many;
  for (int i = 0; i < 100'000; ++i) many += "a@b,";
  EXPECT_EQ(parse_address_list(many).size(), 10'000U);
  for (const std::string piece : {"<", "\"", "(", "=?a?q?", "@", ":", "a<\"", "<a ", "\\", "["}) {
    std::string hostile;
    while (hostile.size() < 500'000) hostile += piece;
    static_cast<void>(parse_address_list(hostile));
  }
}

}  // namespace
}  // namespace veredus::wire::mime
