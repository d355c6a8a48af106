#include <benchmark/benchmark.h>

#include "base/codec/base64.h"
#include "base/codec/quoted_printable.h"
#include "base/codec/utf8.h"

namespace veredus::base::codec {
namespace {

std::string octets(std::size_t count) {
  std::string out;
  std::uint32_t state = 1;
  for (std::size_t i = 0; i < count; ++i) {
    state = state * 1664525 + 1013904223;
    out.push_back(static_cast<char>(state >> 24));
  }
  return out;
}

std::string prose(std::size_t count) {
  std::string out;
  while (out.size() < count) out += "The post horse waits at the inn; caf\xC3\xA9 and bread are ready = soon.\r\n";
  return out;
}

template <class Decoder>
void decode(benchmark::State& state, const std::string& text) {
  std::string out;
  for (auto _ : state) {
    Decoder decoder;
    out.clear();
    for (std::size_t i = 0; i < text.size(); i += 16384) decoder.feed(std::string_view(text).substr(i, 16384), out);
    decoder.finish(out);
    benchmark::DoNotOptimize(out.data());
  }
  state.SetBytesProcessed(static_cast<std::int64_t>(state.iterations()) * static_cast<std::int64_t>(text.size()));
}

void base64_lines(benchmark::State& state) { decode<Base64Decoder>(state, base64_encode_lines(octets(200'000))); }
BENCHMARK(base64_lines);
void quoted_printable_prose(benchmark::State& state) {
  decode<QuotedPrintableDecoder>(state, qp_encode(prose(200'000)));
}
BENCHMARK(quoted_printable_prose);
void quoted_printable_escapes(benchmark::State& state) {
  decode<QuotedPrintableDecoder>(state, qp_encode_binary(octets(100'000)));
}
BENCHMARK(quoted_printable_escapes);

void base64_lines_encode(benchmark::State& state) {
  const std::string plain = octets(200'000);
  for (auto _ : state) benchmark::DoNotOptimize(base64_encode_lines(plain).data());
  state.SetBytesProcessed(static_cast<std::int64_t>(state.iterations()) * static_cast<std::int64_t>(plain.size()));
}
BENCHMARK(base64_lines_encode);

void utf8_check(benchmark::State& state) {
  const std::string text = prose(200'000);
  for (auto _ : state) benchmark::DoNotOptimize(is_valid_utf8(text));
  state.SetBytesProcessed(static_cast<std::int64_t>(state.iterations()) * static_cast<std::int64_t>(text.size()));
}
BENCHMARK(utf8_check);

}  // namespace
}  // namespace veredus::base::codec
