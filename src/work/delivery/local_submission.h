#pragma once

#include <expected>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "io/net/asio.h"
#include "work/delivery/delivery_error.h"
#include "work/delivery/reception.h"
#include "work/delivery/router.h"

namespace veredus::work::delivery {

/// A message this program sends itself.
struct LocalMessage {
  std::optional<wire::smtp::Address> sender;  // nullopt: the null reverse-path, as notifications have
  std::vector<wire::smtp::Address> recipients;
  std::string octets;  // the whole message, lines ended by CRLF
  std::string origin;  // for the journal: which part of the program, such as "demo"
};

/// What became of it: the refusals of those the Router did not take, and the rest's acceptance (nullopt: none was
/// taken).
struct LocalOutcome {
  struct Refused {
    wire::smtp::Address recipient;
    Refusal refusal;
  };
  std::vector<Refused> refused;
  std::optional<Accepted> accepted;
};

/// Routes, receives and commits a message of our own, as a door would. `router` and `receptions` must outlive the call.
asio::awaitable<std::expected<LocalOutcome, DeliveryError>> submit_locally(Router* router, Receptions* receptions,
                                                                           LocalMessage message);

}  // namespace veredus::work::delivery
