#include <fmt/format.h>

#include <iterator>

#include "base/codec/date.h"
#include "base/codec/utf8.h"
#include "work/probe/presentation.h"

namespace veredus::work::probe {
namespace {

using Out = std::back_insert_iterator<std::string>;

template <class Texts>
std::string joined(const Texts& texts, std::string_view between = ", ") {
  std::string all;
  for (const auto& text : texts) all += (all.empty() ? std::string() : std::string(between)) + std::string(text);
  return all;
}

double seconds(Milliseconds length) { return static_cast<double>(length.count()) / 1000; }

void line(std::string& out, std::string_view name, const std::string& text) {
  if (!text.empty()) fmt::format_to(Out(out), "  {:16}{}\n", name, text);
}

void show(std::string& out, const Domain& domain) {
  fmt::format_to(Out(out), "Mail of {}: {}{}\n", domain.name, to_string(domain.route),
                 domain.authentic ? ", proven by DNSSEC" : "");
  for (const auto& host : domain.hosts) {
    std::vector<std::string> addresses;
    for (const auto& address : host.addresses) addresses.push_back(address.to_string());
    fmt::format_to(Out(out), "  {:5} {}  {}{}{}\n", host.preference, host.name,
                   addresses.empty() ? "(no address)" : joined(addresses), host.is_alias ? "  (alias)" : "",
                   host.tlsa ? "  (TLSA)" : "");
  }
  out += '\n';
}

void show(std::string& out, const Tls& tls) {
  line(out, "TLS",
       fmt::format("{}, {}, {} bits, handshake {:.3f} s", tls.version, tls.cipher, tls.cipher_bits, seconds(tls.took)));
  for (const auto& certificate : tls.chain.certificates) {
    line(out, "certificate", certificate.subject);
    line(out, "  issuer", certificate.issuer);
    line(out, "  names", joined(certificate.names));
    line(out, "  valid",
         fmt::format("{} to {}", base::codec::format_rfc3339(certificate.not_before),
                     base::codec::format_rfc3339(certificate.not_after)));
    line(out, "  key", fmt::format("{}, signed with {}", certificate.key, certificate.signature));
    line(out, "  SHA-256", certificate.sha256);
  }
  line(out, "trusted", tls.chain.trusted ? "yes" : "no: " + tls.chain.distrust);
  line(out, "name", tls.chain.name_matches ? "matches" : "does not match");
}

std::string shown(const wire::smtp::Reply& reply) {
  auto text = to_string(reply);
  for (char& c : text)
    if (c == '\n' || c == '\r') c = ' ';
  return text;
}

void show_dialogue(std::string& out, const Session& session) {
  constexpr std::string_view kSides[] = {"C:", "S:", "--"};
  for (const auto& said : session.dialogue)
    fmt::format_to(Out(out), "  {:8.3f} {} {}\n", seconds(said.at), kSides[static_cast<std::size_t>(said.side)],
                   said.text);
  out += '\n';
}

void show(std::string& out, const Session& session) {
  fmt::format_to(Out(out), "{}, {}\n", session.host, session.address.to_string());
  line(out, "reverse DNS",
       session.reverse_names.empty()
           ? std::string("none")
           : joined(session.reverse_names) + (session.reverse_confirmed ? "" : " (does not lead back)"));
  if (session.unreachable) {
    line(out, "connection", session.failure);
    out += '\n';
    return;
  }
  line(out, "connected in", fmt::format("{:.3f} s", seconds(session.connect_took)));
  if (session.greeting)
    line(out, "greeting", fmt::format("{} (after {:.3f} s)", shown(*session.greeting), seconds(session.greeting_took)));
  if (session.plain) line(out, "offers", joined(session.plain_keywords));
  if (session.secure) line(out, session.plain ? "with TLS" : "offers", joined(session.secure_keywords));
  line(out, "TLS failed", session.tls_failure);
  if (session.tls) show(out, *session.tls);
  if (session.capabilities() != nullptr) line(out, "AUTH", joined(session.capabilities()->auth, " "));
  if (session.pipelining_works) line(out, "pipelining", *session.pipelining_works ? "works" : "is broken");
  for (const auto& trial : session.trials)
    line(out, to_string(trial.kind),
         fmt::format("{}  {}", trial.recipient,
                     trial.rcpt.code == 0 ? "MAIL: " + shown(trial.mail) : shown(trial.rcpt)));
  if (const auto& login = session.authentication)
    line(out, "login",
         fmt::format("{} {}", login->mechanism, login->failure.empty() ? shown(login->reply) : login->failure));
  if (const auto& sending = session.sending)
    line(out, "message",
         fmt::format("{}: {} ({:.3f} s, Message-ID {})", sending->command, shown(sending->reply),
                     seconds(sending->took), sending->message_id));
  line(out, "ended at",
       session.failure.empty() ? std::string() : fmt::format("{}: {}", to_string(session.stage), session.failure));
  out += '\n';
}

}  // namespace

std::string text_of(const Report& report, Detail detail) {
  std::string out;
  if (report.domain) show(out, *report.domain);
  for (const auto& session : report.sessions) {
    show(out, session);
    if (detail == Detail::kDialogue) show_dialogue(out, session);
  }
  fmt::format_to(Out(out), "{}: grade {}. {}\n", report.target, report.grade, report.summary);
  for (const auto& finding : report.findings) {
    fmt::format_to(Out(out), "\n  [{}] {} ({})\n", to_string(finding.severity), finding.text, finding.where);
    if (!finding.remedy.empty()) fmt::format_to(Out(out), "    -> {}\n", finding.remedy);
  }
  for (char& c : out)  // what a server says must not steer the terminal
    if ((static_cast<unsigned char>(c) < ' ' && c != '\n') || c == 0x7F) c = '?';
  return base::codec::replace_invalid_utf8(out);
}

}  // namespace veredus::work::probe
