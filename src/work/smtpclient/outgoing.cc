#include "work/smtpclient/outgoing.h"

namespace veredus::work::smtpclient {

std::string_view to_string(BodyError error) {
  switch (error) {
    case BodyError::kMissing:
      return "the message is not there";
    case BodyError::kUnavailable:
      return "the store does not answer";
  }
  return "unknown";
}

asio::awaitable<std::expected<std::string, BodyError>> MemoryBody::chunk(std::uint32_t index) {
  if (index != 0) co_return std::unexpected(BodyError::kMissing);
  co_return *octets_;
}

std::string_view to_string(RecipientOutcome::Kind kind) {
  switch (kind) {
    case RecipientOutcome::Kind::kDelivered:
      return "delivered";
    case RecipientOutcome::Kind::kRefused:
      return "refused";
    case RecipientOutcome::Kind::kDeferred:
      return "deferred";
    case RecipientOutcome::Kind::kNotTried:
      return "not tried";
  }
  return "unknown";
}

std::string_view to_string(Lack lack) {
  switch (lack) {
    case Lack::kSmtpUtf8:
      return "SMTPUTF8";
    case Lack::kRequireTls:
      return "REQUIRETLS";
    case Lack::kEightBit:
      return "8BITMIME";
    case Lack::kSize:
      return "SIZE";
    case Lack::kDeliverBy:
      return "DELIVERBY";
  }
  return "unknown";
}

}  // namespace veredus::work::smtpclient
