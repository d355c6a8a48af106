#pragma once

#include <memory>
#include <optional>
#include <string>

#include "doors/smtp/session.h"
#include "wire/sasl/exchange.h"
#include "wire/smtp/reply.h"

namespace veredus::doors::smtp {

/// What a session holds only while an AUTH command is going on.
struct Session::Authentication {
  std::unique_ptr<wire::sasl::Exchange> exchange;
  std::string user;                              // as far as it is known
  std::optional<state::directory::Login> login;  // the password was right
  bool scram_proved = false;                     // only whose keys they are is left to ask
  wire::smtp::Reply refusal;                     // to be said when the failure is noted
};

}  // namespace veredus::doors::smtp
