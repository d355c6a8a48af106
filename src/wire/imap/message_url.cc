#include "wire/imap/message_url.h"

#include <utility>

#include "base/codec/ascii.h"
#include "base/codec/utf8.h"
#include "wire/imap/cursor.h"
#include "wire/imap/fetch_parser.h"

namespace veredus::wire::imap {
namespace {

using base::codec::istarts_with_ascii;

int hex_value(char c) {
  if (base::codec::is_digit(c)) return c - '0';
  const char lower = base::codec::to_lower_ascii(c);
  return lower >= 'a' && lower <= 'f' ? lower - 'a' + 10 : -1;
}

/// RFC 3986 s2.1. nullopt: a "%" without two digits, or NUL.
std::optional<std::string> percent_decode(std::string_view text) {
  std::string out;
  for (std::size_t i = 0; i < text.size(); ++i) {
    char c = text[i];
    if (c == '%') {
      if (i + 2 >= text.size()) return std::nullopt;
      const int high = hex_value(text[i + 1]);
      const int low = hex_value(text[i + 2]);
      if (high < 0 || low < 0) return std::nullopt;
      c = static_cast<char>(high * 16 + low);
      i += 2;
    }
    if (c == '\0') return std::nullopt;
    out.push_back(c);
  }
  return out;
}

std::optional<std::uint32_t> whole_nonzero(std::string_view text) {
  Cursor at(text);
  const auto number = at.nonzero();
  if (!number || !at.at_end()) return std::nullopt;
  return *number;
}

///   iserver-less path: enc-mailbox [";UIDVALIDITY=" nz-number]
bool read_mailbox(std::string_view text, MessageUrl& url) {
  constexpr std::string_view kParameter = ";UIDVALIDITY=";
  const auto semicolon = text.rfind(';');
  if (semicolon != std::string_view::npos && istarts_with_ascii(text.substr(semicolon), kParameter)) {
    url.uid_validity = whole_nonzero(text.substr(semicolon + kParameter.size()));
    if (!url.uid_validity) return false;
    text = text.substr(0, semicolon);
  }
  auto name = percent_decode(text);
  if (!name || name->empty() || !base::codec::is_valid_utf8(*name)) return false;
  url.mailbox = *std::move(name);
  return true;
}

bool read_section(std::string_view text, MessageUrl& url) {
  const auto decoded = percent_decode(text);
  if (!decoded) return false;
  Cursor at(*decoded);
  auto section = parse_section_spec(at, 100);
  if (!section || !at.at_end()) return false;
  url.section = *std::move(section);
  return true;
}

///   partial-range = number ["." nz-number]
bool read_range(std::string_view text, MessageUrl& url) {
  Cursor at(text);
  OctetRange range{.first = 0, .count = static_cast<std::uint64_t>(1) << 62};
  const auto first = at.number64();
  if (!first) return false;
  range.first = *first;
  if (at.take('.')) {
    const auto count = at.number64();
    if (!count || *count == 0) return false;
    range.count = *count;
  }
  url.range = range;
  return at.at_end();
}

/// One `name=value` behind the mailbox. Each once and in this order.
bool read_parameter(std::string_view text, MessageUrl& url, int& stage) {
  struct Parameter {
    std::string_view name;
    bool (*read)(std::string_view value, MessageUrl& url);
  };
  static constexpr Parameter kParameters[] = {{"UID=",
                                               [](std::string_view value, MessageUrl& u) {
                                                 u.uid = whole_nonzero(value).value_or(0);
                                                 return u.uid != 0;
                                               }},
                                              {"SECTION=", read_section},
                                              {"PARTIAL=", read_range}};
  for (int i = stage; i < 3; ++i) {
    if (!istarts_with_ascii(text, kParameters[i].name)) continue;
    stage = i + 1;
    return kParameters[i].read(text.substr(kParameters[i].name.size()), url);
  }
  return false;
}

}  // namespace

///   imessagepart = imailbox-ref iuid [isection] [ipartial] ; iuid = "/;UID=" nz-number ; isection = "/;SECTION=" …
std::expected<MessageUrl, CommandError> parse_message_url(std::string_view text) {
  MessageUrl url;
  const auto uid = text.find("/;");
  auto mailbox = text.substr(0, uid);
  auto rest = uid == std::string_view::npos ? std::string_view() : text.substr(uid);
  if (text.starts_with(";")) {  // relative to the selected mailbox: ";UID=20/;SECTION=1"
    mailbox = {};
    rest = text;
  }
  if (mailbox.starts_with("//") || mailbox.contains("://")) return std::unexpected(CommandError::kUrl);
  if (mailbox.starts_with('/')) mailbox.remove_prefix(1);
  if (!mailbox.empty() && !read_mailbox(mailbox, url)) return std::unexpected(CommandError::kUrl);
  int stage = 0;
  while (!rest.empty()) {
    if (rest.starts_with('/')) rest.remove_prefix(1);
    if (!rest.starts_with(';')) return std::unexpected(CommandError::kUrl);
    const auto parameter = rest.substr(1, rest.find("/;") - 1);
    if (!read_parameter(parameter, url, stage)) return std::unexpected(CommandError::kUrl);
    rest.remove_prefix(parameter.size() + 1);
  }
  if (url.uid == 0) return std::unexpected(CommandError::kUrl);
  return url;
}

}  // namespace veredus::wire::imap
