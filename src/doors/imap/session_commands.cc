#include "doors/imap/session_commands.h"

#include <utility>

#include "base/observe/log.h"
#include "doors/imap/capabilities.h"
#include "doors/imap/updates.h"
#include "wire/imap/reply.h"

namespace veredus::doors::imap {

asio::awaitable<Outcome> capability(Talk* talk, wire::imap::Capability /*command*/) {
  talk->out.buffer().append("* CAPABILITY ").append(capabilities(talk->session, talk->options)).append("\r\n");
  co_return ok("Capabilities told");
}

asio::awaitable<Outcome> noop(Talk* /*talk*/, wire::imap::Noop /*command*/) { co_return ok("Nothing done"); }

asio::awaitable<Outcome> check(Talk* /*talk*/, wire::imap::Check /*command*/) {
  co_return ok("Everything is kept");  // what was answered OK is on disk
}

asio::awaitable<Outcome> log_out(Talk* talk, wire::imap::Logout /*command*/) {
  wire::imap::append_untagged(talk->out.buffer(), wire::imap::Condition::kBye, "", "Logging out");
  auto outcome = ok("Goodbye");
  outcome.updates = Updates::kNone;
  outcome.next = Outcome::Next::kClose;
  co_return outcome;
}

/// RFC 9051 s6.2.1
asio::awaitable<Outcome> start_tls(Talk* talk, wire::imap::StartTls /*command*/) {
  if (talk->session.tls) co_return bad("TLS is active already");
  if (!talk->options.offer_tls) co_return no("TLS is not available");
  auto outcome = ok("Begin TLS negotiation now");
  outcome.next = Outcome::Next::kStartTls;
  co_return outcome;
}

/// RFC 2971: the version is nobody's business who has not logged in.
asio::awaitable<Outcome> id(Talk* talk, wire::imap::Id command) {
  auto& session = talk->session;
  std::string client;
  for (const auto& [name, value] : command.fields) {
    if (!value) continue;
    if (!client.empty()) client.append(", ");
    client.append(name).append("=").append(*value);
  }
  if (!client.empty()) talk->services.log.info("imap.client", {{"session", session.id}, {"id", client}});
  auto& out = talk->out.buffer();
  out.append("* ID (\"name\" ");
  wire::imap::append_string(out, talk->options.implementation);
  if (session.login && !talk->options.version.empty()) {
    out.append(" \"version\" ");
    wire::imap::append_string(out, talk->options.version);
  }
  out.append(")\r\n");
  co_return ok("Pleased to meet you");
}

/// RFC 5161: what is not known is passed over. RFC 7162 s3.2.3: QRESYNC brings CONDSTORE.
asio::awaitable<Outcome> enable(Talk* talk, wire::imap::Enable command) {
  auto& session = talk->session;
  std::string enabled;
  bool is_new = !session.has(Extension::kCondstore);  // also behind QRESYNC, which brings it
  const auto on = [&](Extension extension, std::string_view name) {
    if (session.has(extension)) return;
    session.enable(extension);
    enabled.append(" ").append(name);
  };
  for (const auto& name : command.extensions) {
    if (name == "CONDSTORE" && std::exchange(is_new, false)) enabled.append(" CONDSTORE");
    if (name == "QRESYNC") on(Extension::kQresync, "QRESYNC");
    if (name == "CONDSTORE" || name == "QRESYNC") co_await enable_condstore(talk);
    if (name == "UTF8=ACCEPT") on(Extension::kUtf8, "UTF8=ACCEPT");
    if (name == "IMAP4REV2") on(Extension::kRev2, "IMAP4rev2");
    if (name == "UIDONLY") on(Extension::kUidOnly, "UIDONLY");
  }
  talk->out.buffer().append("* ENABLED").append(enabled).append("\r\n");
  co_return ok("Enabled");
}

/// RFC 4978 s3
asio::awaitable<Outcome> compress(Talk* talk, wire::imap::Compress command) {
  if (command.algorithm != "DEFLATE") co_return bad("Only DEFLATE is there");
  if (talk->session.compressed) co_return no("COMPRESSIONACTIVE", "Compression is active already");
  auto outcome = ok("DEFLATE begins");
  outcome.next = Outcome::Next::kDeflate;
  outcome.updates = Updates::kNone;  // nothing may stand between the reply and what is compressed
  co_return outcome;
}

}  // namespace veredus::doors::imap
