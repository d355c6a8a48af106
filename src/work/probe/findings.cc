#include "work/probe/findings.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/codec/ascii.h"
#include "work/probe/options.h"

namespace veredus::work::probe {
namespace {

using enum Severity;
constexpr auto kSlow = std::chrono::seconds(10);
constexpr std::uint64_t kSmallSize = 10ULL * 1024 * 1024;

bool takes_mail_of_all(const Session& session) { return session.address.port == 25 || session.address.port == 2525; }

std::string quoted(const wire::smtp::Reply& reply) {
  auto text = to_string(reply);
  std::ranges::replace(text, '\n', ' ');
  return "\"" + text + "\"";
}

}  // namespace

void look_at_domain(const Domain& domain, Findings out) {
  switch (domain.route) {
    case MailRoute::kNoSuchDomain:
      return out.add(kCritical, "no-such-domain", "The domain does not exist in DNS.",
                     "Check its spelling, its registration and its name servers.");
    case MailRoute::kDnsFailed:
      return out.add(
          kCritical, "dns-failed",
          fmt::format("DNS gives no answer for it: {}.", domain.error ? to_string(*domain.error) : "failure"),
          "Look at the domain's name servers, and at its DNSSEC signatures if it is signed.");
    case MailRoute::kNone:
      return out.add(kCritical, "no-mail-host", "The domain has neither MX records nor an address.",
                     "Publish an MX record, or a null MX (\"0 .\") if it is to take no mail.");
    case MailRoute::kNullMx:
      return out.add(kNote, "null-mx", "The domain says that it takes no mail (null MX).");
    case MailRoute::kImplicit:
      out.add(kMinor, "implicit-mx", "There is no MX record: mail goes to the address of the domain itself.",
              "Publish an MX record, so that mail does not follow the web site's address.");
      break;
    case MailRoute::kMx:
      if (domain.hosts.size() == 1)
        out.add(kNote, "one-mx", "There is one mail host. Others will keep mail for days when it is down.");
  }
  if (domain.null_mx_among_others)
    out.add(kMajor, "null-mx-among-others", "A null MX (\"0 .\") stands beside other MX records.",
            "Remove it, or remove all others: together they mean nothing.");
  for (const auto& host : domain.hosts) {
    if (host.addresses.empty())
      out.add(kMajor, "mx-without-address",
              fmt::format("The mail host {} has no address{}{}.", host.name, host.error ? ": " : "",
                          host.error ? to_string(*host.error) : ""),
              "Give it an A or AAAA record, or remove its MX record.");
    if (host.is_alias)  // RFC 5321 s5.1, RFC 2181 s10.3
      out.add(kMinor, "mx-alias", fmt::format("The mail host {} is an alias (CNAME).", host.name),
              "Let the MX record name the host itself: some senders refuse aliases.");
    if (!host.addresses.empty() && std::ranges::none_of(host.addresses, is_public))
      out.add(kMinor, "mx-not-public", fmt::format("No address of {} can be reached from the Internet.", host.name),
              "Publish a public address, unless this domain is for a private network.");
  }
  const bool v6 = std::ranges::any_of(
      domain.hosts, [](const auto& host) { return std::ranges::any_of(host.addresses, &io::net::IpAddress::is_v6); });
  if (!domain.hosts.empty() && !v6)
    out.add(kNote, "no-ipv6", "No mail host has an IPv6 address: senders with IPv6 alone cannot reach it.");
}

void look_at_names(const Session& session, Findings out) {
  if (session.greeting && session.greeting_took > kSlow)
    out.add(kMinor, "slow-greeting",
            fmt::format("The greeting took {:.1f} s.", static_cast<double>(session.greeting_took.count()) / 1000),
            "Impatient senders give up: look for slow DNS or black-list look-ups.");
  if (!takes_mail_of_all(session) || session.unreachable) return;
  if (session.reverse_names.empty())
    out.add(session.address.address.is_loopback() ? kNote : kMinor, "no-reverse-dns",
            "The address has no name in DNS (PTR).",
            "Ask whoever gives you the address for a PTR record: mail from hosts without one is often refused.");
  else if (!session.reverse_confirmed)
    out.add(kMinor, "reverse-dns-mismatch",
            fmt::format("The address is named {}, and that name does not have this address.",
                        session.reverse_names.front()),
            "Let the PTR record and the name's A or AAAA record agree.");
}

void look_at_extensions(const Session& session, Findings out) {
  const auto* const offers = session.capabilities();
  if (offers == nullptr) return;
  if (!session.extended)
    return out.add(kMajor, "no-ehlo", "The server does not know EHLO: no TLS, no 8-bit mail, no size limit told.",
                   "Replace or update it; look for a firewall that rewrites SMTP.");
  if (!offers->pipelining)
    out.add(kNote, "no-pipelining", "PIPELINING is not offered: each message costs more round trips.");
  if (session.pipelining_works == false)
    out.add(kMajor, "pipelining-broken", "PIPELINING is offered and does not work.",
            "Do not offer it, or look for a firewall in between that breaks it.");
  if (!offers->eight_bit_mime)
    out.add(kNote, "no-8bitmime", "8BITMIME is not offered: messages with 8-bit text are re-coded on the way.");
  if (!offers->smtputf8)
    out.add(kNote, "no-smtputf8", "SMTPUTF8 is not offered: addresses with letters beyond ASCII cannot be used.");
  if (!offers->size)
    out.add(kNote, "no-size", "SIZE is not offered: too large messages are refused only after they were sent.");
  else if (*offers->size != 0 && *offers->size < kSmallSize)
    out.add(kMinor, "small-size",
            fmt::format("Messages over {} octets are refused; people send larger ones.", *offers->size),
            "Allow at least 10 MiB, better 25.");
}

void look_at_trials(const Session& session, Findings out) {
  const bool takes_all = std::ranges::any_of(
      session.trials, [](const Trial& t) { return t.kind == Trial::Kind::kUnknown && t.accepted(); });
  for (const auto& trial : session.trials) {
    switch (trial.kind) {
      case Trial::Kind::kUnknown:
        if (trial.accepted())
          out.add(kMinor, "takes-unknown",
                  fmt::format("A recipient that cannot exist, {}, is accepted.", trial.recipient),
                  "Refuse unknown recipients at RCPT: a bounce later goes to whoever a spammer has named. "
                  "With a catch-all this is as it should be.");
        break;
      case Trial::Kind::kPostmaster:
        if (trial.rcpt.permanent())  // RFC 5321 s4.5.1
          out.add(kMinor, "no-postmaster", fmt::format("{} is refused: {}.", trial.recipient, quoted(trial.rcpt)),
                  "Take mail for postmaster: it is how others tell you what is wrong.");
        break;
      case Trial::Kind::kRelayPercent:
        if (takes_all) break;  // it may be an address like any other
        [[fallthrough]];
      case Trial::Kind::kRelay:
      case Trial::Kind::kRelayRoute:
        if (trial.accepted())
          out.add(kCritical, "open-relay",
                  fmt::format("The server takes mail for {} from anybody: {}.", trial.recipient, quoted(trial.rcpt)),
                  "Relay only for clients that have authenticated, and for your own networks (was this probe run from "
                  "one of them?). Spammers find such servers within hours.");
        break;
    }
  }
}

void look_at_use(const Session& session, Findings out) {
  const auto* const plain = session.plain ? &*session.plain : nullptr;
  if (plain != nullptr && !plain->auth.empty() && !session.address.is_local_machine())
    out.add(kMajor, "auth-without-tls", "AUTH is offered before TLS: passwords may cross the network in the clear.",
            "Offer AUTH only after STARTTLS.");
  if (session.authentication && !session.authentication->done()) {
    const auto& failed = *session.authentication;
    out.add(kCritical, "auth-failed",
            "Authentication failed: " + (failed.failure.empty() ? quoted(failed.reply) : failed.failure) + ".",
            "Check user and password, and which mechanisms the server offers.");
  }
  if (session.sending && !session.sending->done())
    out.add(kCritical, "message-refused",
            fmt::format("The test message was refused at {}: {}.", session.sending->command,
                        quoted(session.sending->reply)),
            "Look at the reply: it says why.");
}

}  // namespace veredus::work::probe
