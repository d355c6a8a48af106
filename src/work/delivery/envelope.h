#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "base/types/ids.h"
#include "state/mailbox/quota.h"
#include "wire/smtp/address.h"
#include "wire/smtp/mail_from.h"
#include "wire/smtp/rcpt_to.h"

namespace veredus::work::delivery {

/// One account a recipient ends in.
struct Target {
  AccountId account;
  std::string detail;                 // of `name+detail@…`; empty: none
  state::mailbox::QuotaLimits quota;  // the account's, as of RCPT

  friend bool operator==(const Target& a, const Target& b) { return a.account == b.account && a.detail == b.detail; }
};

/// One recipient the Router took.
struct Recipient {
  wire::smtp::Address address;  // as RCPT gave it
  std::vector<Target> targets;  // the Router's verdict, never empty
  std::optional<wire::smtp::Notify> notify;
  std::optional<wire::smtp::OriginalRecipient> original;
};

/// Whether each recipient gets a reply of its own at the end (LMTP, RFC 2033 s4.2) or all get one (SMTP).
enum class Answers : std::uint8_t { kOneForAll, kOneForEach };

/// What is known of a message before its first octet.
struct Envelope {
  std::optional<wire::smtp::Address> sender;  // nullopt: the null reverse-path
  std::vector<Recipient> recipients;          // 1..; in the order of RCPT
  std::uint64_t declared_octets = 0;          // SIZE=; 0: not given
  Answers answers = Answers::kOneForAll;
  std::optional<AccountId> submitter;               // who authenticated
  std::string envelope_id;                          // RFC 3461 s4.4 ENVID; empty: not given
  std::optional<wire::smtp::DsnReturn> dsn_return;  // RFC 3461 s4.3
  std::optional<wire::smtp::Body> body;             // RFC 6152 s2, RFC 3030 s3
  bool smtputf8 = false;                            // RFC 6531 s3.4
  /// For the journal alone, as name and value: "client", "helo", "protocol", "tls", "auth", "listener"…
  std::vector<std::pair<std::string, std::string>> circumstances;
};

}  // namespace veredus::work::delivery
