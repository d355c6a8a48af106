#pragma once

#include <cstdint>
#include <expected>
#include <string>
#include <string_view>
#include <vector>

#include "base/types/clock.h"
#include "wire/smtp/address.h"

namespace veredus::doors::smtp {

/// What is known of the submission whose header is completed.
struct SubmissionFacts {
  SystemTime now;
  std::string message_id;  // without brackets, to be used when there is none
  std::string from;        // an address, to be used when there is no From
};

enum class HeaderError : std::uint8_t {
  kFromSyntax,    // From names nobody
  kSeveralFroms,  // RFC 5322 s3.6: From stands once
  kTooManyFroms,  // over kMaxFromAddresses in one From
};
[[nodiscard]] std::string_view to_string(HeaderError error);
inline constexpr std::size_t kMaxFromAddresses = 100;

struct SubmissionHeader {
  std::string octets;  // with its empty line
  std::vector<wire::smtp::Address> from;
};

/// Completes the header of a message at its submission (RFC 6409 s8): adds what is missing of Date, Message-ID and
/// From; takes Bcc (RFC 5322 s3.6.3) and Return-Path (RFC 5321 s4.4) away. All else stays octet for octet. `header` is
/// all lines up to the empty one, with it if it is there. A line that cannot belong to a header ends it: an empty line
/// is put before it, and the rest belongs to the body. Pure.
std::expected<SubmissionHeader, HeaderError> complete_header(std::string_view header, const SubmissionFacts& facts);

}  // namespace veredus::doors::smtp
