#include "work/delivery/store_errors.h"

namespace veredus::work::delivery {

using io::engine::StoreError;
using state::mailbox::MailboxError;

DeliveryError delivery_error(StoreError error, const io::engine::Engine& engine) {
  if (error == StoreError::kUnknownOutcome) return DeliveryError::kOutcomeUnsure;
  return engine.health().writable ? DeliveryError::kUnavailable : DeliveryError::kStoreFull;
}

DeliveryError delivery_error(MailboxError error, const io::engine::Engine& engine) {
  switch (error) {
    case MailboxError::kOverQuota:
      return DeliveryError::kOverQuota;
    case MailboxError::kUnknownOutcome:
      return DeliveryError::kOutcomeUnsure;
    case MailboxError::kTooBig:
      return DeliveryError::kTooBig;
    default:
      return engine.health().writable ? DeliveryError::kUnavailable : DeliveryError::kStoreFull;
  }
}

}  // namespace veredus::work::delivery
