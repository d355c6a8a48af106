#include <benchmark/benchmark.h>

#include <optional>
#include <string>

#include "doors/smtp/incoming_message.h"
#include "doors/smtp/received_field.h"
#include "doors/smtp/session.h"

namespace veredus::doors::smtp {
namespace {

/// Answers a session's steps as fast as can be, so that what is measured is the session.
class Peer {
 public:
  explicit Peer(const SessionOptions* options) : session_(options, {}) {
    sent(session_.start());
    sent(session_.line("EHLO client.example.org"));
  }

  void deliver(std::string_view data) {
    sent(session_.line("MAIL FROM:<sender@example.org> SIZE=2048"));
    sent(session_.gate_answered(GateVerdict::kOpen));
    sent(session_.line("RCPT TO:<alice@demo.test>"));
    work::delivery::Target target;
    target.account = AccountId(1);
    sent(session_.routed(work::delivery::Targets{.local = {target}, .remote = {}}));
    sent(session_.line("DATA"));
    sent(session_.message_begun(std::nullopt));
    IncomingMessage::Rules rules;
    rules.max_octets = 1U << 30;
    IncomingMessage message(std::move(rules));
    message.feed_data(data);
    message.finish();
    auto octets = message.take();
    benchmark::DoNotOptimize(octets);
    ReceivedFacts facts;
    const auto protocol = session_.protocol();
    facts.helo = session_.helo();
    facts.client = "192.0.2.1";
    facts.hostname = "mail.demo.test";
    facts.protocol = protocol;
    facts.recipient = session_.transaction()->only_recipient;
    auto trace = received_field(facts);
    benchmark::DoNotOptimize(trace);
    sent(session_.message_ended(work::delivery::Accepted()));
  }

 private:
  void sent(Step step) {
    benchmark::DoNotOptimize(step);
    session_.clear_replies();
  }

  Session session_;
};

/// One message through an open session: all the door does but waiting, routing and storing.
void one_message(benchmark::State& state) {
  SessionOptions options;
  options.hostname = "mail.demo.test";
  options.max_messages = 1U << 31;
  Peer peer(&options);
  std::string data = "From: sender@example.org\r\nSubject: x\r\n\r\n";
  while (data.size() < static_cast<std::size_t>(state.range(0))) data += std::string(70, 'x') + "\r\n";
  data += ".\r\n";
  for (auto _ : state) peer.deliver(data);
  state.SetBytesProcessed(static_cast<std::int64_t>(state.iterations() * data.size()));
}
BENCHMARK(one_message)->Arg(2048)->Arg(20 * 1024)->Arg(1024 * 1024);

}  // namespace
}  // namespace veredus::doors::smtp
