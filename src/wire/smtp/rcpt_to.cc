#include "wire/smtp/rcpt_to.h"

#include <algorithm>

#include "base/codec/ascii.h"
#include "base/types/result.h"
#include "wire/smtp/parameters.h"
#include "wire/smtp/xtext.h"

namespace veredus::wire::smtp {
namespace {

using base::codec::iequals_ascii;
using Applied = std::expected<void, CommandError>;

constexpr std::size_t kMaxOriginalRecipientOctets = 500;  // RFC 3461 s4.2, before decoding

/// notify-esmtp-value = "NEVER" / 1#( "SUCCESS" / "FAILURE" / "DELAY" ) (RFC 3461 s4.1)
Applied apply_notify(RcptTo& rcpt, std::string_view value) {
  if (rcpt.notify) return std::unexpected(CommandError::kRepeatedParameter);
  Notify notify;
  if (iequals_ascii(value, "NEVER")) {
    rcpt.notify = Notify{.never = true};
    return {};
  }
  while (true) {
    const auto word = value.substr(0, value.find(','));
    if (iequals_ascii(word, "SUCCESS")) {
      notify.success = true;
    } else if (iequals_ascii(word, "FAILURE")) {
      notify.failure = true;
    } else if (iequals_ascii(word, "DELAY")) {
      notify.delay = true;
    } else {
      return std::unexpected(CommandError::kNotifyValue);
    }
    if (word.size() == value.size()) break;
    value.remove_prefix(word.size() + 1);
  }
  rcpt.notify = notify;
  return {};
}

/// original-recipient-address = addr-type ";" xtext (RFC 3461 s4.2); for the type utf-8, RFC 6533 s3
Applied apply_original(RcptTo& rcpt, std::string_view value) {
  if (rcpt.original) return std::unexpected(CommandError::kRepeatedParameter);
  const auto semicolon = value.find(';');
  if (semicolon == std::string_view::npos || value.size() > kMaxOriginalRecipientOctets)
    return std::unexpected(CommandError::kOriginalRecipientValue);
  const auto type = value.substr(0, semicolon);
  const auto text = value.substr(semicolon + 1);
  const auto is_atom = [](char c) { return base::codec::is_alpha(c) || base::codec::is_digit(c) || c == '-'; };
  auto decoded = xtext_decode(text);
  if (iequals_ascii(type, "utf-8") && (!decoded || text.contains('\\'))) decoded = utf8_addr_decode(text);
  if (type.empty() || !std::ranges::all_of(type, is_atom) || !decoded || decoded->empty())
    return std::unexpected(CommandError::kOriginalRecipientValue);
  rcpt.original = OriginalRecipient{base::codec::to_lower_ascii(type), *std::move(decoded)};
  return {};
}

Applied apply(RcptTo& rcpt, const Parameter& parameter) {
  if (iequals_ascii(parameter.keyword, "NOTIFY")) return apply_notify(rcpt, parameter.value.value_or(""));
  if (iequals_ascii(parameter.keyword, "ORCPT")) return apply_original(rcpt, parameter.value.value_or(""));
  return std::unexpected(CommandError::kUnknownParameter);
}

}  // namespace

std::expected<RcptTo, CommandError> parse_rcpt_to(std::string_view args) {
  constexpr std::string_view kTo = "TO:";
  if (!base::codec::istarts_with_ascii(args, kTo)) return std::unexpected(CommandError::kMissingTo);
  args = base::codec::trim_ascii(args.substr(kTo.size()), " ");
  auto path = parse_path(args, PathUse::kForward);
  if (!path) return std::unexpected(path_error(path.error()));

  RcptTo rcpt;
  rcpt.recipient = *std::move(path->address);
  auto rest = path->rest;
  while (true) {
    VEREDUS_TRY(const auto parameter, take_parameter(rest));
    if (!parameter) return rcpt;
    rcpt.extended = true;
    VEREDUS_TRY(apply(rcpt, *parameter));
  }
}

}  // namespace veredus::wire::smtp
