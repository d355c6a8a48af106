#include <algorithm>
#include <utility>

#include "base/observe/log.h"
#include "doors/smtp/conversation.h"
#include "work/mailauth/inspector.h"

namespace veredus::doors::smtp {

using wire::smtp::make_reply;
using wire::smtp::Reply;
using work::delivery::Assessment;
using work::mailauth::Disposition;
using work::mailauth::Findings;

namespace {

/// RFC 9989 s8.3, RFC 7372 s3; nullopt: the message is taken.
std::optional<Reply> refusal_for(const Findings& findings) {
  const auto detail = static_cast<std::uint16_t>(findings.detail);
  switch (findings.disposition) {
    case Disposition::kRefuse:
      return make_reply(550, 7, detail, findings.reason);
    case Disposition::kTryLater:
      return make_reply(451, 7, detail, findings.reason);
    case Disposition::kDeliver:
    case Disposition::kJunk:
      return std::nullopt;
  }
  return std::nullopt;
}

/// RFC 8601 s4.1: above all that is older.
std::string fields_of(const Findings& findings) {
  std::string fields = "Authentication-Results: " + findings.results + "\r\n";
  if (!findings.received_spf.empty()) fields += "Received-SPF: " + findings.received_spf + "\r\n";
  return fields;
}

}  // namespace

/// nullopt: nobody looks at what comes here. Mail of our own people is as it is.
std::optional<work::mailauth::Occasion> Conversation::occasion_of(const work::delivery::Envelope& envelope) const {
  if (door_->services_.inspector == nullptr || !options_->inspect || session_.login()) return std::nullopt;
  work::mailauth::Occasion occasion;
  const auto& peer = connection_.stream.peer();
  if (peer.kind == io::net::Endpoint::Kind::kIp) occasion.client = peer.address.value();
  occasion.helo = session_.helo();
  if (envelope.sender) occasion.mail_from = envelope.sender->local_part + "@" + envelope.sender->domain;
  for (const auto& recipient : envelope.recipients) {
    const auto& domain = recipient.address.domain;
    if (std::ranges::find(occasion.recipient_domains, domain) == occasion.recipient_domains.end())
      occasion.recipient_domains.push_back(domain);
  }
  return occasion;
}

/// The header of a stranger's message: looked at as it came, and stored without what is forged in it; nullopt: nothing
/// is.
std::optional<std::string> Conversation::inspect_header(std::string_view header) {
  const bool ends = header == "\r\n" || header.ends_with("\r\n\r\n");
  incoming_->inspection->header(ends ? header.substr(0, header.size() - 2) : header);
  auto kept = door_->services_.inspector->without_forged_results(header);
  incoming_->header_octets = kept ? kept->size() : header.size();
  return kept;
}

/// What follows the header in `octets`, which are on their way to the store.
void Conversation::inspect_body(std::string_view octets) {
  const auto header = std::min(incoming_->header_octets, octets.size());
  incoming_->header_octets -= header;
  incoming_->inspection->body(octets.substr(header));
}

/// The message is whole: what is known of it, and whether it is taken. Waits for DNS.
asio::awaitable<Conversation::Judgement> Conversation::judge() {
  const auto& services = door_->services_;
  Judgement judgement;
  judgement.refusal = refusal();
  if (judgement.refusal || !incoming_->inspection) co_return judgement;
  Findings findings = co_await services.inspector->conclude(incoming_->inspection.get());
  judgement.fields = fields_of(findings);
  judgement.refusal = refusal_for(findings);
  auto& assessment = judgement.assessment;
  assessment.arc_chain = findings.arc.result;
  // A seal over a chain whose keys DNS did not tell would say that it is broken, for ever (RFC 8617 s5.1.2).
  if (!findings.arc.temporary) assessment.results = std::move(findings.results);
  assessment.decisions = std::move(findings.decisions);
  if (judgement.refusal) incoming_->reception.refuse(judgement.refusal->text, std::move(assessment));
  if (findings.disposition != Disposition::kJunk) co_return judgement;
  assessment.folder = work::delivery::Folder::kJunk;
  services.log.info("smtp.junk", {{"session", visit_.session()},
                                  {"client", visit_.client()},
                                  {"id", to_string(incoming_->reception.id())},
                                  {"why", findings.reason}});
  co_return judgement;
}

}  // namespace veredus::doors::smtp
