#include "wire/mime/surrogate.h"

#include <algorithm>
#include <array>
#include <optional>

#include "base/codec/ascii.h"
#include "base/codec/idna.h"
#include "base/codec/utf8.h"
#include "wire/mime/address.h"
#include "wire/mime/encoded_word.h"
#include "wire/mime/header_block.h"
#include "wire/mime/parameters.h"

namespace veredus::wire::mime {
namespace {

using base::codec::iequals_ascii;
using base::codec::is_ascii;

constexpr std::size_t kMaxColumn = 76;
// RFC 6858 s2.1: one that cannot be anybody's.
constexpr std::string_view kNowhere = "<invalid@internationalized-address.invalid>";
constexpr std::string_view kHexDigits = "0123456789ABCDEF";

constexpr std::array<std::string_view, 15> kAddressFields = {"Bcc",
                                                             "Cc",
                                                             "From",
                                                             "Reply-To",
                                                             "Resent-Bcc",
                                                             "Resent-Cc",
                                                             "Resent-From",
                                                             "Resent-Reply-To",
                                                             "Resent-To",
                                                             "Resent-Sender",
                                                             "Return-Path",
                                                             "Sender",
                                                             "Mail-Followup-To",
                                                             "To",
                                                             "Disposition-Notification-To"};
/// Fields of free text; those that begin with "X-" are too (RFC 2047 s5).
constexpr std::array<std::string_view, 6> kTextFields = {"Subject",      "Comments", "Content-Description",
                                                         "Thread-Topic", "Keywords", "Organization"};
constexpr std::array<std::string_view, 2> kParameterFields = {"Content-Type", "Content-Disposition"};

template <std::size_t N>
bool is_among(const std::array<std::string_view, N>& names, std::string_view name) {
  return std::ranges::any_of(names, [name](std::string_view known) { return iequals_ascii(known, name); });
}

/// Puts pieces behind one another, on further lines where they would be too long.
class Folder {
 public:
  explicit Folder(std::string_view name) {
    text_.append(name).push_back(':');
    column_ = text_.size();
  }
  void put(std::string_view piece) {
    // A piece may be folded already: what counts is where its first line ends, and where its last one does.
    const auto first = std::min(piece.find("\r\n"), piece.size());
    if (column_ + 1 + first > kMaxColumn && column_ > 1) {
      text_.append("\r\n");
      column_ = 0;
    }
    text_.append(" ").append(piece);
    const auto last = piece.rfind('\n');
    column_ = last == std::string_view::npos ? column_ + 1 + piece.size() : piece.size() - last;
  }
  [[nodiscard]] std::string finish() { return std::move(text_.append("\r\n")); }

 private:
  std::string text_;
  std::size_t column_ = 0;
};

/// "name <local@domain>", all of it ASCII.
std::string surrogate(const Address& address) {
  const std::string name = display_name(address);
  auto domain = is_ascii(address.domain) ? std::optional(address.domain) : std::nullopt;
  if (!domain) {
    if (auto labels = base::codec::to_ascii(address.domain)) domain = *std::move(labels);
  }
  if (domain && is_ascii(address.local_part)) {
    Address plain = address;
    plain.domain = *std::move(domain);
    const auto text = address_text(plain);
    if (name.empty()) return address.bracketed ? "<" + text + ">" : text;
    return encode_phrase(name) + " <" + text + ">";
  }
  const auto stood = base::codec::replace_invalid_utf8(address_text(address));
  const auto told = name.empty() ? stood : name + " (" + stood + ")";
  return encode_phrase(told).append(" ").append(kNowhere);
}

std::string address_field(std::string_view name, std::string_view value) {
  const auto list = parse_address_list(value);
  Folder out(name);
  for (std::size_t i = 0; i < list.size(); ++i) {
    const auto& address = list[i];
    if (address.kind == AddressKind::kGroupEnd) continue;  // said with what stands before it
    const auto ends_group = [&](std::size_t at) { return at < list.size() && list[at].kind == AddressKind::kGroupEnd; };
    std::string piece =
        address.kind == AddressKind::kGroupStart ? encode_phrase(display_name(address)) + ":" : surrogate(address);
    auto next = i + 1;
    while (ends_group(next)) {
      piece.push_back(';');
      ++next;
    }
    const bool more = next < list.size();
    if (more && (address.kind != AddressKind::kGroupStart || ends_group(i + 1))) piece.push_back(',');
    out.put(piece);
  }
  return out.finish();
}

std::string text_field(std::string_view name, std::string_view value) {
  std::string out(name);
  out.append(": ");
  const auto column = out.size();
  return out.append(encode_unstructured(decode_header(value), column)).append("\r\n");
}

bool is_token(std::string_view value) {
  constexpr std::string_view kSpecials = "()<>@,;:\\\"/[]?=";
  return !value.empty() && std::ranges::all_of(value, [&](char c) {
    return c > 32 && c < 127 && kSpecials.find(c) == std::string_view::npos;
  });
}

/// RFC 2231 s4; an attribute-char stays, all else becomes %XX.
std::string extended_value(std::string_view value_utf8) {
  std::string out = "utf-8''";
  for (const char c : value_utf8) {
    if (base::codec::is_alpha(c) || base::codec::is_digit(c) || c == '-' || c == '.' || c == '_') {
      out.push_back(c);
      continue;
    }
    const auto octet = static_cast<unsigned char>(c);
    out.append("%").append(1, kHexDigits[octet >> 4]).append(1, kHexDigits[octet & 15]);
  }
  return out;
}

std::string quoted(std::string_view value) {
  std::string out = "\"";
  for (const char c : value) {
    if (c == '"' || c == '\\') out.push_back('\\');
    out.push_back(c == '\r' || c == '\n' ? ' ' : c);
  }
  return out + "\"";
}

std::string parameter_text(const Parameter& parameter) {
  if (is_ascii(parameter.value))
    return parameter.name + "=" + (is_token(parameter.value) ? parameter.value : quoted(parameter.value));
  return parameter.name + "*=" + extended_value(decode_words(parameter.value));
}

/// Content-Type or Content-Disposition. nullopt: what stands before its parameters is not ASCII.
std::optional<std::string> parameter_field(std::string_view name, std::string_view value) {
  std::string kind;
  Parameters parameters;
  if (iequals_ascii(name, "Content-Type")) {
    auto type = parse_content_type(value);
    if (type.type.empty()) return std::nullopt;
    kind = type.type + "/" + type.subtype;
    parameters = std::move(type.parameters);
  } else {
    auto disposition = parse_disposition(value);
    if (disposition.kind.empty()) return std::nullopt;
    kind = std::move(disposition.kind);
    parameters = std::move(disposition.parameters);
  }
  if (!is_ascii(kind)) return std::nullopt;
  std::erase_if(parameters, [](const Parameter& p) { return !is_ascii(p.name); });  // RFC 6858 s2.2
  Folder out(name);
  out.put(parameters.empty() ? kind : kind + ";");
  for (const auto& parameter : parameters)
    out.put(parameter_text(parameter).append(&parameter == &parameters.back() ? "" : ";"));
  return out.finish();
}

/// nullopt: it has no form of ASCII.
std::optional<std::string> surrogate_field(const Field& field) {
  if (!is_ascii(field.name)) return std::nullopt;
  if (is_among(kAddressFields, field.name)) return address_field(field.name, field.value);
  if (is_among(kParameterFields, field.name)) return parameter_field(field.name, field.value);
  const bool text = is_among(kTextFields, field.name) || base::codec::istarts_with_ascii(field.name, "X-");
  if (text) return text_field(field.name, field.value);
  return std::nullopt;  // RFC 6858 s2.4
}

}  // namespace

std::string surrogate_header(std::string_view block) {
  std::string out;
  out.reserve(block.size() + block.size() / 2);
  FieldReader reader(block);
  while (const auto field = reader.next()) {
    if (is_ascii(field->whole)) {
      out.append(field->whole);
    } else if (auto instead = surrogate_field(*field)) {
      out.append(*instead);
    }
  }
  if (block.ends_with("\r\n\r\n") || block == "\r\n") out.append("\r\n");
  return out;
}

}  // namespace veredus::wire::mime
