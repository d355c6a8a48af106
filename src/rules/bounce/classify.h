#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "rules/bounce/category.h"
#include "wire/smtp/reply.h"

namespace veredus::rules::bounce {

/// What a category was told from.
enum class Basis : std::uint8_t { kWords, kStatus, kStep, kCode, kNothing };

/// What a refusal means.
struct Classification {
  Category category = Category::kUndefined;
  Basis basis = Basis::kNothing;
  bool hard = false;          // another try at this address can never succeed
  std::string_view provider;  // "gmail", "outlook", "yahoo"…: who runs the refusing host; empty: not known. Static.
};

/// What is known of a refusal beside its text.
struct Circumstances {
  std::string_view remote_mta;        // the host that said it
  std::string_view recipient;         // local@domain
  std::string_view command;           // "CONN", "EHLO", "MAIL", "RCPT", "DATA"; empty: not known
  bool hearsay = false;               // a report quotes it, which may leave out what it answered
  wire::smtp::EnhancedStatus status;  // given beside the text; what the text says itself counts first
};

/// Classifies the reply of a server, by its words first, then by its enhanced status, then by its code. A positive
/// reply is kDelivered.
[[nodiscard]] Classification classify_reply(const wire::smtp::Reply& reply, const Circumstances& around = {});

/// The same from text as logs and reports hold it: "550 5.1.1 <a@b>: no such user", with or without codes.
[[nodiscard]] Classification classify_text(std::string_view text, const Circumstances& around = {});

}  // namespace veredus::rules::bounce
