#include "wire/smtp/data_stream.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <string>
#include <vector>

namespace veredus::wire::smtp {
namespace {

using std::string_literals::operator""s;

struct Decoded {
  std::string octets;
  std::string rest;
  bool ended = false;
  LineFault fault = LineFault::kNone;

  friend bool operator==(const Decoded&, const Decoded&) = default;
};

/// Decodes `wire` in pieces of `piece` octets.
Decoded decode(std::string_view wire, std::size_t piece) {
  DataStream stream;
  Decoded decoded;
  while (!wire.empty() && !decoded.ended) {
    const auto progress = stream.feed(wire.substr(0, piece), decoded.octets);
    wire.remove_prefix(progress.used);
    decoded.ended = progress.ended;
  }
  decoded.rest = wire;
  decoded.fault = stream.fault();
  return decoded;
}

TEST(DataStream, UndoesDotStuffingWhereverThePiecesAreCut) {  // RFC 5321 s4.5.2
  struct Case {
    std::string wire;
    std::string octets;
    std::string rest;
  };
  const Case cases[] = {
      {".\r\n", "", ""},
      {".\r\nQUIT\r\n", "", "QUIT\r\n"},
      {"a\r\n.\r\n", "a\r\n", ""},
      {"a\r\n\r\nb\r\n.\r\nRSET\r\n", "a\r\n\r\nb\r\n", "RSET\r\n"},
      {"..\r\n.\r\n", ".\r\n", ""},
      {"..a\r\n...\r\n.\r\n", ".a\r\n..\r\n", ""},
      {".a\r\n.\r\n", "a\r\n", ""},
      {"a.\r\n.b.\r\n.\r\n", "a.\r\nb.\r\n", ""},
      {"\r\n\r\n.\r\n", "\r\n\r\n", ""},
      {"\xff\xfe\r\n.\r\n", "\xff\xfe\r\n", ""},
  };
  for (const auto& c : cases) {
    for (std::size_t piece = 1; piece <= c.wire.size(); ++piece) {
      SCOPED_TRACE(c.wire + " in pieces of " + std::to_string(piece));
      EXPECT_EQ(decode(c.wire, piece), (Decoded{c.octets, c.rest, true, LineFault::kNone}));
    }
  }
}

TEST(DataStream, EndsAtNothingButTheRealEnd) {
  // What other servers have taken for the end of a message: here each of them is a fault or plain text.
  const std::string smuggled[] = {
      "\n.\n"s,   "\n.\r"s,   "\r.\n"s,       "\r.\r"s,         "\n.\r\n"s,     "\r.\r\n"s,    "\r\n\0.\r\n"s,
      "\r\n.\n"s, "\r\n.\r"s, "\r\n.\r\r\n"s, "\r\r\n.\r\r\n"s, "\r\n.\0\r\n"s, "\r\n .\r\n"s, "\r\n.\t\r\n"s,
  };
  for (const auto& sequence : smuggled) {
    const auto wire = "Subject: x\r\n\r\nTESTING\r\nSMUGGLING" + sequence +
                      "MAIL FROM:<smuggled@evil.example>\r\nRCPT TO:<victim@local.example>\r\nDATA\r\n"
                      "Subject: SMUGGLED\r\n\r\nsmuggled\r\n.\r\nQUIT\r\n";
    for (std::size_t piece = 1; piece <= wire.size(); ++piece) {
      SCOPED_TRACE(wire + " in pieces of " + std::to_string(piece));
      const auto decoded = decode(wire, piece);
      EXPECT_TRUE(decoded.ended);
      EXPECT_EQ(decoded.rest, "QUIT\r\n");
      const bool harmless = sequence.ends_with(" .\r\n") || sequence.ends_with(".\t\r\n");
      EXPECT_EQ(decoded.fault == LineFault::kNone, harmless);
    }
  }
}

TEST(DataStream, TellsTheFirstFaultAndGivesNothingAfterIt) {
  EXPECT_EQ(decode("a\r\nb\nc\0d\r\n.\r\n"s, 100).fault, LineFault::kBareLf);
  EXPECT_EQ(decode("a\rb\nc\r\n.\r\n", 100).fault, LineFault::kBareCr);
  EXPECT_EQ(decode("a\0b\r\n.\r\n"s, 100).fault, LineFault::kNul);
  EXPECT_EQ(decode("a\0\r\r\n.\r\n"s, 100).fault, LineFault::kNul);
  const auto decoded = decode("kept\r\nbad\nmore\r\nmore\r\n.\r\n", 6);
  EXPECT_EQ(decoded.octets, "kept\r\nbad");
}

TEST(DataStream, GivesBackWhatWasStuffed) {
  const std::string messages[] = {"", "a\r\n", ".\r\n", "..\r\n.a\r\n\r\n.\r\n", "no end of line"};
  for (const auto& message : messages) {
    SCOPED_TRACE(message);
    std::string wire;
    append_dot_stuffed(wire, message);
    wire += ".\r\n";
    auto want = message;
    if (!want.empty() && !want.ends_with("\r\n")) want += "\r\n";
    EXPECT_EQ(decode(wire, wire.size()).octets, want);
  }
}

/// The rules of line endings, octet by octet: what the fast scan must agree with.
LineFault slow_fault(std::string_view octets) {
  for (std::size_t i = 0; i < octets.size(); ++i) {
    if (octets[i] == '\0') return LineFault::kNul;
    if (octets[i] == '\n' && (i == 0 || octets[i - 1] != '\r')) return LineFault::kBareLf;
    if (octets[i] == '\r' && (i + 1 == octets.size() || octets[i + 1] != '\n')) return LineFault::kBareCr;
  }
  return LineFault::kNone;
}

TEST(LineEndingCheck, FindsFaultsWhereverThePiecesAreCut) {
  // All strings of up to six octets over the four kinds of octets there are.
  constexpr std::string_view kKinds("a\r\n\0", 4);
  for (std::size_t length = 0; length <= 6; ++length) {
    std::string octets(length, 'a');
    for (std::size_t number = 0; number < (std::size_t{1} << (2 * length)); ++number) {
      for (std::size_t i = 0; i < length; ++i) octets[i] = kKinds[(number >> (2 * i)) & 3];
      for (std::size_t cut = 0; cut <= length; ++cut) {
        LineEndingCheck check;
        check.feed(std::string_view(octets).substr(0, cut));
        check.feed(std::string_view(octets).substr(cut));
        check.finish();
        ASSERT_EQ(check.fault() == LineFault::kNone, slow_fault(octets) == LineFault::kNone) << number << " " << cut;
      }
    }
  }
}

}  // namespace
}  // namespace veredus::wire::smtp
