#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace veredus::wire::mime {

/// The message ids of an In-Reply-To field, without their angle brackets, white space and quotes they do not need. What
/// stands outside of brackets are words about the message, and addresses (RFC 5322 s4.5.4). At most `max_ids`: the
/// first one and the last ones. Source: RFC 5322 s3.6.4.
std::vector<std::string> parse_bracketed_ids(std::string_view value, std::size_t max_ids = 100);

/// Those of a Message-ID or References field. Lenient: words that look like an id count when nothing stands in
/// brackets.
std::vector<std::string> parse_message_ids(std::string_view value, std::size_t max_ids = 100);

/// The subject that replies to a message share: without "Re:", "Fwd:", "[list]" and the like.
/// Source: RFC 5256 s2.1. `subject_utf8` is decoded.
std::string base_subject(std::string_view subject_utf8);

}  // namespace veredus::wire::mime
