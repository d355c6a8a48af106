#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "base/types/clock.h"
#include "base/types/ids.h"
#include "state/mailbox/quota.h"
#include "state/spool/queue_id.h"
#include "wire/smtp/address.h"
#include "wire/smtp/mail_from.h"
#include "wire/smtp/rcpt_to.h"

namespace veredus::work::delivery {

/// What an address of ours that leads on (an alias or account that forwards elsewhere, a list) changes in a message for
/// those behind it.
struct Passage {
  std::string address;                // that address; a message that has passed it before is refused as a loop
  std::optional<std::string> sender;  // the return path from here on, as text; nullopt: as it came
  std::string fields;                 // header fields to stand before the door's own, each ended by CRLF
  bool is_list = false;               // what the sender wanted to be told ends here (RFC 3461 s5.2.7.1)

  friend bool operator==(const Passage&, const Passage&) = default;
};

/// One account a recipient ends in.
struct Target {
  AccountId account;
  std::string detail;                                // of `name+detail@…`; empty: none
  state::mailbox::QuotaLimits quota;                 // the account's, as of RCPT
  std::shared_ptr<const Passage> passage = nullptr;  // null: none that changes anything

  friend bool operator==(const Target& a, const Target& b) { return a.account == b.account && a.detail == b.detail; }
};

/// One address elsewhere that a recipient ends in.
struct RemoteTarget {
  wire::smtp::Address address;                       // its domain in A-labels, lower case
  std::string route;                                 // which way it must go; empty: as the routes say when it leaves
  std::shared_ptr<const Passage> passage = nullptr;  // null: the recipient itself

  friend bool operator==(const RemoteTarget& a, const RemoteTarget& b) {
    return a.address == b.address && a.route == b.route;
  }
};

/// The recipient is a return path that was made for one recipient of one message of ours (rules/verp): what comes to it
/// reports on that.
struct ReturnedTo {
  state::spool::QueueId message;
  std::uint32_t recipient = 0;  // rules::verp::recipient_number
  wire::smtp::Address path;     // the return path it took the place of

  friend bool operator==(const ReturnedTo&, const ReturnedTo&) = default;
};

/// Where mail to one recipient goes: at least one target, each once.
struct Targets {
  std::vector<Target> local;
  std::vector<RemoteTarget> remote;
  std::optional<ReturnedTo> returned = std::nullopt;
  bool own_mailbox = false;  // the recipient is a mailbox here: local.front()

  friend bool operator==(const Targets&, const Targets&) = default;
};

/// One recipient the Router took.
struct Recipient {
  wire::smtp::Address address;  // as RCPT gave it
  std::vector<Target> targets;  // the Router's verdict; with `remote` never empty
  std::optional<wire::smtp::Notify> notify = std::nullopt;
  std::optional<wire::smtp::OriginalRecipient> original = std::nullopt;
  std::vector<RemoteTarget> remote = {};
  bool own_mailbox = false;                           // Targets'
  std::optional<ReturnedTo> returned = std::nullopt;  // and this
};

/// Whether each recipient gets a reply of its own at the end (LMTP, RFC 2033 s4.2) or all get one (SMTP).
enum class Answers : std::uint8_t { kOneForAll, kOneForEach };

/// What is known of a message before its first octet.
struct Envelope {
  std::optional<wire::smtp::Address> sender;  // nullopt: the null reverse-path
  std::vector<Recipient> recipients;          // 1..; in the order of RCPT
  std::uint64_t declared_octets = 0;          // SIZE=; 0: not given
  Answers answers = Answers::kOneForAll;
  std::optional<AccountId> submitter;               // who authenticated: From was checked, and its domain signs
  bool is_ours = false;                             // this program wrote it: the same
  std::string envelope_id;                          // RFC 3461 s4.4 ENVID; empty: not given
  std::optional<wire::smtp::DsnReturn> dsn_return;  // RFC 3461 s4.3
  std::optional<wire::smtp::Body> body;             // RFC 6152 s2, RFC 3030 s3
  bool smtputf8 = false;                            // RFC 6531 s3.4
  bool require_tls = false;                         // RFC 8689 s2
  bool unvouched = false;                           // RFC 4954 s5: the submitter did not say that it is the sender
  std::int8_t priority = 0;                         // RFC 6710 s4; -9..9
  std::optional<SystemTime> hold_until;             // RFC 4865 s4.2
  std::optional<state::spool::QueueId> id;          // given by who submits it again and again; nullopt: a new one
  std::optional<wire::smtp::DeliverBy> deliver_by;  // RFC 2852 s4, counted from when the message is taken
  /// For the journal alone, as name and value: "client", "helo", "protocol", "tls", "auth", "listener"…
  std::vector<std::pair<std::string, std::string>> circumstances;
};

}  // namespace veredus::work::delivery
