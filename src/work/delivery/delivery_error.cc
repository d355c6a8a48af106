#include "work/delivery/delivery_error.h"

#include <utility>

namespace veredus::work::delivery {

using wire::smtp::make_reply;
using wire::smtp::Reply;

std::string_view to_string(Refusal refusal) {
  switch (refusal) {
    case Refusal::kUnknownMailbox:
      return "unknown mailbox";
    case Refusal::kRelayingDenied:
      return "relaying denied";
    case Refusal::kAddressLiteral:
      return "address literal";
    case Refusal::kBadDomain:
      return "not a domain";
    case Refusal::kForgedReturnPath:
      return "forged return path";
    case Refusal::kExpiredReturnPath:
      return "expired return path";
    case Refusal::kBouncesOnly:
      return "return path takes reports only";
    case Refusal::kPostingDenied:
      return "posting denied";
    case Refusal::kOverQuota:
      return "over quota";
    case Refusal::kLargerThanQuota:
      return "larger than the quota";
    case Refusal::kLoop:
      return "alias loop";
    case Refusal::kTooManyTargets:
      return "too many targets";
    case Refusal::kDisabled:
      return "mailbox disabled";
    case Refusal::kUnavailable:
      return "unavailable";
  }
  return "unknown refusal";
}

Permanence permanence(Refusal refusal) {
  return refusal == Refusal::kOverQuota || refusal == Refusal::kUnavailable ? Permanence::kTemporary
                                                                            : Permanence::kPermanent;
}

Reply reply_for(Refusal refusal, const wire::smtp::Address& recipient) {
  const std::string who = '<' + wire::smtp::to_string(recipient) + "> ";
  switch (refusal) {
    case Refusal::kUnknownMailbox:
      return make_reply(550, 1, 1, who + "no such mailbox here");
    case Refusal::kRelayingDenied:
      return make_reply(550, 7, 1, who + "relaying denied");
    case Refusal::kAddressLiteral:
      return make_reply(550, 1, 2, who + "no mail is sent to address literals");
    case Refusal::kBadDomain:
      return make_reply(550, 1, 2, who + "not a domain name");
    case Refusal::kForgedReturnPath:
      return make_reply(550, 1, 1, who + "no such return path");
    case Refusal::kExpiredReturnPath:
      return make_reply(550, 1, 1, who + "this return path has expired");
    case Refusal::kBouncesOnly:
      return make_reply(550, 7, 1, who + "this return path takes reports only");
    case Refusal::kPostingDenied:
      return make_reply(550, 7, 2, who + "you may not post to this list");  // RFC 3463 s3.8
    case Refusal::kOverQuota:
      return make_reply(452, 2, 2, who + "mailbox is full");
    case Refusal::kLargerThanQuota:
      return make_reply(552, 2, 3, who + "message is larger than the mailbox may be");
    case Refusal::kLoop:
      return make_reply(550, 4, 6, who + "alias leads back to itself");
    case Refusal::kTooManyTargets:
      return make_reply(550, 3, 4, who + "alias leads to too many mailboxes");
    case Refusal::kDisabled:
      return make_reply(550, 2, 1, who + "mailbox is disabled");
    case Refusal::kUnavailable:
      return make_reply(451, 3, 0, who + "cannot be checked now, try again later");
  }
  return make_reply(451, 3, 0, who + "local error");
}

std::string_view to_string(DeliveryError error) {
  switch (error) {
    case DeliveryError::kStoreFull:
      return "the store takes no writes";
    case DeliveryError::kUnavailable:
      return "the store failed";
    case DeliveryError::kOutcomeUnsure:
      return "outcome unsure";
    case DeliveryError::kOverQuota:
      return "over quota";
    case DeliveryError::kTooBig:
      return "message too big";
    case DeliveryError::kLoop:
      return "too many hops";
    case DeliveryError::kBusy:
      return "busy";
    case DeliveryError::kNoSuchAccount:
      return "account removed";
    case DeliveryError::kStopping:
      return "stopping";
  }
  return "unknown delivery error";
}

Permanence permanence(DeliveryError error) {
  return error == DeliveryError::kTooBig || error == DeliveryError::kLoop || error == DeliveryError::kNoSuchAccount
             ? Permanence::kPermanent
             : Permanence::kTemporary;
}

Reply reply_for(DeliveryError error) {
  switch (error) {
    case DeliveryError::kStoreFull:
      return make_reply(452, 3, 1, "insufficient system storage, try again later");
    case DeliveryError::kUnavailable:
      return make_reply(451, 3, 0, "message could not be stored, try again later");
    case DeliveryError::kOutcomeUnsure:
      return make_reply(451, 3, 0, "storage did not answer, try again later");
    case DeliveryError::kOverQuota:
      return make_reply(452, 2, 2, "mailbox is full");
    case DeliveryError::kTooBig:
      return make_reply(552, 3, 4, "message is too big");  // RFC 1870 s6.1
    case DeliveryError::kLoop:
      return make_reply(554, 4, 6, "too many hops");  // RFC 5321 s6.3
    case DeliveryError::kBusy:
      return make_reply(451, 3, 2, "too much mail at once, try again later");
    case DeliveryError::kNoSuchAccount:
      return make_reply(550, 1, 1, "no such mailbox here");
    case DeliveryError::kStopping:
      return make_reply(421, 3, 2, "server is shutting down");
  }
  return make_reply(451, 3, 0, "local error");
}

}  // namespace veredus::work::delivery
