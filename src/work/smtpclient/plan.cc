#include "work/smtpclient/plan.h"

#include <algorithm>

#include "base/codec/idna.h"
#include "base/codec/utf8.h"

namespace veredus::work::smtpclient {
namespace {

using wire::smtp::Address;
using wire::smtp::Body;
using wire::smtp::make_reply;

/// RFC 6531 s3.2: a domain of U-labels has a form that every server takes; a local part has none. nullopt: none.
std::optional<Address> ascii_form(const Address& address) {
  if (!base::codec::is_ascii(address.local_part)) return std::nullopt;
  auto domain = base::codec::to_ascii(address.domain);
  if (!domain) return std::nullopt;
  return Address{address.local_part, *std::move(domain)};
}

bool any_needs_smtputf8(const Outgoing& message) {
  return (message.sender && needs_smtputf8(*message.sender)) ||
         std::ranges::any_of(message.recipients, [](const auto& r) { return needs_smtputf8(r.address); });
}

/// Addresses for a peer without SMTPUTF8. False: the sender has no form it takes, so no recipient can be asked for.
bool rewrite_addresses(Plan& plan, const Outgoing& message) {
  if (message.sender && needs_smtputf8(*message.sender)) {
    plan.sender = ascii_form(*message.sender);
    if (!plan.sender) return false;
  }
  plan.rewritten.resize(message.recipients.size());
  for (std::size_t i = 0; i < message.recipients.size(); ++i) {
    const auto& address = message.recipients[i].address;
    if (needs_smtputf8(address)) plan.rewritten[i] = ascii_form(address);
  }
  return true;
}

/// Why the message as a whole may not go to this peer.
std::optional<Refusal> refusal(const Outgoing& message, const Facts& facts, const PeerDetails& peer) {
  const auto& can = peer.capabilities;
  if (message.require_tls) {
    // RFC 8689 s4.2.1: a host whose name nobody has forged, TLS, a verified certificate, and a peer that keeps the
    // promise.
    if (!peer.name_proven)
      return Refusal{
          make_reply(550, 7, 10,
                     "The message requires TLS, and neither DNSSEC nor MTA-STS vouches for " + peer.host_name),
          Lack::kRequireTls};
    if (!peer.tls || !peer.tls->verified)
      return Refusal{make_reply(550, 7, 10, "The message requires TLS with a verified certificate"), Lack::kRequireTls};
    if (!can.require_tls)
      return Refusal{make_reply(550, 7, 30, "The message requires REQUIRETLS support"), Lack::kRequireTls};
  }
  // RFC 1870 s6.1
  if (can.size.value_or(0) != 0 && facts.octets > *can.size)
    return Refusal{make_reply(552, 3, 4, "The message is longer than " + peer.host_name + " takes"), Lack::kSize};
  if (message.smtputf8 && facts.utf8_header && !can.smtputf8)
    return Refusal{make_reply(554, 6, 9, peer.host_name + " does not take headers in UTF-8"), Lack::kSmtpUtf8};
  if (facts.body == Body::kBinaryMime && !(can.binary_mime && can.chunking)) return conversion_refusal();
  if (message.deliver_by && message.deliver_by->mode == wire::smtp::ByMode::kReturn) {
    // RFC 2852 s4: a message that must come back when it is late goes only to those who see to it.
    const bool in_time = can.deliver_by_min == 0 || message.deliver_by->seconds >= can.deliver_by_min;
    if (!can.deliver_by || !in_time)
      return Refusal{make_reply(550, 4, 7, "It cannot be promised that the message is delivered in time"),
                     Lack::kDeliverBy};
  }
  return std::nullopt;
}

wire::smtp::MailParameters parameters(const Outgoing& message, const Facts& facts, const PeerDetails& peer) {
  const auto& can = peer.capabilities;
  wire::smtp::MailParameters result;
  if (!peer.authenticated.empty() && message.submitter) {  // RFC 4954 s5
    const bool fits = can.smtputf8 || base::codec::is_ascii(*message.submitter);
    result.submitter = fits ? std::string_view(*message.submitter) : std::string_view();
  }
  if (can.size) result.size = facts.octets;  // RFC 1870 s6
  if (facts.body == Body::kBinaryMime)
    result.body = facts.body;
  else if (can.eight_bit_mime && facts.body == Body::k8BitMime)
    result.body = facts.body;
  if (can.dsn) {
    result.dsn_return = message.dsn_return;
    result.envelope_id = message.envelope_id;
  }
  result.require_tls = message.require_tls;
  if (can.mt_priority) result.mt_priority = message.mt_priority;
  if (can.deliver_by) result.deliver_by = message.deliver_by;
  result.smtputf8 = can.smtputf8 && (message.smtputf8 || any_needs_smtputf8(message));
  return result;
}

}  // namespace

wire::smtp::Reply address_refusal() {
  return make_reply(550, 6, 7, "The mail host does not take addresses that are not ASCII");
}

Refusal conversion_refusal() {
  return {make_reply(554, 6, 3, "The mail host does not take 8-bit or binary content, and it cannot be converted"),
          Lack::kEightBit};
}

Question question(const Outgoing& message, const PeerDetails& peer) {
  const auto& can = peer.capabilities;
  if (message.body_kind == Body::kBinaryMime && !(can.binary_mime && can.chunking)) return Question::kWhole;
  // What senders declare is not always so.
  if (!can.eight_bit_mime) return Question::kWhole;
  return message.smtputf8 && !can.smtputf8 ? Question::kHeader : Question::kNone;
}

std::expected<Plan, Refusal> make_plan(const Outgoing& message, const Facts& facts, const PeerDetails& peer,
                                       const Options& options) {
  if (auto no = refusal(message, facts, peer)) return std::unexpected(*std::move(no));
  const auto& can = peer.capabilities;
  Plan plan;
  plan.pipelined = can.pipelining;
  plan.dsn = can.dsn;
  plan.parameters = parameters(message, facts, peer);
  const auto limit = can.limit_recipients;  // RFC 9422 s4.2
  plan.max_recipients = limit == 0 ? options.max_recipients : std::min<std::size_t>(limit, options.max_recipients);
  if (!can.smtputf8 && any_needs_smtputf8(message) && !rewrite_addresses(plan, message))
    return std::unexpected(Refusal{address_refusal(), Lack::kSmtpUtf8});

  const bool binary = facts.body == Body::kBinaryMime;
  const bool short_enough = facts.octets <= options.one_write_octets && message.body->chunks() <= 1;
  if (can.chunking && can.pipelining && short_enough && (binary || !facts.bare_line_ends))
    plan.transfer = Transfer::kOneWrite;
  else if (binary)
    plan.transfer = Transfer::kChunk;
  return plan;
}

}  // namespace veredus::work::smtpclient
