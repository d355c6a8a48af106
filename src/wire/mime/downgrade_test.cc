#include "wire/mime/downgrade.h"

#include <gtest/gtest.h>

#include "wire/mime/message.h"

namespace veredus::wire::mime {
namespace {

constexpr std::string_view kMixed =
    "From: a@demo.test\r\n"
    "MIME-Version: 1.0\r\n"
    "Content-Type: multipart/mixed; boundary=b\r\n"
    "Content-Transfer-Encoding: 8bit\r\n"
    "\r\n"
    "Für alte Leser\r\n"
    "--b\r\n"
    "Content-Type: text/plain; charset=utf-8\r\n"
    "Content-Transfer-Encoding: 8bit\r\n"
    "X-Kept: yes\r\n"
    "\r\n"
    "Grüße aus der langen Zeile\r\n"
    "--b\r\n"
    "Content-Type: application/octet-stream\r\n"
    "\r\n"
    "\xFF\xFE\xFD\r\n"
    "--b\r\n"
    "Content-Type: message/rfc822\r\n"
    "\r\n"
    "Subject: inner\r\n"
    "\r\n"
    "naïve and more of it\r\n"
    "--b\r\n"
    "\r\n"
    "only ascii\r\n"
    "--b--\r\n";

TEST(Downgrade, PutsAnEncodingOnWhatNeedsOne) {  // RFC 6152 s3
  const auto converted = downgrade(kMixed, Reach::kSevenBit);
  ASSERT_TRUE(converted);
  EXPECT_EQ(*converted,
            "From: a@demo.test\r\n"
            "MIME-Version: 1.0\r\n"
            "Content-Type: multipart/mixed; boundary=b\r\n"
            "Content-Transfer-Encoding: 7bit\r\n"
            "\r\n"
            "F??r alte Leser\r\n"
            "--b\r\n"
            "Content-Type: text/plain; charset=utf-8\r\n"
            "X-Kept: yes\r\n"
            "Content-Transfer-Encoding: quoted-printable\r\n"
            "\r\n"
            "Gr=C3=BC=C3=9Fe aus der langen Zeile\r\n"
            "--b\r\n"
            "Content-Type: application/octet-stream\r\n"
            "Content-Transfer-Encoding: base64\r\n"
            "\r\n"
            "//79\r\n"
            "--b\r\n"
            "Content-Type: message/rfc822\r\n"
            "\r\n"
            "Subject: inner\r\n"
            "MIME-Version: 1.0\r\n"
            "Content-Type: text/plain; charset=utf-8\r\n"
            "Content-Transfer-Encoding: quoted-printable\r\n"
            "\r\n"
            "na=C3=AFve and more of it\r\n"
            "--b\r\n"
            "\r\n"
            "only ascii\r\n"
            "--b--\r\n");
}

TEST(Downgrade, KeepsWhatPeopleRead) {
  const auto before = parse(kMixed);
  const auto converted = downgrade(kMixed, Reach::kSevenBit).value();
  const auto after = parse(converted);
  ASSERT_EQ(before.parts.size(), after.parts.size());
  for (std::size_t i = 0; i < before.parts.size(); ++i) {
    SCOPED_TRACE(i);
    if (before.parts[i].kind == PartKind::kLeaf)
      EXPECT_EQ(decoded_body(before.parts[i], kMixed), decoded_body(after.parts[i], converted));
  }
  EXPECT_EQ(content_of(converted), Content::kSevenBit);
}

TEST(Downgrade, LeavesAloneWhatNeedsNothing) {
  const std::string ascii = "Subject: x\r\n\r\nplain\r\n";
  EXPECT_EQ(downgrade(ascii, Reach::kSevenBit), ascii);
  EXPECT_EQ(downgrade(kMixed, Reach::kEightBit), kMixed);
}

TEST(Downgrade, LabelsTextThatHadNoLabel) {  // RFC 1428
  EXPECT_EQ(downgrade("Subject: x\r\n\r\nhow are you, ol\xE9?\r\n", Reach::kSevenBit),
            "Subject: x\r\nMIME-Version: 1.0\r\nContent-Type: text/plain; charset=unknown-8bit\r\n"
            "Content-Transfer-Encoding: quoted-printable\r\n\r\nhow are you, ol=E9?\r\n");
}

TEST(Downgrade, SetsNothingBehindAFieldThatNoBlankLineFollows) {
  EXPECT_EQ(downgrade("Subject: typed\r\nh\xC3\xA4llo\r\n", Reach::kSevenBit),
            "Subject: typed\r\nMIME-Version: 1.0\r\nContent-Type: text/plain; charset=utf-8\r\n"
            "Content-Transfer-Encoding: quoted-printable\r\n\r\nh=C3=A4llo\r\n");
}

TEST(Downgrade, EncodesBinaryPartsForHostsThatTakeLines) {  // RFC 3030 s3
  using namespace std::string_view_literals;
  const std::string binary(
      "MIME-Version: 1.0\r\nContent-Type: image/png\r\nContent-Transfer-Encoding: binary\r\n\r\n\x89PNG\r\r\n\n\0"sv);
  const auto converted = downgrade(std::string_view(binary), Reach::kEightBit);
  ASSERT_TRUE(converted);
  EXPECT_EQ(
      *converted,
      "MIME-Version: 1.0\r\nContent-Type: image/png\r\nContent-Transfer-Encoding: base64\r\n\r\niVBORw0NCgoA\r\n");
  const std::string long_line = "\r\n" + std::string(2000, 'x') + "\r\n";
  const auto broken = downgrade(long_line, Reach::kEightBit);
  ASSERT_TRUE(broken);
  EXPECT_EQ(content_of(*broken), Content::kSevenBit);
  EXPECT_EQ(decoded_body(parse(*broken).root(), *broken), std::string(2000, 'x') + "\r\n");
}

TEST(Downgrade, RefusesWhatItCannotEncode) {
  EXPECT_EQ(downgrade("Content-Transfer-Encoding: x-own\r\n\r\n\xFF\r\n", Reach::kSevenBit).error(),
            DowngradeError::kEncoding);
  EXPECT_EQ(downgrade("Content-Type: message/partial\r\n\r\n\xFF\r\n", Reach::kSevenBit).error(),
            DowngradeError::kEncoding);
  EXPECT_EQ(downgrade("Content-Type: multipart/mixed; boundary=x\r\n\r\n\xFF\r\n", Reach::kSevenBit).error(),
            DowngradeError::kStructure);
  EXPECT_EQ(downgrade("Content-Type: multipart/mixed; boundary=\"\xFF\"\r\n\r\n--\xFF\r\n\r\na\r\n--\xFF--\r\n",
                      Reach::kSevenBit)
                .error(),
            DowngradeError::kStructure);
}

}  // namespace
}  // namespace veredus::wire::mime
