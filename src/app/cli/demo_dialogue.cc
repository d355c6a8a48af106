#include "app/cli/demo_dialogue.h"

#include <fmt/format.h>

#include <chrono>
#include <memory>
#include <optional>
#include <vector>

#include "app/server/block_on.h"
#include "base/codec/base64.h"
#include "base/types/result.h"
#include "io/net/connect.h"
#include "io/net/line_stream.h"
#include "io/net/reactor.h"
#include "io/net/tls_context.h"

namespace veredus::app::cli {
namespace {

using namespace std::chrono_literals;
constexpr auto kPatience = 10s;
constexpr std::size_t kLineOctets = 4096;

template <class T>
using Result = asio::awaitable<std::expected<T, std::string>>;

/// A client that shows what it says and hears.
struct Talk {
  io::net::LineStream stream;
  const DemoPlan* plan;
};

std::unexpected<std::string> broken(io::net::IoError error) { return std::unexpected(std::string(to_string(error))); }

Result<Talk> connect(io::net::Reactor* reactor, const DemoPlan* plan, std::uint16_t port) {
  const auto endpoint = io::net::Endpoint::ip(io::net::IpAddress::v4({127, 0, 0, 1}), port);
  auto stream = co_await io::net::connect(reactor, endpoint, kPatience);
  if (!stream) co_return broken(stream.error());
  co_return Talk{std::move(*stream), plan};
}

Result<std::string> hear(Talk* talk) {
  const auto line = co_await talk->stream.read_line(kLineOctets, kPatience);
  if (!line) co_return broken(line.error());
  std::string heard(*line);
  talk->plan->say("S: " + heard);
  co_return heard;
}

Result<void> say(Talk* talk, std::string line, std::string shown) {
  talk->plan->say("C: " + shown);
  line += "\r\n";
  const auto sent = co_await talk->stream.write(std::move(line), kPatience);
  if (!sent) co_return broken(sent.error());
  co_return std::expected<void, std::string>{};
}

/// Sends a command and reads an SMTP reply, which must begin with `want`.
Result<void> smtp(Talk* talk, std::string line, std::string want) {
  if (!line.empty()) VEREDUS_CO_TRY(co_await say(talk, line, line));
  while (true) {
    VEREDUS_CO_TRY(const auto reply, co_await hear(talk));
    if (!reply.starts_with(want)) co_return std::unexpected("the server answered " + reply);
    if (reply.size() < 4 || reply[3] != '-') co_return std::expected<void, std::string>{};
  }
}

Result<void> start_tls(Talk* talk, std::shared_ptr<io::net::TlsContext> tls) {
  const auto started = co_await talk->stream.start_tls_client(std::move(tls), talk->plan->hostname, kPatience);
  if (!started) co_return broken(started.error());
  const auto details = talk->stream.tls();
  talk->plan->say(fmt::format("   ({}, {})", details->version, details->cipher));
  co_return std::expected<void, std::string>{};
}

Result<void> submit(io::net::Reactor* reactor, const DemoPlan* plan, std::shared_ptr<io::net::TlsContext> tls) {
  VEREDUS_CO_TRY(auto talk, co_await connect(reactor, plan, plan->submission_port));
  VEREDUS_CO_TRY(co_await smtp(&talk, "", "220"));
  VEREDUS_CO_TRY(co_await smtp(&talk, "EHLO client.demo.test", "250"));
  VEREDUS_CO_TRY(co_await smtp(&talk, "STARTTLS", "220"));
  VEREDUS_CO_TRY(co_await start_tls(&talk, std::move(tls)));
  VEREDUS_CO_TRY(co_await smtp(&talk, "EHLO client.demo.test", "250"));
  const std::string zero(1, '\0');
  const auto secret = base::codec::base64_encode(zero + plan->from + zero + plan->from_password);
  VEREDUS_CO_TRY(co_await say(&talk, "AUTH PLAIN " + secret, "AUTH PLAIN ****"));
  VEREDUS_CO_TRY(co_await smtp(&talk, "", "235"));
  VEREDUS_CO_TRY(co_await smtp(&talk, "MAIL FROM:<" + plan->from + ">", "250"));
  VEREDUS_CO_TRY(co_await smtp(&talk, "RCPT TO:<" + plan->to + ">", "250"));
  VEREDUS_CO_TRY(co_await smtp(&talk, "DATA", "354"));
  VEREDUS_CO_TRY(co_await say(&talk, plan->message + ".", fmt::format("({} octets of message)", plan->message.size())));
  VEREDUS_CO_TRY(co_await smtp(&talk, "", "250"));
  co_return co_await smtp(&talk, "QUIT", "221");
}

/// Sends a command and reads a POP3 answer, which must be +OK.
Result<std::string> pop3(Talk* talk, std::string line, std::string shown) {
  if (!line.empty()) VEREDUS_CO_TRY(co_await say(talk, std::move(line), std::move(shown)));
  VEREDUS_CO_TRY(auto reply, co_await hear(talk));
  if (!reply.starts_with("+OK")) co_return std::unexpected("the server answered " + reply);
  co_return reply;
}

/// The lines of a multi-line answer, up to its dot.
Result<std::vector<std::string>> pop3_lines(Talk* talk) {
  std::vector<std::string> lines;
  while (true) {
    VEREDUS_CO_TRY(auto line, co_await hear(talk));
    if (line == ".") co_return lines;
    lines.push_back(std::move(line));
  }
}

Result<void> read_back(io::net::Reactor* reactor, const DemoPlan* plan, std::shared_ptr<io::net::TlsContext> tls) {
  VEREDUS_CO_TRY(auto talk, co_await connect(reactor, plan, plan->pop3_port));
  VEREDUS_CO_TRY(co_await pop3(&talk, "", ""));
  VEREDUS_CO_TRY(co_await pop3(&talk, "STLS", "STLS"));
  VEREDUS_CO_TRY(co_await start_tls(&talk, std::move(tls)));
  VEREDUS_CO_TRY(co_await pop3(&talk, "USER " + plan->to, "USER " + plan->to));
  VEREDUS_CO_TRY(co_await pop3(&talk, "PASS " + plan->to_password, "PASS ****"));
  VEREDUS_CO_TRY(co_await pop3(&talk, "STAT", "STAT"));
  VEREDUS_CO_TRY(co_await pop3(&talk, "RETR 1", "RETR 1"));
  VEREDUS_CO_TRY(const auto lines, co_await pop3_lines(&talk));
  std::string got;
  for (const auto& line : lines) got += line + "\r\n";
  VEREDUS_CO_TRY(co_await pop3(&talk, "QUIT", "QUIT"));
  if (!got.ends_with(plan->message)) co_return std::unexpected(std::string("what was read back is not what was sent"));
  co_return std::expected<void, std::string>{};
}

Result<void> both(io::net::Reactor* reactor, const DemoPlan* plan, std::shared_ptr<io::net::TlsContext> tls) {
  VEREDUS_CO_TRY(co_await submit(reactor, plan, tls));
  plan->say("");
  co_return co_await read_back(reactor, plan, tls);
}

}  // namespace

std::expected<void, std::string> run_demo_dialogue(DemoPlan plan) {
  io::net::TlsContext::ClientOptions options;
  options.trusted_pem = plan.certificate_pem;
  const auto tls = io::net::TlsContext::client(std::move(options));
  if (!tls) return std::unexpected(std::string(to_string(tls.error())));
  io::net::Reactors one({.count = 1});
  one.start();
  auto outcome = server::wait_for(one[0].executor(), both(&one[0], &plan, *tls));
  one.stop(std::chrono::milliseconds(100));
  return outcome;
}

}  // namespace veredus::app::cli
