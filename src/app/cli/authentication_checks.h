#pragma once

#include <boost/json/object.hpp>
#include <expected>
#include <functional>
#include <string>

#include "app/cli/authentication_input.h"
#include "rules/inquiry/inquiry.h"

namespace veredus::app::cli {

/// Who answers for DNS.
using Asker = std::function<rules::inquiry::Reply(const rules::inquiry::Question&)>;

/// What came out: a JSON object whose "result" is the RFC's word; or what is wrong with the input, in words.
using CheckOutcome = std::expected<boost::json::object, std::string>;

CheckOutcome check_spf(const AuthenticationInput& input, const Asker& ask);
CheckOutcome check_dkim(const AuthenticationInput& input, const Asker& ask);
CheckOutcome check_arc(const AuthenticationInput& input, const Asker& ask);
/// With the SPF and DKIM results that it rests on: of the message and the client, or as given.
CheckOutcome check_dmarc(const AuthenticationInput& input, const Asker& ask);

/// "field": a DKIM-Signature for the message.
CheckOutcome sign_dkim(const AuthenticationInput& input, const Asker& ask);
/// "fields": a new ARC set; "result": what was found of the chain before it.
CheckOutcome seal_arc(const AuthenticationInput& input, const Asker& ask);

/// For people: the RFC's word first.
std::string outcome_text(const boost::json::object& outcome);

}  // namespace veredus::app::cli
