#include <benchmark/benchmark.h>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/io_context.hpp>

#include "base/codec/base64.h"
#include "base/crypto/signing_key.h"
#include "base/observe/metrics.h"
#include "rules/dkim/signing.h"
#include "support/scripted_resolver.h"
#include "work/mailauth/inspector.h"

namespace veredus::work::mailauth {
namespace {

constexpr SystemTime kNow{std::chrono::seconds(1'790'000'000)};

asio::awaitable<void> conclude(Inspector* inspector, Inspection* inspection, Disposition* disposition) {
  const auto findings = co_await inspector->conclude(inspection);
  *disposition = findings.disposition;
}

/// All that is done for one message at the door: header, body of 2 KiB, RSA signature, SPF with an include, DMARC, the
/// client's name. DNS answers are in memory.
void BM_InspectMessage(benchmark::State& state) {
  const auto key = base::crypto::PrivateKey::make_rsa(2048);
  const FixedClock clock(kNow);
  base::observe::Metrics metrics;
  test::ScriptedResolver dns;
  dns.txt("example.org", {"v=spf1 include:_spf.example.org -all"});
  dns.txt("_spf.example.org", {"v=spf1 ip4:198.51.100.0/24 ip4:192.0.2.0/24 -all"});
  dns.txt("_dmarc.example.org", {"v=DMARC1; p=reject; rua=mailto:d@example.org"});
  dns.txt("s1._domainkey.example.org", {"v=DKIM1; k=rsa; p=" + base::codec::base64_encode(key.public_octets())});
  dns.ptr("192.0.2.1", {"out.example.org"}).a("out.example.org", {"192.0.2.1"});

  std::string header =
      "Received: from a.example.org (a.example.org [192.0.2.9])\r\n\tby out.example.org with ESMTPS id 1;\r\n\tSun, 22 "
      "Nov 2026 10:00:00 +0000\r\nFrom: Alice <alice@example.org>\r\nTo: Bob <bob@demo.test>\r\nSubject: hello\r\n"
      "Date: Sun, 22 Nov 2026 10:00:00 +0000\r\nMessage-ID: <1@example.org>\r\nMIME-Version: 1.0\r\n";
  std::string body;
  while (body.size() < 2048) body += "This is a line of a message that people write to each other.\r\n";
  rules::dkim::SigningOptions signing;
  rules::dkim::BodyHash hash(signing.body, std::nullopt);
  hash.feed(body);
  const rules::dkim::SigningName name{.domain = "example.org", .selector = "s1", .identity = ""};
  header = rules::dkim::sign(header, hash.finish(), name, key, signing, kNow) + header;

  InspectionOptions options;
  options.authserv_id = "mx.demo.test";
  Inspector inspector({.resolver = dns, .clock = clock, .metrics = metrics}, options);
  asio::io_context io;
  for (auto _ : state) {
    auto inspection = inspector.begin({.client = base::codec::parse_ip("192.0.2.1"),
                                       .helo = "out.example.org",
                                       .mail_from = "alice@example.org",
                                       .recipient_domains = {"demo.test"}});
    inspection->header(header);
    benchmark::DoNotOptimize(inspector.without_forged_results(header));
    inspection->body(body);
    auto disposition = Disposition::kRefuse;
    asio::co_spawn(io, conclude(&inspector, inspection.get(), &disposition), asio::detached);
    io.run();
    io.restart();
    if (disposition != Disposition::kDeliver) state.SkipWithError("is not delivered");
  }
  state.SetItemsProcessed(state.iterations());
}
BENCHMARK(BM_InspectMessage);

}  // namespace
}  // namespace veredus::work::mailauth
