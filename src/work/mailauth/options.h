#pragma once

#include <chrono>
#include <cstdint>
#include <string>
#include <vector>

#include "io/net/endpoint.h"

namespace veredus::work::mailauth {

/// What a failing message's published DMARC policy leads to.
enum class DmarcAction : std::uint8_t {
  kReport,      // nothing: results are noted and reported
  kQuarantine,  // p=quarantine and p=reject lead to the mailbox for junk
  kReject,      // p=reject is refused in session, unless something speaks for an intermediary (RFC 9989 s7.4)
};

/// What SPF's "fail" leads to where DMARC does not pass and asks for nothing.
enum class SpfAction : std::uint8_t { kReport, kJunk, kReject };

/// What is done when DNS does not answer and the message would be refused or junk without that answer.
enum class TemporaryAction : std::uint8_t { kAccept, kTryLater };

/// A list in DNS of client addresses (RFC 5782).
struct AddressList {
  std::string zone;                       // A-labels
  int weight = 1;                         // of being on it; negative: it speaks for a client
  std::vector<io::net::Network> answers;  // that count; empty: all
};

/// 127.0.0.0/8 and ::1.
[[nodiscard]] std::vector<io::net::Network> local_machine();

struct InspectionOptions {
  bool on = true;
  std::string authserv_id;                     // who says so in Authentication-Results
  std::chrono::milliseconds patience{20'000};  // for all questions of one message (RFC 7208 s4.6.4: at least 20 s)
  DmarcAction dmarc = DmarcAction::kReject;
  SpfAction spf = SpfAction::kReport;
  TemporaryAction temporary = TemporaryAction::kAccept;
  bool received_spf = false;    // RFC 7208 s9.1, beside Authentication-Results
  bool partial_bodies = false;  // a signature over the beginning of a text alone (l=) may pass (RFC 6376 s8.2)
  /// Whose messages are not looked at: our own relays, and unless told otherwise this machine.
  std::vector<io::net::Network> trusted_networks = local_machine();
  // What keeps a policy from being followed. Domains in A-labels, lower case; each stands for those below it too.
  std::vector<std::string> trusted_sealers;  // whose ARC results are believed
  std::vector<std::string> mailing_lists;    // that sign, or send from, these domains
  std::vector<std::string> exempt_authors;   // whose policy is not followed

  std::vector<AddressList> lists;
  int junk_from = 3;  // the weights of all lists a client is on, together; 0: never
  int refuse_from = 5;

  bool remember_senders = true;  // how long they are known, and what became of their messages
  bool greylist = false;         // put off who is new
  std::chrono::seconds greylist_delay{std::chrono::minutes(5)};
  std::chrono::seconds greylist_come_back{std::chrono::hours(48)};
  std::chrono::seconds greylist_remember{std::chrono::days(60)};
};

}  // namespace veredus::work::mailauth
