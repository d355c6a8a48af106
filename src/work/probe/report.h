#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/types/clock.h"
#include "io/dns/dns_error.h"
#include "io/dns/records.h"
#include "io/net/endpoint.h"
#include "wire/smtp/capabilities.h"
#include "wire/smtp/reply.h"
#include "work/probe/certificate.h"

namespace veredus::work::probe {

using Milliseconds = std::chrono::milliseconds;

enum class Side : std::uint8_t { kClient, kServer, kNote };

struct DialogueLine {
  Milliseconds at{};  // since the connect began
  Side side = Side::kNote;
  std::string text;
};

/// How far a session came.
enum class Stage : std::uint8_t { kConnect, kTls, kGreeting, kHello, kStartTls, kTrials, kAuth, kSend, kQuit };
[[nodiscard]] std::string_view to_string(Stage stage);

/// A recipient that was named to see what the server says; no message followed.
struct Trial {
  enum class Kind : std::uint8_t {
    kUnknown,       // an address of the domain that nobody has
    kPostmaster,    // RFC 5321 s4.5.1: must be taken
    kRelay,         // somebody else's address, unauthenticated
    kRelayPercent,  // the same behind a '%'
    kRelayRoute,    // the same behind a source route
  };
  Kind kind = Kind::kUnknown;
  std::string sender;  // empty: the null path
  std::string recipient;
  wire::smtp::Reply mail;
  wire::smtp::Reply rcpt;  // code 0: MAIL was refused

  [[nodiscard]] bool accepted() const { return rcpt.code / 100 == 2; }
};
[[nodiscard]] std::string_view to_string(Trial::Kind kind);

struct Tls {
  bool implicit = false;
  Milliseconds took{};
  std::string version;
  std::string cipher;
  unsigned cipher_bits = 0;
  CertificateChain chain;
};

struct Authentication {
  std::string mechanism;
  wire::smtp::Reply reply;
  std::string failure;  // why it could not be tried or believed; empty: as the reply says
  [[nodiscard]] bool done() const { return failure.empty() && reply.code == 235; }
};

/// A message that was sent.
struct Sending {
  std::string message_id;
  wire::smtp::Reply reply;  // to the command that ended it: the final dot when all went well
  std::string command;      // "MAIL", "RCPT", "DATA", "the message"
  Milliseconds took{};
  [[nodiscard]] bool done() const { return command == "the message" && reply.code / 100 == 2; }
};

/// One connection to one address.
struct Session {
  std::string host;  // as it was asked for
  io::net::Endpoint address;
  bool implicit_tls = false;

  std::vector<std::string> reverse_names;
  std::optional<io::dns::DnsError> reverse_error;
  bool reverse_confirmed = false;  // one of these names has the address

  Stage stage = Stage::kConnect;  // the last that was begun
  std::string failure;            // why it ended there; empty: it went to its end
  bool unreachable = false;       // no connection at all
  Milliseconds connect_took{};
  Milliseconds greeting_took{};
  Milliseconds took{};

  std::optional<wire::smtp::Reply> greeting;
  bool extended = false;                           // EHLO was taken
  std::optional<wire::smtp::Capabilities> plain;   // before TLS
  std::optional<wire::smtp::Capabilities> secure;  // after
  std::vector<std::string> plain_keywords;         // all lines of the reply
  std::vector<std::string> secure_keywords;
  std::optional<Tls> tls;
  std::string tls_failure;
  std::optional<bool> pipelining_works;  // tried only where it is offered
  std::vector<Trial> trials;
  std::optional<Authentication> authentication;
  std::optional<Sending> sending;
  std::vector<DialogueLine> dialogue;

  /// After TLS where there is TLS.
  [[nodiscard]] const wire::smtp::Capabilities* capabilities() const {
    return secure ? &*secure : plain ? &*plain : nullptr;
  }
};

struct MailHost {
  std::string name;
  unsigned preference = 0;
  bool is_alias = false;  // RFC 5321 s5.1: it must not be
  std::optional<io::dns::DnsError> error;
  std::vector<io::net::IpAddress> addresses;  // IPv4, then IPv6
  bool tlsa = false;                          // TLSA records are there and DNSSEC proves them
};

enum class MailRoute : std::uint8_t {
  kMx,
  kImplicit,  // RFC 5321 s5.1: no MX, so its own addresses
  kNullMx,    // RFC 7505: it takes no mail
  kNoSuchDomain,
  kNone,  // neither MX nor address
  kDnsFailed,
};
[[nodiscard]] std::string_view to_string(MailRoute route);

/// What DNS says of a domain's mail.
struct Domain {
  std::string name;
  MailRoute route = MailRoute::kMx;
  std::optional<io::dns::DnsError> error;
  bool authentic = false;
  bool null_mx_among_others = false;  // RFC 7505 s3
  std::vector<MailHost> hosts;        // in order of preference
};

enum class Severity : std::uint8_t { kNote, kMinor, kMajor, kCritical };
[[nodiscard]] std::string_view to_string(Severity severity);

/// Something worth telling, and what to do about it.
struct Finding {
  Severity severity = Severity::kNote;
  std::string code;    // "no-starttls", for programs
  std::string where;   // host and address, or the domain
  std::string text;    // what is so
  std::string remedy;  // what to do; empty for notes
};

struct Report {
  std::string target;
  SystemTime at{};
  std::optional<Domain> domain;
  std::vector<Session> sessions;
  std::size_t skipped = 0;        // addresses that were not tried: there were too many, or it took too long
  std::vector<Finding> findings;  // the worst first
  char grade = 'F';               // A, B, C, D, F
  std::string summary;            // one or two sentences
};

}  // namespace veredus::work::probe
