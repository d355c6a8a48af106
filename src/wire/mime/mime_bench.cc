#include <benchmark/benchmark.h>

#include <string>

#include "wire/mime/builder.h"
#include "wire/mime/html_text.h"
#include "wire/mime/message.h"
#include "wire/mime/structure_parser.h"
#include "wire/mime/summary.h"

namespace veredus::wire::mime {
namespace {

/// A usual message of about 20 KiB: headers as a relay leaves them, plain text, and one attachment in base64.
std::string usual_message() {
  std::string relayed;
  for (int i = 0; i < 4; ++i)
    relayed += "Received: from relay" + std::to_string(i) +
               ".example.org (relay.example.org [192.0.2.1])\r\n\tby mx.example.org with ESMTPS id ABCDEF\r\n\tfor "
               "<bob@example.org>; Sun, 22 Nov 2026 03:40:00 +0000\r\n";
  std::string text;
  for (int i = 0; i < 40; ++i)
    text += "This is a line of text as people write them, number " + std::to_string(i) + ".\n";
  Builder builder("bench");
  builder.from({"Alice Example", "alice@example.org"})
      .to({{"Bob Example", "bob@example.org"}, {"Jürgen", "juergen@example.org"}})
      .subject("Grüße aus dem Büro: the report you asked for")
      .date(SystemTime{})
      .message_id("1234@example.org")
      .references({"1@example.org", "2@example.org", "3@example.org"})
      .body(
          multipart("mixed", {text_part(text), attachment("application/pdf", "report.pdf", std::string(11'500, 'x'))}));
  return relayed + builder.build();
}

std::string html_message() {
  std::string html = "<html><head><style>p { color: red }</style></head><body>";
  for (int i = 0; i < 150; ++i)
    html += "<p class=\"x\">This is a <b>paragraph</b> of text &amp; more, number " + std::to_string(i) + ".</p>\n";
  return Builder("bench").subject("News").date(SystemTime{}).body(html_part(html + "</body></html>")).build();
}

void structure_and_summary(benchmark::State& state, const std::string& message) {
  for (auto _ : state) {
    StructureParser parser;
    parser.feed(message);
    auto summary = summarize(parser.finish());
    benchmark::DoNotOptimize(summary);
  }
  state.SetBytesProcessed(static_cast<std::int64_t>(state.iterations() * message.size()));
  state.counters["octets"] = static_cast<double>(message.size());
}

void BM_UsualMessage(benchmark::State& state) { structure_and_summary(state, usual_message()); }
BENCHMARK(BM_UsualMessage);

void BM_HtmlMessage(benchmark::State& state) { structure_and_summary(state, html_message()); }
BENCHMARK(BM_HtmlMessage);

void BM_SmallMessage(benchmark::State& state) {
  structure_and_summary(state, Builder("bench")
                                   .from({"Alice", "alice@example.org"})
                                   .to({{"Bob", "bob@example.org"}})
                                   .subject("Hello")
                                   .date(SystemTime{})
                                   .message_id("1@example.org")
                                   .body(text_part(std::string(1'500, 'x') + "\n"))
                                   .build());
}
BENCHMARK(BM_SmallMessage);

void BM_StructureOnly(benchmark::State& state) {
  const std::string message = usual_message();
  for (auto _ : state) benchmark::DoNotOptimize(parse(message));
  state.SetBytesProcessed(static_cast<std::int64_t>(state.iterations() * message.size()));
}
BENCHMARK(BM_StructureOnly);

void BM_LargeAttachment(benchmark::State& state) {
  structure_and_summary(
      state,
      Builder("bench")
          .body(multipart("mixed", {text_part("see there"), attachment("a/b", "x", std::string(8'000'000, 'x'))}))
          .build());
}
BENCHMARK(BM_LargeAttachment);

/// Hostile messages: the time for each octet must not grow with the size.
void BM_HostileBoundaries(benchmark::State& state) {
  std::string message = "Content-Type: multipart/mixed; boundary=b\r\n\r\n";
  for (std::int64_t i = 0; i < state.range(0); ++i) message += "--b\r\n";
  structure_and_summary(state, message);
}
BENCHMARK(BM_HostileBoundaries)->Arg(10'000)->Arg(100'000)->Arg(1'000'000);

void BM_HostileHeader(benchmark::State& state) {
  std::string message = "Subject: x\r\n";
  while (static_cast<std::int64_t>(message.size()) < state.range(0)) message += " =?utf-8?Q?a\r\n To: <<<\"a@b,\r\n";
  structure_and_summary(state, message);
}
BENCHMARK(BM_HostileHeader)->Arg(100'000)->Arg(1'000'000)->Arg(10'000'000);

void BM_HtmlToText(benchmark::State& state) {
  const std::string html = html_message();
  for (auto _ : state) benchmark::DoNotOptimize(html_to_text(html));
  state.SetBytesProcessed(static_cast<std::int64_t>(state.iterations() * html.size()));
}
BENCHMARK(BM_HtmlToText);

}  // namespace
}  // namespace veredus::wire::mime
