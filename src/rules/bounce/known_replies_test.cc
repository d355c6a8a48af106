#include <gtest/gtest.h>

#include <span>
#include <string_view>

#include "rules/bounce/classify.h"

namespace veredus::rules::bounce {
namespace {

/// What the mail systems of the world are known to say, in their own words; not from any suite.
struct Case {
  std::string_view text;
  Category want;
};

void expect(std::span<const Case> cases) {
  for (const auto& c : cases) EXPECT_EQ(to_string(classify_text(c.text).category), to_string(c.want)) << c.text;
}

using enum Category;

TEST(KnownReplies, OfExchangeAndMicrosoft365) {
  constexpr Case kCases[] = {
      {"550 5.1.1 RESOLVER.ADR.RecipNotFound; not found", kUserUnknown},
      {"550 5.1.10 RESOLVER.ADR.RecipientNotFound; Recipient not found by SMTP address lookup", kUserUnknown},
      {"550 5.4.1 [bob@demo.test]: Recipient address rejected: Access denied. AS(201806281)", kUserUnknown},
      {"554 5.2.2 mailbox full; STOREDRV.Deliver.Exception:QuotaExceededException.MapiExceptionShutoffQuotaExceeded",
       kMailboxFull},
      {"550 5.2.3 RESOLVER.RST.RecipSizeLimit; message too large for this recipient", kExceedLimit},
      {"550 5.7.1 RESOLVER.RST.AuthRequired; authentication required", kSecurityError},
      {"550 5.7.1 RESOLVER.RST.NotAuthorized; not authorized", kFiltered},
      {"550 5.4.310 DNS domain example.org does not exist [Message=InfoDomainNonexistent]", kHostUnknown},
      {"550 5.7.708 Service unavailable. Access denied, traffic not accepted from this IP.", kBlocked},
      {"550 5.7.606 Access denied, banned sending IP [192.0.2.1]", kBlocked},
      {"451 4.7.650 The mail server [192.0.2.1] has been temporarily rate limited due to IP reputation.",
       kBadReputation},
      {"550 5.4.14 Hop count exceeded - possible mail loop ATTR34", kNetworkError},
      {"550 5.4.317 Message expired, cannot connect to remote server", kExpired},
      {"451 4.3.2 Temporary server error. Please try again later PRX2", kSystemError},
      {"550 5.7.509 Access denied, sending domain example.org does not pass DMARC verification", kAuthFailure},
      {"552 5.3.4 Message size exceeds fixed maximum message size", kMessageTooBig},
      {"450 4.7.320 Certificate validation failed", kFailedStartTls},
  };
  expect(kCases);
}

TEST(KnownReplies, OfGmail) {
  constexpr Case kCases[] = {
      {"550-5.1.1 The email account that you tried to reach does not exist. Please try double-checking the recipient's "
       "email address for typos",
       kUserUnknown},
      {"552-5.2.2 The recipient's inbox is out of storage space and inactive.", kMailboxFull},
      {"550 5.2.1 The email account that you tried to reach is disabled.", kSuspended},
      {"550-5.7.26 Your email has been blocked because the sender is unauthenticated.", kAuthFailure},
      {"550-5.7.1 [192.0.2.1] Our system has detected that this message is likely unsolicited mail.", kSpamDetected},
      {"550-5.7.25 The IP address sending this message does not have a PTR record setup", kRequirePtr},
      {"450-4.2.1 The user you are trying to contact is receiving mail at a rate that prevents additional messages",
       kSpeeding},
      {"552-5.3.4 Your message exceeded Google's message size limits.", kMessageTooBig},
      {"550 5.4.5 Daily user sending limit exceeded.", kSpeeding},
      {"530-5.5.1 Authentication Required.", kSecurityError},
  };
  expect(kCases);
}

TEST(KnownReplies, OfYahooAndOthersForEverybody) {
  constexpr Case kCases[] = {
      {"554 delivery error: dd This user doesn't have a yahoo.com account (bob@yahoo.com) [-5]", kUserUnknown},
      {"421 4.7.0 [TSS04] Messages from 192.0.2.1 temporarily deferred due to user complaints - 4.16.55.1",
       kBadReputation},
      {"553 5.7.1 [BL21] Connections will not be accepted from 192.0.2.1, because the ip is in Spamhaus's list",
       kBlocked},
      {"554 5.7.9 Message not accepted for policy reasons.", kPolicyViolation},
      {"552 5.2.2 bob@icloud.com user is over quota", kMailboxFull},
      {"550 5.7.0 Blocked - see https://support.proofpoint.com/dnsbl-lookup.cgi?ip=192.0.2.1", kBlocked},
      {"554 Blocked - see https://ipcheck.proofpoint.com/?ip=192.0.2.1", kBlocked},
      {"550 Administrative prohibition - envelope blocked - https://community.mimecast.com/docs/DOC-1369#550",
       kPolicyViolation},
      {"550 Invalid Recipient - https://community.mimecast.com/docs/DOC-1369#550", kUserUnknown},
      {"550 csi.mimecast.org Poor Reputation Sender. - https://community.mimecast.com/docs/DOC-1369#550",
       kBadReputation},
      {"554 Service unavailable; Client host [mx.demo.test] blocked using Barracuda Reputation; "
       "http://www.barracudanetworks.com/reputation/?r=1&ip=192.0.2.1",
       kBadReputation},
      {"550 5.1.1 Amazon SES has suppressed sending to this address because it has a recent history of bouncing as an "
       "invalid address.",
       kSuppressed},
  };
  expect(kCases);
}

TEST(KnownReplies, OfPostfixEximSendmailQmail) {
  constexpr Case kCases[] = {
      {"<bob@demo.test>: Recipient address rejected: User unknown in virtual mailbox table", kUserUnknown},
      {"Host or domain name not found. Name service error for name=demo.test type=A: Host not found", kHostUnknown},
      {"mail for demo.test loops back to myself", kNetworkError},
      {"connect to mx.demo.test[192.0.2.1]:25: Connection refused", kExpired},
      {"450 4.2.0 <bob@demo.test>: Recipient address rejected: Greylisted, see http://postgrey.example/",
       kPolicyViolation},
      {"454 4.7.1 <bob@demo.test>: Relay access denied", kNoRelaying},
      {"retry timeout exceeded", kExpired},
      {"all relevant MX records point to non-existent hosts", kHostUnknown},
      {"Unrouteable address", kHostUnknown},
      {"mailbox is full (MTA-imposed quota exceeded while writing to file /var/mail/bob)", kMailboxFull},
      {"Sorry, no mailbox here by that name. (#5.1.1)", kUserUnknown},
      {"Sorry, I couldn't find any host named demo.test. (#5.1.2)", kHostUnknown},
      {"This message is looping: it already has my Delivered-To line. (#5.4.6)", kNetworkError},
      {"553 sorry, that domain isn't in my list of allowed rcpthosts (#5.7.1)", kNoRelaying},
      {"554 5.4.6 Too many hops 26 (25 max)", kNetworkError},
      {"452 4.4.5 Insufficient disk space; try again later", kSystemFull},
      {"User bob (bob@demo.test) not listed in Domino Directory", kUserUnknown},
      {"Router: Maximum message size exceeded", kMessageTooBig},
  };
  expect(kCases);
}

TEST(KnownReplies, OfRatesAndOfWhatIsClosedForNow) {
  constexpr Case kCases[] = {
      {"451 Ratelimit exceeded for mailbox bob@demo.test. Try again later.", kSpeeding},
      {"421 4.7.1 Rate limit exceeded. Try again later", kSpeeding},
      {"550 5.7.1 Message rate limit exceeded", kSpeeding},
      {"450 4.7.1 Error: too much mail from 192.0.2.1", kSpeeding},
      {"421 4.7.0 You are sending too fast", kSpeeding},
      {"550 5.1.90 Your message can't be sent because you've reached your daily limit for message recipients",
       kSpeeding},
      {"550 Ip frequency limited.", kSpeeding},
      {"451 4.3.2 Please try again later", kSystemError},
      {"451 Internal resource temporarily unavailable", kSystemError},
      {"421-4.7.29 This mail has been rate limited because this message was not sent over a TLS connection.",
       kFailedStartTls},
      {"454 4.7.0 TLS not available due to local problem", kFailedStartTls},
      {"454 4.7.5 Certificate verify failed", kFailedStartTls},
  };
  expect(kCases);
}

TEST(KnownReplies, OfWhatTheWordsSayAgainstABlandStatus) {
  constexpr Case kCases[] = {
      {"550 5.7.1 <bob@demo.test>: Recipient address rejected: User unknown in virtual mailbox table", kUserUnknown},
      {"550 5.7.1 No such user!", kUserUnknown},
      {"553 5.3.0 No such user here", kUserUnknown},
      {"550 5.7.0 SPF Permanent Error: Too many DNS lookups", kAuthFailure},
      {"554 5.7.1 Rejected: malicious attachment", kVirusDetected},
      {"554 5.7.1 The user's account is closed", kSuspended},
      {"550 5.7.1 Your message was filtered by the recipient", kFiltered},
      {"550 Your IP address does not resolve to a hostname", kRequirePtr},
      {"421 4.7.0 Too many open connections from you", kTooManyConnections},
      {"451 4.3.0 Temporary server failure", kSystemError},
      {"550 5.1.1 Mailbox has been deactivated", kSuspended},
      {"550-5.7.1 [192.0.2.1 11] Messages missing a valid Message-ID header are not accepted.", kNotCompliantRfc},
      {"421 4.7.1 [TS03] All messages from 192.0.2.1 will be permanently deferred; Retrying will NOT succeed.",
       kBlocked},
      {"571 Email from 192.0.2.1 is currently blocked by Verizon Online's anti-spam system.", kBlocked},
      {"550 5.7.1 SPF unauthorized mail is prohibited.", kAuthFailure},
      {"550 5.7.1 SPF MIS-MATCH", kAuthFailure},
      {"554 5.6.0 Message content rejected: malformed MIME", kContentError},
      {"550 5.7.1 User refuses mail from you", kFiltered},
      {"550 5.7.1 Blocked by SpamAssassin", kSpamDetected},
      {"550 Message rejected: classified as junk", kSpamDetected},
      {"552 Virus infected message rejected.", kVirusDetected},
      {"550 5.7.1 Message rejected by company policy", kPolicyViolation},
      {"550 No mail accepted for this domain", kNotAccept},
      {"605 Not delivering to previously bounced address", kSuppressed},
  };
  expect(kCases);
}

TEST(KnownReplies, OfPolicyAreNotTakenForUnknownUsers) {
  constexpr Case kCases[] = {
      {"554 5.7.1 <bob@demo.test>: Recipient address rejected: Access denied", kFiltered},
      {"550 5.7.1 <bob@demo.test>: Recipient address rejected: Mail appeared to be forged", kFiltered},
      {"550 5.7.1 Your EHLO argument is not a valid hostname", kFiltered},
      {"550 5.7.1 User is not allowed to receive external mail", kFiltered},
      {"550 5.1.1 bob: recipient missing from user database", kUserUnknown},
      {"550 Wir nehmen keine solchen Anhaenge an", kOnHold},
  };
  expect(kCases);
}

TEST(KnownReplies, WhereNothingStandsBetweenTwoTellingWords) {
  constexpr Case kCases[] = {
      {"550 #5.7.1 Your access to submit messages to this e-mail system has been rejected: SPF fail", kAuthFailure},
      {"550 5.7.1 DKIM failed", kAuthFailure},
      {"554 5.7.1 HELO rejected: your host must have a fully qualified name", kBlocked},
      {"550 5.7.1 Mailbox over quota", kMailboxFull},
  };
  expect(kCases);
}

TEST(KnownReplies, OfManyMore) {
  constexpr Case kCases[] = {
      {"550 DKIM verification failed for the domain in the From header", kAuthFailure},
      {"550 5.7.1 SenderID check failed", kAuthFailure},
      {"550 5.7.1 Client not allowed to connect. Access denied", kBlocked},
      {"421 4.7.0 192.0.2.1 is blocked for sending spam", kBlocked},
      {"550 Mail rejected for policy reasons. We do not accept email from dynamic IP's.", kBlocked},
      {"550 Connection refused. 192.0.2.1 is blocked", kBlocked},
      {"550 JunkMail rejected - mx.demo.test is in an RBL", kBlocked},
      {"550 The recipient has refused mail from you", kFiltered},
      {"550 5.7.1 Missing required header field: Message-ID", kNotCompliantRfc},
      {"550 maximum allowed line length is 998 octets, got 1200", kNotCompliantRfc},
      {"554 5.7.1 Message cannot be accepted, rules rejection", kPolicyViolation},
      {"550 5.7.0 Message blocked: your attachment file name is forbidden", kPolicyViolation},
      {"421 4.7.0 Your message rate is too high", kSpeeding},
      {"450 4.2.1 Mailbox is receiving mail at an excessive rate", kSpeeding},
      {"550 5.4.5 Recipient exceeded daily message limit", kSpeeding},
      {"452 Too many recipients received this hour", kSpeeding},
      {"553 sorry, your envelope sender is in my badmailfrom list (#5.7.1)", kRejected},
      {"550 5.7.60 SMTP; Client does not have permissions to send as this sender", kRejected},
      {"550 Account blocked due to inactivity", kSuspended},
      {"550 Requested action not taken: mailbox locked", kSuspended},
      {"554 5.7.1 Account is frozen", kSuspended},
      {"554 5.1.1 the account bob is closed", kSuspended},
      {"550 5.7.1 Domain has been disabled", kSuspended},
      {"550 5.7.1 no mail is accepted at this domain", kNotAccept},
      {"421 4.3.2 The maximum number of concurrent connections has exceeded a limit", kTooManyConnections},
      {"550 bob... We do not have such a user here", kUserUnknown},
      {"554 5.7.1 Blocked: infected attachment", kVirusDetected},
  };
  expect(kCases);
}

TEST(KnownReplies, ByTheCodesOfTheirOwners) {
  constexpr Case kCases[] = {
      {"550 5.7.1 POL-P1 https://www.facebook.com/postmaster/response_codes?ip=192.0.2.1#pol-p1", kBlocked},
      {"550 5.7.1 POL-P2 https://www.facebook.com/postmaster/response_codes", kRequirePtr},
      {"550 5.7.1 POL-P6 https://www.facebook.com/postmaster/response_codes", kPolicyViolation},
      {"421 4.7.1 CON-T1 https://www.facebook.com/postmaster/response_codes", kTooManyConnections},
      {"550 5.7.1 RCP-P2 https://www.facebook.com/postmaster/response_codes", kFiltered},
      {"451 4.3.0 INT-T1 https://www.facebook.com/postmaster/response_codes", kSystemError},
      {"554 IMP 192.0.2.1 blocked. IPBL0101 - Refer to Error Codes section", kBlocked},
      {"552 CXMXRT You have sent email to too many recipients in the last hour.", kSpeeding},
      {"554 5.2.3 MailPolicy violation Error delivering to mailboxes", kPolicyViolation},
      {"451 4.7.1 Message temporarily deferred - [GL01]", kPolicyViolation},
      {"550 5.7.503 Access denied", kRejected},
      {"550 5.7.506 Access denied", kBlocked},
      {"550 5.7.507 Access denied, rejected by recipient", kFiltered},
      {"550 5.7.508 Access denied, [192.0.2.1] has exceeded permitted limits within 192.0.2.0/24 range.", kSpeeding},
      {"550 5.7.510 Access denied, demo.test does not accept email over IPv6", kNotAccept},
      {"550 5.7.512 Access denied, message must be compliant", kNotCompliantRfc},
      {"550 5.7.515 Access denied", kAuthFailure},
      {"550 5.2.121 RESOLVER.RST.RecipientPerHourLimit; receive limit exceeded", kSpeeding},
      {"550 5.7.321 starttls-not-supported: Destination mail server must support TLS to receive mail.",
       kFailedStartTls},
      {"550 5.7.322 certificate-expired: Destination mail server's certificate is expired.", kFailedStartTls},
      {"550 5.7.324 dnssec-invalid: Destination domain returned invalid DNSSEC records", kFailedStartTls},
      {"550 5.2.0 STOREDRV.Submission.Exception:SendAsDeniedException.MapiExceptionSendAsDenied", kRejected},
      {"421-4.7.27 Your email has been rate limited because SPF authentication didn't pass for this message.",
       kAuthFailure},
      {"550-5.7.30 Your email has been blocked because DKIM authentication didn't pass for this message.",
       kAuthFailure},
      {"550-5.7.1 Messages missing a valid address in From: header, or having no From: header, are not accepted.",
       kNotCompliantRfc},
      {"550 Rejected by SPF - sender IP 192.0.2.1", kAuthFailure},
      {"550 Rejected by header based Blocked Senders - demo.test (csi)", kBlocked},
      {"550 Mail is rejected by recipients", kFiltered},
      {"551 [internal] No recipient response", kExpired},
      {"550 [internal] [oob] The recipient is invalid.", kUserUnknown},
  };
  expect(kCases);
}

TEST(KnownReplies, InOtherLanguages) {
  constexpr Case kCases[] = {
      {"550 Benutzer unbekannt", kUserUnknown},
      {"550 Kein solcher Benutzer", kUserUnknown},
      {"550 El usuario no existe", kUserUnknown},
      {"550 Usuário inexistente", kUserUnknown},
      {"550 Mailbox voll", kMailboxFull},
      {"550 5.1.1 Diese E-Mail-Adresse existiert nicht", kUserUnknown},
      {"552 Das Postfach des Empfängers ist voll", kMailboxFull},
      {"552 Nachricht ist zu groß", kMessageTooBig},
      {"550 Utilisateur inconnu", kUserUnknown},
      {"550 L'adresse du destinataire n'existe pas", kUserUnknown},
      {"552 Boîte aux lettres pleine", kMailboxFull},
      {"550 El usuario de destino no existe", kUserUnknown},
      {"552 Buzón de correo lleno", kMailboxFull},
      {"550 Utente sconosciuto", kUserUnknown},
      {"550 Usuário desconhecido", kUserUnknown},
      {"552 Caixa postal do destinatário está cheia", kMailboxFull},
      {"550 Gebruiker onbekend", kUserUnknown},
      {"550 Пользователь не найден", kUserUnknown},
      {"552 Почтовый ящик переполнен", kMailboxFull},
      {"550 用户不存在", kUserUnknown},
      {"550 ユーザーが存在しません", kUserUnknown},
  };
  expect(kCases);
}

}  // namespace
}  // namespace veredus::rules::bounce
