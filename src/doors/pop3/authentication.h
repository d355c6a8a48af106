#pragma once

#include <memory>
#include <optional>
#include <string>

#include "doors/pop3/session.h"
#include "wire/sasl/exchange.h"

namespace veredus::doors::pop3 {

/// What a session holds only while a login is going on.
struct Session::Authentication {
  std::unique_ptr<wire::sasl::Exchange> exchange;  // nullptr: PASS
  std::string user;                                // as far as it is known
  std::optional<state::directory::Login> login;    // the password was right
  bool scram_proved = false;                       // only whose keys they are is left to ask
  std::string_view refusal;                        // to be said when the failure is noted
};

}  // namespace veredus::doors::pop3
