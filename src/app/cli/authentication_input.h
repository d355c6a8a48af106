#pragma once

#include <boost/json/object.hpp>
#include <cstdint>
#include <expected>
#include <optional>
#include <string>
#include <vector>

#include "base/types/clock.h"

namespace veredus::app::cli {

/// What a check of a sender, a signature or a policy is about: from options and standard input, or one line of --batch.
struct AuthenticationInput {
  std::string ip, helo, from;  // who connected, what it said, MAIL FROM ("" or "<>": the null sender)
  std::string message;         // CRLF line ends; one without any CRLF is given them
  std::string author;          // instead of a message: the domain or address in From
  std::vector<std::string> dkim_domains, spf_domains;  // what passed, instead of a message and a client
  bool domains_given = false;
  // signing and sealing
  std::string domain, selector, identity, key;  // the key as PEM, or base64 for Ed25519
  std::string server;                           // authserv-id
  std::string results;                          // for ARC-Authentication-Results; empty: those in the message
  std::vector<std::string> fields;              // to sign; empty: the usual ones
  std::string canonical = "relaxed/relaxed";
  std::optional<SystemTime> now;
};

/// Reads one line of --batch. The names are those of the options; `message` may come as `message_base64` or `file`.
/// The error says what is wrong.
std::expected<AuthenticationInput, std::string> read_input_line(const boost::json::object& line);

/// With CRLF line ends, unless it has such already.
std::string with_crlf(std::string message);

}  // namespace veredus::app::cli
