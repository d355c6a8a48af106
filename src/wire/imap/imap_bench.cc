#include <benchmark/benchmark.h>

#include <string>
#include <vector>

#include "wire/imap/command_reader.h"
#include "wire/imap/fetch_reply.h"

namespace veredus::wire::imap {
namespace {

void write_flags_lines(benchmark::State& state) {
  const std::vector<std::string> keywords{"$Forwarded", "NonJunk", "$MDNSent"};
  std::string out;
  std::uint32_t number = 0;
  for (auto _ : state) {
    if (out.size() > 60'000) out.clear();
    FetchReply reply(out, ++number);
    reply.uid(number + 100'000);
    reply.flags(number & 31, keywords, number & 7, 0);
    reply.finish();
    benchmark::DoNotOptimize(out);
  }
}
BENCHMARK(write_flags_lines);

void read_fetch_command(benchmark::State& state) {
  CommandReader reader;
  for (auto _ : state)
    benchmark::DoNotOptimize(
        reader.feed_line("a1 UID FETCH 1:* (UID RFC822.SIZE FLAGS BODY.PEEK[HEADER.FIELDS (From To Cc)])"));
}
BENCHMARK(read_fetch_command);

void read_search_command(benchmark::State& state) {
  CommandReader reader;
  for (auto _ : state)
    benchmark::DoNotOptimize(
        reader.feed_line("a1 UID SEARCH RETURN (ALL) OR SUBJECT invoice FROM alice SINCE 1-Feb-2020 UNSEEN"));
}
BENCHMARK(read_search_command);

}  // namespace
}  // namespace veredus::wire::imap
