#include "wire/smtp/xtext.h"

#include <gtest/gtest.h>

namespace veredus::wire::smtp {
namespace {

TEST(Xtext, WhatIsWrittenIsReadBack) {  // RFC 3461 s4
  const std::string octets = "a+b=c d\x01\xff~!";
  EXPECT_EQ(xtext_encode(octets), "a+2Bb+3Dc+20d+01+FF~!");
  EXPECT_EQ(xtext_decode(xtext_encode(octets)), octets);
}

TEST(Xtext, RefusesWhatIsNoXtext) {
  for (const auto* text : {"a b", "a=b", "+", "+2", "+2G", "\xff"}) {
    SCOPED_TRACE(text);
    EXPECT_FALSE(xtext_decode(text));
  }
}

TEST(Utf8Addr, ReadsEmbeddedCodePoints) {  // RFC 6533 s3
  EXPECT_EQ(utf8_addr_decode("a\\x{20AC}@b"), "a€@b");
  EXPECT_EQ(utf8_addr_decode("\\x{5C}\\x{1F600}"), "\\😀");
  EXPECT_EQ(utf8_addr_decode("grüße@b"), "grüße@b");
  for (const auto* text : {"\\x{}", "\\x{5}", "\\x{D800}", "\\x{110000}", "\\x{20AC", "\\y", "a+b", "a=b", "\xff"}) {
    SCOPED_TRACE(text);
    EXPECT_FALSE(utf8_addr_decode(text));
  }
}

}  // namespace
}  // namespace veredus::wire::smtp
