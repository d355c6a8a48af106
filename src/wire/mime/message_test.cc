#include "wire/mime/message.h"

#include <gtest/gtest.h>

#include <string>

#include "base/codec/ascii.h"
#include "wire/mime/builder.h"
#include "wire/mime/check_report.h"
#include "wire/mime/html_text.h"

namespace veredus::wire::mime {
namespace {

TEST(DecodedText, UndoesEncodingAndCharset) {
  struct Case {
    std::string_view message, want;
  };
  const Case cases[] = {
      {"\r\nplain", "plain"},
      {"Content-Type: text/plain; charset=iso-8859-1\r\nContent-Transfer-Encoding: quoted-printable\r\n\r\n=E4=\r\nb",
       "äb"},
      {"Content-Transfer-Encoding: base64\r\n\r\nw6Q=", "ä"},
      {"Content-Transfer-Encoding: base64\r\n\r\n...just text, not encoded!", "...just text, not encoded!"},
      {"Content-Transfer-Encoding: base64\r\n\r\nw6Q=\r\n\r\n-- \r\nthe footer of a list: http://demo.test/\r\n", "ä"},
      {"Content-Transfer-Encoding: base64\r\n\r\naGVsbG8= \r\nd29ybGQ= \r\naGVsbG8=\r\n", "helloworldhello"},
      {"Content-Transfer-Encoding: base64\r\n\r\n====\r\nHello, there (is) more: text!\r\n",
       "====\r\nHello, there (is) more: text!\r\n"},
      {"Content-Transfer-Encoding: base64\r\n\r\nw6Q=\r\nabc", "ä"},
      {"Content-Transfer-Encoding: base64\r\n\r\nw6Q=\r\nw6Q=\r\n", "ää"},
      {"Content-Type: text/plain; charset=iso-8859-10\r\n\r\n\xBD\xFF", "―ĸ"},
      {"Content-Type: text/plain; charset=ISO-8859-14\r\n\r\n\xA1\xF0", "Ḃŵ"},
      {"Content-Type: text/plain; charset=iso-8859-16\r\n\r\n\xA4\xAA", "€Ș"},
      {"Subject: typed\r\nhello: there it is no field\r\n", ""},
      {"Subject: typed by hand\r\nhello world\r\nsecond line\r\n", "hello world\r\nsecond line\r\n"},
      {"just a line", "just a line"},
      {"Content-Type: text/html\r\n\r\n<meta charset=\"iso-8859-1\">\xE4", "<meta charset=\"iso-8859-1\">ä"},
      {"Content-Type: text/html\r\n\r\n<meta charset=\"utf-16\">\xC3\xA4", "<meta charset=\"utf-16\">ä"},
      {"\r\n\xE4", "ä"},
  };
  for (const auto& c : cases) {
    SCOPED_TRACE(c.message);
    EXPECT_EQ(decoded_text(parse(c.message).root(), c.message), c.want);
  }
}

TEST(Parse, AMessageWithoutABlankLineBeginsWhereItsFieldsEnd) {
  const std::string_view message = "From a@b Mon Jan 1 00:00:00 2024\r\nSubject: s\r\n folded\r\nhello\r\nTo: a@b\r\n";
  const Structure structure = parse(message);
  EXPECT_EQ(header_of(structure.root(), message), message.substr(0, message.find("hello")));
  EXPECT_EQ(body_of(structure.root(), message), "hello\r\nTo: a@b\r\n");
  EXPECT_EQ(structure.root().header_lines, 3u);
  EXPECT_EQ(structure.root().body_lines, 2u);
}

TEST(ReadableText, PrefersPlainTextAndTurnsHtmlIntoIt) {
  const std::string message =
      Builder("seed")
          .body(multipart(
              "mixed", {multipart("alternative", {text_part("plain"), html_part("<p>html</p>")}),
                        html_part("<p>second</p><ul><li>a</li></ul>"), attachment("text/plain", "a.txt", "not shown")}))
          .build();
  EXPECT_EQ(readable_text(parse(message), message), "plain\nsecond\n\n- a\n");
  EXPECT_EQ(readable_text(parse(message), message, 3), "pla");
}

TEST(HtmlToText, IsWhatAPersonWouldRead) {
  struct Case {
    std::string_view html, want;
  };
  const Case cases[] = {
      {"", ""},
      {"<p>a</p><p>b  c</p>", "a\n\nb c\n"},
      {"a<br>b", "a\nb\n"},
      {"<title>t</title><style>s</style><script>x</script>a<!-- c -->b", "ab\n"},
      {"<a href=\"https://example.org/\">here</a>", "here <https://example.org/>\n"},
      {"<a href=\"mailto:a@b\">a@b</a>", "a@b\n"},
      {"<ul><li>x<li>y</ul>", "- x\n- y\n"},
      {"<pre>a\n  b</pre>", "a\n  b\n"},
      {"<table><tr><td>1<td>2</tr></table>", "1 2\n"},
      {"&lt;&eacute;&#228;&#x20AC;", "<éä€\n"},
  };
  for (const auto& c : cases) {
    SCOPED_TRACE(c.html);
    EXPECT_EQ(html_to_text(c.html), c.want);
  }
}

TEST(StripHtml, NeedsNoWellFormedPage) {
  struct Case {
    std::string_view html, want;
  };
  const Case cases[] = {
      {"<p>a</p>\n<p>b</p>", "a b "},
      {"a <b title=\">\">b</b> c", "a b c"},
      {"<style>x", ""},
      {"<!-- never closed", ""},
      {"1 < 2 & 3 &amp; 4 &unknown; 5", "1 < 2 & 3 & 4 &unknown; 5"},
      {"a<script>if (a<b) x</SCRIPT>b", "a b"},
      {"x<", "x<"},
  };
  for (const auto& c : cases) {
    SCOPED_TRACE(c.html);
    EXPECT_EQ(base::codec::trim_ascii(strip_html(c.html, 1'000)), base::codec::trim_ascii(c.want));
  }
}

TEST(HtmlToText, WithstandsHostilePages) {
  std::string deep;
  for (int i = 0; i < 200'000; ++i) deep += "<div>";
  EXPECT_EQ(html_to_text(deep + "x"), "x");
  std::string fonts;
  for (int i = 0; i < 3'000; ++i) fonts += "<font size=" + std::to_string(i) + ">";
  for (int i = 0; i < 3'000; ++i) fonts += "<p>";
  static_cast<void>(html_to_text(fonts));
  std::string quotes;
  for (int i = 0; i < 100'000; ++i) quotes += "<a '\">";
  static_cast<void>(html_to_text(quotes));
}

TEST(Builder, BuildsWhatTheParserReadsBack) {
  const std::string message =
      Builder("seed")
          .from({"Jürgen, der Große", "juergen@example.org"})
          .to({{"Bob", "bob@example.org"}, {"", "carol@example.org"}})
          .subject("Grüße\r\nBcc: injected@example.org")
          .date(SystemTime{})
          .message_id("1@example.org")
          .references({"2@example.org", "3@example.org"})
          .body(multipart("mixed", {text_part("Hällo\n.\nFrom me\n"),
                                    attachment("application/pdf",
                                               "Übersicht und noch viel mehr Text, der nicht in eine Zeile passt.pdf",
                                               std::string("\0\1\2", 3))}))
          .build();
  for (std::size_t at = 0, column = 0; at < message.size(); ++at) {
    column = message[at] == '\n' ? 0 : column + 1;
    ASSERT_LE(column, 79U) << message.substr(at - 79, 80);
    ASSERT_GE(message[at], 0);
  }
  const Structure s = parse(message);
  ASSERT_EQ(s.parts.size(), 3U);
  EXPECT_EQ(decoded_text(s.parts[1], message), "Hällo\r\n.\r\nFrom me\r\n");
  EXPECT_EQ(decoded_body(s.parts[2], message), std::string("\0\1\2", 3));
  EXPECT_EQ(filename(s.parts[2]), "Übersicht und noch viel mehr Text, der nicht in eine Zeile passt.pdf");
  const std::string report = check_report_json(message);
  EXPECT_NE(report.find("\"subject\":\"Grüße  Bcc: injected@example.org\""), std::string::npos) << report;
  EXPECT_NE(report.find("[\"Jürgen, der Große\",\"juergen@example.org\"]"), std::string::npos) << report;
  EXPECT_NE(report.find("[null,\"carol@example.org\"]"), std::string::npos) << report;
  EXPECT_NE(report.find("\"date\":\"1970-01-01T00:00:00Z\""), std::string::npos) << report;
}

TEST(Builder, ChoosesTheMildestEncoding) {
  const auto has = [](std::string content, std::string_view encoding) {
    return Builder("seed")
               .body(text_part(std::move(content)))
               .build()
               .find("Content-Transfer-Encoding: " + std::string(encoding)) != std::string::npos;
  };
  EXPECT_TRUE(has("plain\n", "7bit"));
  EXPECT_TRUE(has("ä and much plain text", "quoted-printable"));
  EXPECT_TRUE(has("こんにちは", "base64"));
  EXPECT_TRUE(has(std::string(2'000, 'x'), "quoted-printable"));
}

TEST(CheckReport, NeverFails) {
  EXPECT_EQ(check_report_json("").substr(0, 14), "{\"subject\":nul");
  EXPECT_NE(check_report_json(std::string("\0\xFF\r\n\r\n\xFF", 7)).find("\"leaves\":[{"), std::string::npos);
  EXPECT_EQ(check_address_json("a@b.c"),
            "{\"address\":\"a@b.c\",\"category\":\"valid\",\"diagnosis\":\"valid\",\"explanation\":\"The address is "
            "valid.\"}");
}

}  // namespace
}  // namespace veredus::wire::mime
