#include "wire/smtp/client_command.h"

#include <array>
#include <charconv>

#include "base/codec/ascii.h"
#include "base/codec/utf8.h"
#include "wire/smtp/xtext.h"

namespace veredus::wire::smtp {
namespace {

void append_number(std::string& out, std::uint64_t value) {
  std::array<char, 20> digits{};
  const auto end = std::to_chars(digits.data(), digits.data() + digits.size(), value).ptr;
  out.append(digits.data(), end);
}

/// to_string(address) without a string of its own where the local part needs no quotes.
void append_address(std::string& out, const Address& address) {
  const auto is_plain = [](char c) {
    return base::codec::is_alpha(c) || base::codec::is_digit(c) || c == '-' || c == '_' || c == '+' || c == '=';
  };
  bool plain = !address.local_part.empty();
  for (const char c : address.local_part) plain = plain && is_plain(c);
  if (!plain) {
    out.append(to_string(address));
    return;
  }
  out.append(address.local_part);
  if (!address.domain.empty()) out.append("@").append(address.domain);
}

}  // namespace

std::string to_string(const Notify& notify) {
  if (notify.never) return "NEVER";
  std::string out;
  const auto add = [&out](bool set, std::string_view word) {
    if (!set) return;
    if (!out.empty()) out.push_back(',');
    out.append(word);
  };
  add(notify.success, "SUCCESS");
  add(notify.failure, "FAILURE");
  add(notify.delay, "DELAY");
  return out;
}

void append_mail_from(std::string& out, const Address* sender, const MailParameters& parameters) {
  out.append("MAIL FROM:<");
  if (sender != nullptr) append_address(out, *sender);
  out.push_back('>');
  if (parameters.size) {
    out.append(" SIZE=");
    append_number(out, *parameters.size);
  }
  if (parameters.body) out.append(" BODY=").append(to_string(*parameters.body));
  if (parameters.smtputf8) out.append(" SMTPUTF8");
  if (parameters.dsn_return) out.append(*parameters.dsn_return == DsnReturn::kFull ? " RET=FULL" : " RET=HDRS");
  if (!parameters.envelope_id.empty()) out.append(" ENVID=").append(xtext_encode(parameters.envelope_id));
  if (parameters.require_tls) out.append(" REQUIRETLS");
  if (parameters.submitter)
    out.append(" AUTH=").append(parameters.submitter->empty() ? "<>" : xtext_encode(*parameters.submitter));
  if (parameters.mt_priority) out.append(" MT-PRIORITY=").append(std::to_string(*parameters.mt_priority));
  if (parameters.deliver_by) out.append(" BY=").append(to_string(*parameters.deliver_by));
  out.append("\r\n");
}

void append_rcpt_to(std::string& out, const Address& recipient, const Notify* notify,
                    const OriginalRecipient* original) {
  out.append("RCPT TO:<");
  append_address(out, recipient);
  out.push_back('>');
  if (notify != nullptr) {
    if (const auto words = to_string(*notify); !words.empty()) out.append(" NOTIFY=").append(words);
  }
  if (original != nullptr && !original->address.empty()) {
    // RFC 6533 s3 has type utf-8 for an address that is not ASCII.
    const bool ascii = base::codec::is_ascii(original->address);
    const bool as_utf8 = !ascii || base::codec::iequals_ascii(original->type, "utf-8");
    out.append(" ORCPT=").append(as_utf8 ? "utf-8" : original->type).append(";");
    out.append(as_utf8 ? utf8_addr_encode(original->address) : xtext_encode(original->address));
  }
  out.append("\r\n");
}

}  // namespace veredus::wire::smtp
