#pragma once

#include <cstdint>
#include <expected>

#include "io/net/asio.h"
#include "work/delivery/assessment.h"
#include "work/delivery/envelope.h"

namespace veredus::state::spool {
struct SpooledMessage;
}
namespace veredus::work::mailauth {
class Signer;
class SigningJob;
enum class SigningError : std::uint8_t;
}  // namespace veredus::work::mailauth

namespace veredus::work::delivery {

/// Whether anything could come of a SigningJob for this message. `signer` may be null: no.
[[nodiscard]] bool may_be_signed(const mailauth::Signer* signer, const Envelope& envelope,
                                 const state::spool::SpooledMessage& message);

/// Puts signatures into `message`, which has its trace: From's domain signs what our people and this program itself
/// send elsewhere; a list's domain what it sends on to members elsewhere, its fields included; and who leads on what
/// strangers sent seals it (ARC), so that those behind know what was found here. The body was hashed once for all of
/// it. All is owned by the caller, who waits. Without its signatures it does not leave: an error means "not now".
asio::awaitable<std::expected<void, mailauth::SigningError>> sign_ways(mailauth::SigningJob* job,
                                                                       const mailauth::Signer* signer,
                                                                       const Envelope* envelope,
                                                                       state::spool::SpooledMessage* message,
                                                                       Assessment assessment);

}  // namespace veredus::work::delivery
