#include <benchmark/benchmark.h>

#include <string>

#include "base/codec/base64.h"
#include "rules/dkim/body_hashes.h"
#include "rules/dkim/signing.h"
#include "rules/dkim/verification.h"

namespace veredus::rules::dkim {
namespace {

using base::crypto::KeyKind;
using base::crypto::PrivateKey;

const SystemTime kNow{std::chrono::seconds(1'790'000'000)};

/// The same as bench/mailauth.py writes for the others.
std::string header() {
  std::string out;
  for (int i = 0; i < 3; ++i)
    out += "Received: from relay" + std::to_string(i) +
           ".example.org (relay.example.org [192.0.2.1])\r\n\tby mx.example.org with ESMTPS id ABCDEF\r\n\tfor "
           "<bob@example.org>; Sun, 22 Nov 2026 03:40:00 +0000\r\n";
  return out +
         "From: Alice Example <alice@example.org>\r\nTo: Bob Example <bob@example.org>\r\nSubject: the report you "
         "asked "
         "for\r\nDate: Sun, 22 Nov 2026 03:40:00 +0000\r\nMessage-ID: <1234@example.org>\r\nMIME-Version: "
         "1.0\r\nContent-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: 8bit\r\n";
}
std::string body(std::int64_t lines) {
  std::string out;
  for (std::int64_t i = 0; i < lines; ++i)
    out += "This is line " + std::to_string(i) + " of a message  that people write to each other.\r\n";
  return out;
}

PrivateKey make(KeyKind kind) {
  return kind == KeyKind::kRsa ? PrivateKey::make_rsa(2048) : PrivateKey::make_ed25519();
}

std::string signed_by(const PrivateKey& key, std::string_view head, std::string_view text) {
  BodyHash hash(Canonical::kRelaxed, std::nullopt);
  hash.feed(text);
  return sign(head, hash.finish(), {.domain = "example.org", .selector = "s1", .identity = ""}, key, SigningOptions(),
              kNow);
}

void sign_message(benchmark::State& state, KeyKind kind) {
  const auto key = make(kind);
  const auto head = header();
  const auto text = body(state.range(0));
  for (auto _ : state) benchmark::DoNotOptimize(signed_by(key, head, text));
  state.SetItemsProcessed(state.iterations());
}

/// With the key's record at hand, as from a resolver's cache; what was read of it is remembered (known_keys.h).
void verify_message(benchmark::State& state, KeyKind kind) {
  const auto key = make(kind);
  const auto text = body(state.range(0));
  const auto head = signed_by(key, header(), text) + header();
  inquiry::Reply reply{.status = inquiry::ReplyStatus::kFound};
  reply.texts.push_back(std::string("v=DKIM1; k=") + (kind == KeyKind::kRsa ? "rsa" : "ed25519") +
                        "; p=" + base::codec::base64_encode(key.public_octets()));
  for (auto _ : state) {
    ReceivedMessage message(head);
    Verification check(&message, kNow, {});
    message.body(text);
    message.end();
    auto inquiry = check.finish();
    while (inquiry.question() != nullptr) inquiry.answer(reply);
    if (inquiry.take().front().result != Result::kPass) state.SkipWithError("does not verify");
  }
  state.SetItemsProcessed(state.iterations());
}

void BM_SignRsa(benchmark::State& state) { sign_message(state, KeyKind::kRsa); }
void BM_SignEd25519(benchmark::State& state) { sign_message(state, KeyKind::kEd25519); }
void BM_VerifyRsa(benchmark::State& state) { verify_message(state, KeyKind::kRsa); }
void BM_VerifyEd25519(benchmark::State& state) { verify_message(state, KeyKind::kEd25519); }

constexpr std::int64_t kSmall = 40;    // lines: 2 KiB
constexpr std::int64_t kLarge = 2000;  // 120 KiB
BENCHMARK(BM_SignRsa)->Arg(kSmall)->Arg(kLarge);
BENCHMARK(BM_SignEd25519)->Arg(kSmall)->Arg(kLarge);
BENCHMARK(BM_VerifyRsa)->Arg(kSmall)->Arg(kLarge);
BENCHMARK(BM_VerifyEd25519)->Arg(kSmall)->Arg(kLarge);

}  // namespace
}  // namespace veredus::rules::dkim
