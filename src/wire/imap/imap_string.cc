#include "wire/imap/imap_string.h"

#include <algorithm>
#include <charconv>

#include "base/codec/ascii.h"
#include "base/codec/utf7.h"
#include "base/codec/utf8.h"
#include "wire/imap/cursor.h"
#include "wire/mime/imap_string.h"

namespace veredus::wire::imap {
namespace {

constexpr std::size_t kMaxQuoted = 4096;  // clients read quoted strings into lines of bounded length

void append_quoted(std::string& out, std::string_view value) {
  out.push_back('"');
  for (const char c : value) {
    if (c == '"' || c == '\\') out.push_back('\\');
    out.push_back(c);
  }
  out.push_back('"');
}

bool is_quotable_utf8(std::string_view value) {
  const auto is_text = [](char c) { return static_cast<unsigned char>(c) >= 32 && c != 127; };
  return value.size() <= kMaxQuoted && std::ranges::all_of(value, is_text) && base::codec::is_valid_utf8(value);
}

}  // namespace

void append_string(std::string& out, std::string_view value) { mime::append_imap_string(out, value); }

void append_nstring(std::string& out, const std::optional<std::string_view>& value) {
  mime::append_imap_nstring(out, value);
}

void append_astring(std::string& out, std::string_view value) {
  if (value.empty() || base::codec::iequals_ascii(value, "NIL") || !std::ranges::all_of(value, is_atom_char)) {
    append_string(out, value);
  } else {
    out.append(value);
  }
}

void append_utf8_string(std::string& out, std::string_view utf8) {
  if (is_quotable_utf8(utf8)) {
    append_quoted(out, utf8);
  } else {
    append_string(out, utf8);
  }
}

void append_literal_begin(std::string& out, std::uint64_t octets) {
  out.push_back('{');
  append_number(out, octets);
  out.append("}\r\n");
}

void append_literal8_begin(std::string& out, std::uint64_t octets) {
  out.push_back('~');
  append_literal_begin(out, octets);
}

void append_mailbox(std::string& out, std::string_view name_utf8, Names names) {
  if (names == Names::kUtf8) return append_utf8_string(out, name_utf8);
  const auto encoded = base::codec::to_modified_utf7(name_utf8);
  append_string(out, encoded ? std::string_view(*encoded) : name_utf8);
}

std::optional<std::string> decode_mailbox(std::string_view sent, Names names) {
  const bool ascii = base::codec::is_ascii(sent);
  if (ascii && names == Names::kModifiedUtf7) return base::codec::from_modified_utf7(sent);
  if (!ascii && !base::codec::is_valid_utf8(sent)) return std::nullopt;
  return std::string(sent);
}

void append_sent_string(std::string& out, std::string_view value) {
  const auto is_plain = [](char c) { return c >= ' ' && c < 127; };
  if (value.size() <= kMaxQuoted && std::ranges::all_of(value, is_plain)) return append_quoted(out, value);
  if (value.contains('\0')) out.push_back('~');
  out.push_back('{');
  append_number(out, value.size());
  out.append("+}\r\n").append(value);
}

void append_number(std::string& out, std::uint64_t value) {
  char digits[20];
  const auto result = std::to_chars(digits, digits + sizeof digits, value);
  out.append(digits, result.ptr);
}

}  // namespace veredus::wire::imap
