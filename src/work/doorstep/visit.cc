#include "work/doorstep/visit.h"

#include <utility>

#include "base/codec/base32.h"
#include "base/crypto/random.h"
#include "base/observe/log.h"
#include "base/types/bytes.h"
#include "state/directory/auth_throttle.h"

namespace veredus::work::doorstep {

namespace {

std::string new_session_id() {
  std::string octets;
  put_be(octets, base::crypto::random_u64());
  return base::codec::base32_encode(octets);
}

std::string client_text(const io::net::Endpoint& peer) {
  return peer.kind == io::net::Endpoint::Kind::kIp ? peer.address.to_string() : "unix";
}

}  // namespace

std::string_view to_string(TurnedAway why) {
  switch (why) {
    case TurnedAway::kUnheard:
      return "too many being refused";
    case TurnedAway::kStopping:
      return "stopping";
    case TurnedAway::kTooMany:
      return "too many sessions";
    case TurnedAway::kBanned:
      return "banned";
  }
  return "unknown";
}

Visit::Visit(Place place, const io::net::Endpoint& peer)
    : place_(place), session_(new_session_id()), client_(client_text(peer)) {
  place_.figures.begun.add();
  place_.figures.open.add(1);
  place_.log.debug(event("connected"), {{"session", session_}, {"listener", place_.listener}, {"client", client_}});
}

Visit::~Visit() { place_.figures.open.add(-1); }

std::string Visit::event(std::string_view name) const { return std::string(place_.protocol).append(".").append(name); }

std::optional<TurnedAway> Visit::turned_away(const io::net::Connection& connection,
                                             state::directory::AuthThrottle* throttle) const {
  if (connection.admission.verdict() == io::net::AdmissionVerdict::kDropped) return TurnedAway::kUnheard;
  if (connection.stream.draining()) return TurnedAway::kStopping;
  if (!connection.admission.admitted()) return TurnedAway::kTooMany;
  if (throttle != nullptr && throttle->banned(connection.stream.peer())) return TurnedAway::kBanned;
  return std::nullopt;
}

void Visit::note_refusal(std::string_view why) const {
  place_.figures.refused.add();
  place_.log.info(event("refused"), {{"session", session_}, {"client", client_}, {"why", why}});
}

asio::awaitable<std::optional<io::net::TlsDetails>> Visit::start_tls(io::net::LineStream* stream,
                                                                     std::shared_ptr<io::net::TlsContext> context,
                                                                     std::chrono::milliseconds deadline) {
  const auto started = co_await stream->start_tls(std::move(context), deadline);
  if (!started) {
    place_.figures.tls_failed.add();
    place_.log.info(event("tls_failed"),
                    {{"session", session_}, {"client", client_}, {"why", to_string(started.error())}});
    co_return std::nullopt;
  }
  place_.figures.tls_done.add();
  io::net::TlsDetails nothing;
  if (started->discarded_octets != 0)  // RFC 3207 s6, RFC 2595 s4
    place_.log.warning(event("tls_injection"),
                       {{"session", session_}, {"client", client_}, {"octets", started->discarded_octets}});
  co_return stream->tls().value_or(nothing);
}

void Visit::note_internal_error(std::string_view what) const {
  place_.log.error(event("internal_error"),
                   {{"session", session_}, {"listener", place_.listener}, {"client", client_}, {"what", what}});
}

}  // namespace veredus::work::doorstep
