#include "doors/smtp/incoming_message.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace veredus::doors::smtp {
namespace {

using wire::smtp::make_reply;

IncomingMessage::Rules rules(Framing framing, std::uint64_t max_octets = 1000) {
  IncomingMessage::Rules rules;
  rules.framing = framing;
  rules.max_octets = max_octets;
  return rules;
}

TEST(IncomingMessage, GivesOutWhatArrivedPieceByPiece) {
  IncomingMessage message(rules(Framing::kData));
  EXPECT_FALSE(message.feed_data("a\r\n").ended);
  EXPECT_EQ(message.take(), "a\r\n");
  EXPECT_EQ(message.take(), "");
  const auto progress = message.feed_data("..b\r\n.\r\nQUIT");
  EXPECT_TRUE(progress.ended);
  EXPECT_EQ(progress.used, 8u);
  message.finish();
  EXPECT_EQ(message.take(), ".b\r\n");
  EXPECT_EQ(message.octets(), 7u);
  EXPECT_FALSE(message.refusal());
}

TEST(IncomingMessage, RefusesOneOctetTooMany) {
  IncomingMessage message(rules(Framing::kData, 10));
  message.feed_data("12345678\r\n");
  EXPECT_FALSE(message.refusal());
  message.feed_data("x");
  ASSERT_TRUE(message.refusal());
  EXPECT_EQ(message.refusal()->code, 552);
  EXPECT_EQ(message.take(), "");
  EXPECT_FALSE(message.feed_data("more\r\n\n.\n").ended);
  EXPECT_TRUE(message.feed_data("\r\n.\r\n").ended);
  EXPECT_EQ(message.refusal()->code, 552);
}

TEST(IncomingMessage, WantsWholeLinesUnlessBinary) {
  IncomingMessage text(rules(Framing::kChunks));
  text.feed_chunk("a\r");
  text.feed_chunk("\nb");
  EXPECT_FALSE(text.refusal());
  text.feed_chunk("\n");
  ASSERT_TRUE(text.refusal());
  EXPECT_EQ(text.refusal()->code, 550);

  IncomingMessage ends_in_cr(rules(Framing::kChunks));
  ends_in_cr.feed_chunk("a\r");
  ends_in_cr.finish();
  EXPECT_TRUE(ends_in_cr.refusal());

  IncomingMessage binary(rules(Framing::kBinaryChunks));
  binary.feed_chunk("a\nb\rc");
  binary.finish();
  EXPECT_FALSE(binary.refusal());
  EXPECT_EQ(binary.take(), "a\nb\rc");
}

TEST(IncomingMessage, EndsTheLastLineOfATextThatCameInChunks) {
  for (const auto& pieces : {std::vector<std::string_view>{"A: b\r\n\r\nend"}, {"A: b\r\n\r\n", "end", ""}}) {
    IncomingMessage message(rules(Framing::kChunks));
    std::string stored;
    for (const auto piece : pieces) {
      message.feed_chunk(piece);
      stored += message.take();
    }
    message.finish();
    EXPECT_EQ(stored + message.take(), "A: b\r\n\r\nend\r\n");
  }
  IncomingMessage nothing(rules(Framing::kChunks));
  nothing.feed_chunk("");
  nothing.finish();
  EXPECT_EQ(nothing.take(), "");
}

TEST(IncomingMessage, LetsTheHeaderBeEditedWhereverItIsCut) {
  const std::string_view wire = "A: b\r\nC: d\r\n\r\nbody\r\n";
  for (std::size_t cut = 0; cut <= wire.size(); ++cut) {
    SCOPED_TRACE(cut);
    auto with_edit = rules(Framing::kChunks);
    with_edit.edit_header = [](std::string_view header) -> std::expected<std::string, wire::smtp::Reply> {
      EXPECT_EQ(header, "A: b\r\nC: d\r\n\r\n");
      return "edited\r\n\r\n";
    };
    IncomingMessage message(std::move(with_edit));
    std::string out;
    message.feed_chunk(wire.substr(0, cut));
    out += message.take();
    message.feed_chunk(wire.substr(cut));
    out += message.take();
    message.finish();
    out += message.take();
    EXPECT_EQ(out, "edited\r\n\r\nbody\r\n");
  }
}

TEST(IncomingMessage, KeepsAHeaderThatNeedsNoEdit) {
  for (const std::string_view wire : {"A: b\r\n\r\nbody\r\n", "A: b\r\n", "\r\n", "\r\nbody\r\n"}) {
    SCOPED_TRACE(wire);
    std::string seen;
    auto with_edit = rules(Framing::kChunks);
    with_edit.edit_header = [&seen](std::string_view header) {
      seen = header;
      return std::nullopt;
    };
    IncomingMessage message(std::move(with_edit));
    message.feed_chunk(wire);
    message.finish();
    EXPECT_EQ(message.take(), wire);
    EXPECT_TRUE(wire.starts_with(seen) && !seen.empty()) << seen;
  }
}

TEST(IncomingMessage, EditsHeadersWithoutBodyAndBodiesWithoutHeader) {
  for (const std::string_view wire : {"A: b\r\n", "", "\r\n", "\r\nbody\r\n"}) {
    SCOPED_TRACE(wire);
    auto with_edit = rules(Framing::kChunks);
    with_edit.edit_header = [](std::string_view header) { return "<" + std::string(header) + ">"; };
    IncomingMessage message(std::move(with_edit));
    message.feed_chunk(wire);
    message.finish();
    const auto header = wire.starts_with("\r\n") ? wire.substr(0, 2) : wire;
    EXPECT_EQ(message.take(), "<" + std::string(header) + ">" + std::string(wire.substr(header.size())));
  }
}

TEST(IncomingMessage, TakesBinaryHeadersInWholeLinesAlone) {  // RFC 3030 s3, RFC 5322 s2.2
  struct Case {
    std::string_view wire;
    bool taken;
  };
  const Case cases[] = {{"A: b\r\n\r\na\nb\rc", true},
                        {"\r\na\nb\rc", true},
                        {"A: b\r\n", true},
                        {"A: b", true},
                        {"A: b\r\n\nforged\r\n\r\nbody", false},  // the header ends here for most readers
                        {"A: b\r\n\nforged", false},
                        {"A: b\rC: d\r\n\r\nbody", false},
                        {"A: b\nC: d\r\n\r\nbody", false},
                        {"\nA: b\r\n\r\nbody", false},
                        {"A: b\r", false}};
  for (const auto& c : cases) {
    SCOPED_TRACE(c.wire);
    for (std::size_t cut = 0; cut <= c.wire.size(); ++cut) {
      auto with_edit = rules(Framing::kBinaryChunks);
      with_edit.edit_header = [](std::string_view header) { return std::string(header); };
      IncomingMessage message(std::move(with_edit));
      message.feed_chunk(c.wire.substr(0, cut));
      auto out = message.take();
      message.feed_chunk(c.wire.substr(cut));
      message.finish();
      out += message.take();
      EXPECT_EQ(out, c.taken ? c.wire : "");
      ASSERT_EQ(message.refusal().has_value(), !c.taken);
      if (message.refusal()) EXPECT_EQ(message.refusal()->code, 550);
    }
  }
}

TEST(IncomingMessage, RefusesWhatTheEditRefusesAndEndlessHeaders) {
  auto refusing = rules(Framing::kData);
  refusing.edit_header = [](std::string_view) { return std::unexpected(make_reply(550, 7, 1, "no")); };
  IncomingMessage refused(std::move(refusing));
  EXPECT_TRUE(refused.feed_data("A: b\r\n\r\nx\r\n.\r\n").ended);
  EXPECT_EQ(refused.refusal(), make_reply(550, 7, 1, "no"));

  auto short_header = rules(Framing::kData);
  short_header.max_header_octets = 20;
  short_header.edit_header = [](std::string_view header) { return std::string(header); };
  IncomingMessage endless(std::move(short_header));
  endless.feed_data("A: bbbbbbbbbbbbbbbbbbbbbbbbbbbb\r\n");
  ASSERT_TRUE(endless.refusal());
  EXPECT_EQ(endless.refusal()->code, 552);
}

}  // namespace
}  // namespace veredus::doors::smtp
