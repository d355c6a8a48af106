#include <array>
#include <optional>

#include "base/codec/ascii.h"
#include "wire/mime/address.h"
#include "wire/mime/header_block.h"
#include "wire/mime/imap_string.h"
#include "wire/mime/summary.h"

namespace veredus::wire::mime {
namespace {

constexpr std::size_t kUsualOctets = 400;

enum EnvelopeField : std::size_t { kDate, kSubject, kFrom, kSender, kReplyTo, kTo, kCc, kBcc, kInReplyTo, kMessageId };

constexpr std::array<std::string_view, 10> kEnvelopeFields = {"date", "subject", "from", "sender",      "reply-to",
                                                              "to",   "cc",      "bcc",  "in-reply-to", "message-id"};

using Values = std::array<std::optional<std::string_view>, kEnvelopeFields.size()>;

/// The last field of each name counts, as everywhere here (RFC 8621 s4.1.3).
Values envelope_values(std::string_view header) {
  Values values;
  FieldReader reader(header);
  while (const auto field = reader.next())
    for (std::size_t i = 0; i < kEnvelopeFields.size(); ++i)
      if (field->name.size() == kEnvelopeFields[i].size() &&
          base::codec::iequals_ascii(field->name, kEnvelopeFields[i]))
        values[i] = field->value;
  return values;
}

void append_text(std::string& out, const std::optional<std::string_view>& value) {
  if (!value) {
    out.append("NIL");
    return;
  }
  const auto trimmed = base::codec::trim_ascii(*value);
  if (trimmed.find_first_of("\r\n") == std::string_view::npos) {
    append_imap_string(out, trimmed);
  } else {
    append_imap_string(out, unfold(trimmed));
  }
}

void append_or_nil(std::string& out, std::string_view value) {
  append_imap_nstring(out, value.empty() ? std::nullopt : std::optional(value));
}

/// address = "(" addr-name SP addr-adl SP addr-mailbox SP addr-host ")". A NIL host marks a group's begin, and a NIL
/// mailbox with it its end; so an address that lacks one of them gets a word in its place, the one other servers use.
void append_address(std::string& out, const Address& address) {
  out.push_back('(');
  switch (address.kind) {
    case AddressKind::kGroupStart:
      out.append("NIL NIL ");
      append_imap_string(out, address.name);
      out.append(" NIL");
      break;
    case AddressKind::kGroupEnd:
      out.append("NIL NIL NIL NIL");
      break;
    case AddressKind::kMailbox:
      append_or_nil(out, address.name.empty() ? address.comment : address.name);
      out.push_back(' ');
      append_or_nil(out, address.route);
      out.push_back(' ');
      append_imap_string(out, address.local_part.empty() ? "MISSING_MAILBOX" : std::string_view(address.local_part));
      out.push_back(' ');
      append_imap_string(out, address.domain.empty() ? "MISSING_DOMAIN" : std::string_view(address.domain));
      break;
  }
  out.push_back(')');
}

/// Whether anything was appended but NIL.
bool append_addresses(std::string& out, const std::optional<std::string_view>& value) {
  const auto addresses = value ? parse_address_list(*value) : std::vector<Address>();
  if (addresses.empty()) {
    out.append("NIL");
    return false;
  }
  out.push_back('(');
  for (const Address& address : addresses) append_address(out, address);
  out.push_back(')');
  return true;
}

}  // namespace

std::string envelope(std::string_view header) {
  const Values values = envelope_values(header);
  std::string out = "(";
  out.reserve(kUsualOctets);
  append_text(out, values[kDate]);
  out.push_back(' ');
  append_text(out, values[kSubject]);
  out.push_back(' ');
  std::string from;
  append_addresses(from, values[kFrom]);
  out.append(from);
  for (const EnvelopeField field : {kSender, kReplyTo}) {  // RFC 9051 s7.5.2: absent or empty means the same as From
    out.push_back(' ');
    std::string list;
    out.append(append_addresses(list, values[field]) ? list : from);
  }
  for (const EnvelopeField field : {kTo, kCc, kBcc}) {
    out.push_back(' ');
    append_addresses(out, values[field]);
  }
  out.push_back(' ');
  append_text(out, values[kInReplyTo]);
  out.push_back(' ');
  append_text(out, values[kMessageId]);
  out.push_back(')');
  return out;
}

}  // namespace veredus::wire::mime
