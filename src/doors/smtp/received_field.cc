#include "doors/smtp/received_field.h"

#include <algorithm>

#include "base/codec/date.h"

namespace veredus::doors::smtp {
namespace {

/// A word that stands outside comments: nothing in it may open a comment, end the clause or break the line.
void append_word(std::string& out, std::string_view word) {
  for (const char c : word) {
    const auto octet = static_cast<unsigned char>(c);
    out.push_back(octet <= 32 || octet == 127 || std::string_view("()<>;\\\"").contains(c) ? '?' : c);
  }
}

}  // namespace

std::string received_field(const ReceivedFacts& facts) {
  std::string out;
  out.reserve(320);
  out += "Received: from ";
  append_word(out, facts.helo.empty() ? "unknown" : facts.helo);
  if (facts.client.empty()) {
    out += " (local socket)";
  } else {
    out.append(" ([").append(facts.client).append("])");  // RFC 5321 s4.4 TCP-info
  }
  out.append("\r\n\tby ").append(facts.hostname).append(" with ").append(facts.protocol);
  if (!facts.login.empty()) {
    out += "\r\n\t(authenticated as ";
    append_word(out, facts.login);
    out += ")";
  }
  out.append("\r\n\tid ").append(facts.id);
  if (!facts.recipient.empty() && facts.recipient.size() < 200) {
    // A quoted local part cannot be told from a broken one by every reader of Received; it is left out.
    const bool plain = std::ranges::none_of(facts.recipient, [](char c) {
      return static_cast<unsigned char>(c) <= 32 || c == 127 || std::string_view("()<>;\\\"").contains(c);
    });
    if (plain) out.append("\r\n\tfor <").append(facts.recipient).append(">");
  }
  if (!facts.tls_cipher.empty()) {  // RFC 8314 s4.3
    out += "\r\n\ttls ";
    append_word(out, facts.tls_cipher);
  }
  if (facts.priority != 0) out.append("\r\n\tpriority ").append(std::to_string(facts.priority));  // RFC 6710
  out.append(";\r\n\t").append(base::codec::format_rfc5322_date(facts.now)).append("\r\n");
  return out;
}

}  // namespace veredus::doors::smtp
