#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "doors/admin/json.h"
#include "state/directory/requests.h"

namespace veredus::doors::admin {

/// "smtp.example.org", "smtp.example.org:587", "192.0.2.1:25", "[2001:db8::1]:25". nullopt: none of these.
[[nodiscard]] std::optional<state::directory::HostPort> parse_host(std::string_view text, std::uint16_t default_port);
[[nodiscard]] std::string to_text(const state::directory::HostPort& host);

/// The fields of a relay: hosts, tls, implicit_tls, protocol, user, and password or token. What is absent stays as in
/// `relay`.
void take_relay(Fields& fields, state::directory::NewRelay& relay, std::uint16_t default_port);

/// Adds them to an answer; never the secret.
void put_relay(boost::json::object& object, const state::directory::Relay& relay);

}  // namespace veredus::doors::admin
