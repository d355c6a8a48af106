#include "wire/smtp/address.h"

#include <arpa/inet.h>

#include <algorithm>

#include "base/codec/ascii.h"
#include "base/codec/utf8.h"
#include "base/types/result.h"

namespace veredus::wire::smtp {
namespace {

using base::codec::iequals_ascii;
using base::codec::is_valid_utf8;

constexpr bool is_alnum(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9'); }
constexpr bool is_high(char c) { return static_cast<unsigned char>(c) >= 0x80; }

/// RFC 5322 s3.2.3 atext, with UTF8-non-ascii of RFC 6531 s3.3.
constexpr bool is_atext(char c) {
  return is_alnum(c) || is_high(c) || std::string_view("!#$%&'*+-/=?^_`{|}~").find(c) != std::string_view::npos;
}

/// How many octets at the beginning of `text` can belong to a domain name or, between brackets, to a literal.
std::size_t domain_extent(std::string_view text) {
  if (text.starts_with('[')) {
    const auto close = text.find(']');
    return close == std::string_view::npos ? text.size() : close + 1;
  }
  const auto end =
      std::ranges::find_if_not(text, [](char c) { return is_alnum(c) || is_high(c) || c == '-' || c == '.'; });
  return static_cast<std::size_t>(end - text.begin());
}

/// address-literal = "[" ( IPv4-address-literal / "IPv6:" IPv6-addr / Standardized-tag ":" 1*dcontent ) "]"
/// (RFC 5321 s4.1.3)
bool is_literal(std::string_view text) {
  if (text.size() < 3 || !text.ends_with(']')) return false;
  const std::string inside(text.substr(1, text.size() - 2));
  in_addr v4{};
  if (inet_pton(AF_INET, inside.c_str(), &v4) == 1 && inside.find('\0') == std::string::npos) return true;
  const auto colon = inside.find(':');
  if (colon == std::string::npos || colon == 0) return false;
  const auto tag = std::string_view(inside).substr(0, colon);
  const auto content = std::string_view(inside).substr(colon + 1);
  const auto is_dcontent = [](char c) { return c >= 33 && c <= 126 && c != '[' && c != '\\' && c != ']'; };
  if (content.empty() || !std::ranges::all_of(content, is_dcontent)) return false;
  if (iequals_ascii(tag, "IPv6")) {
    in6_addr v6{};
    return inet_pton(AF_INET6, inside.c_str() + colon + 1, &v6) == 1;
  }
  return is_alnum(tag.back()) && std::ranges::all_of(tag, [](char c) { return is_alnum(c) || c == '-'; });
}

/// sub-domain = Let-dig [Ldh-str], or a U-label (RFC 5321 s4.1.2, RFC 6531 s3.3)
std::expected<void, AddressError> check_label(std::string_view label) {
  if (label.empty() || label.front() == '-' || label.back() == '-') return std::unexpected(AddressError::kDomain);
  const auto allowed = [](char c) { return is_alnum(c) || is_high(c) || c == '-'; };
  if (!std::ranges::all_of(label, allowed)) return std::unexpected(AddressError::kDomain);
  // A U-label is limited in its ASCII form, which is not made here.
  if (label.size() > 63 && std::ranges::none_of(label, is_high)) return std::unexpected(AddressError::kLabelTooLong);
  return {};
}

/// Reads one address from the front of `rest_`, octet by octet, and stops where it ends.
class Reader {
 public:
  explicit Reader(std::string_view text) : rest_(text) {}

  [[nodiscard]] std::string_view rest() const { return rest_; }
  [[nodiscard]] bool at(char c) const { return rest_.starts_with(c); }
  bool take(char c) {
    if (!at(c)) return false;
    rest_.remove_prefix(1);
    return true;
  }

  /// Local-part = Dot-string / Quoted-string (RFC 5321 s4.1.2)
  std::expected<std::string, AddressError> local_part() {
    const auto before = rest_;
    auto local = at('"') ? quoted_string() : dot_string();
    if (!local) return local;
    const auto written = before.substr(0, before.size() - rest_.size());
    if (written.size() > kMaxLocalPartOctets) return std::unexpected(AddressError::kLocalPartTooLong);
    if (!is_valid_utf8(written)) return std::unexpected(AddressError::kNotUtf8);
    return local;
  }

  std::expected<std::string, AddressError> domain() {
    const auto text = rest_.substr(0, domain_extent(rest_));
    VEREDUS_TRY(check_domain(text));
    rest_.remove_prefix(text.size());
    return std::string(text);
  }

  std::expected<Address, AddressError> mailbox() {
    Address address;
    VEREDUS_TRY(address.local_part, local_part());
    if (!take('@')) return std::unexpected(AddressError::kMissingAt);
    VEREDUS_TRY(address.domain, domain());
    return address;
  }

  /// A-d-l = At-domain *( "," At-domain ), then ":" (RFC 5321 s4.1.2)
  std::expected<void, AddressError> source_route() {
    do {
      if (!take('@')) return std::unexpected(AddressError::kSourceRoute);
      VEREDUS_TRY(domain());
    } while (take(','));
    if (!take(':')) return std::unexpected(AddressError::kSourceRoute);
    return {};
  }

 private:
  std::expected<std::string, AddressError> dot_string() {
    std::size_t end = 0;
    while (end < rest_.size() && (is_atext(rest_[end]) || rest_[end] == '.')) ++end;
    const auto text = rest_.substr(0, end);
    if (text.empty() || text.front() == '.' || text.back() == '.' || text.find("..") != std::string_view::npos)
      return std::unexpected(AddressError::kLocalPart);
    rest_.remove_prefix(end);
    return std::string(text);
  }

  /// Quoted-string = DQUOTE *QcontentSMTP DQUOTE (RFC 5321 s4.1.2)
  std::expected<std::string, AddressError> quoted_string() {
    std::string text;
    for (std::size_t i = 1; i < rest_.size(); ++i) {
      if (rest_[i] == '"') {
        rest_.remove_prefix(i + 1);
        return text;
      }
      if (rest_[i] == '\\' && ++i == rest_.size()) break;
      const auto octet = static_cast<unsigned char>(rest_[i]);
      if (octet < 32 || octet == 127) return std::unexpected(AddressError::kQuotedString);
      text.push_back(rest_[i]);
    }
    return std::unexpected(AddressError::kQuotedString);
  }

  std::string_view rest_;
};

}  // namespace

std::string_view to_string(AddressError error) {
  switch (error) {
    case AddressError::kEmpty:
      return "address is empty";
    case AddressError::kMissingBracket:
      return "closing bracket is missing";
    case AddressError::kMissingAt:
      return "no @ after the local part";
    case AddressError::kLocalPart:
      return "malformed local part";
    case AddressError::kQuotedString:
      return "malformed quoted local part";
    case AddressError::kLocalPartTooLong:
      return "local part over 64 octets";
    case AddressError::kDomain:
      return "malformed domain";
    case AddressError::kLabelTooLong:
      return "domain label over 63 octets";
    case AddressError::kDomainTooLong:
      return "domain over 255 octets";
    case AddressError::kLiteral:
      return "malformed address literal";
    case AddressError::kPathTooLong:
      return "path over 256 octets";
    case AddressError::kSourceRoute:
      return "malformed source route";
    case AddressError::kNotUtf8:
      return "not UTF-8";
    case AddressError::kTrailing:
      return "something follows the address";
  }
  return "unknown";
}

std::expected<void, AddressError> check_domain(std::string_view text) {
  if (text.empty()) return std::unexpected(AddressError::kDomain);
  if (text.size() > kMaxDomainOctets) return std::unexpected(AddressError::kDomainTooLong);
  if (text.starts_with('[')) {
    if (is_literal(text)) return {};
    return std::unexpected(AddressError::kLiteral);
  }
  for (std::string_view rest = text;;) {
    const auto dot = rest.find('.');
    VEREDUS_TRY(check_label(rest.substr(0, dot)));
    if (dot == std::string_view::npos) break;
    rest.remove_prefix(dot + 1);
  }
  if (!is_valid_utf8(text)) return std::unexpected(AddressError::kNotUtf8);
  return {};
}

std::expected<Address, AddressError> parse_mailbox(std::string_view text) {
  if (text.empty()) return std::unexpected(AddressError::kEmpty);
  Reader reader(text);
  VEREDUS_TRY(auto address, reader.mailbox());
  if (reader.rest().empty()) return address;
  // `a@b_c` stops at '_': what is wrong is the domain, not something after it.
  const bool blank = reader.at(' ') || reader.at('>') || reader.at(',');
  return std::unexpected(blank ? AddressError::kTrailing : AddressError::kDomain);
}

std::expected<PathPrefix, AddressError> parse_path(std::string_view text, PathUse use) {
  if (text.empty()) return std::unexpected(AddressError::kEmpty);
  Reader reader(text);
  const bool bracketed = reader.take('<');
  if (bracketed && use == PathUse::kReverse && reader.take('>')) return PathPrefix{std::nullopt, reader.rest()};
  if (bracketed && reader.at('@')) VEREDUS_TRY(reader.source_route());

  const auto begin = reader.rest();
  PathPrefix path;
  // RFC 5321 s4.1.1.3: "<Postmaster>" is the one forward-path without a domain.
  constexpr std::string_view kPostmaster = "postmaster";
  const bool bare = use == PathUse::kForward && iequals_ascii(begin.substr(0, kPostmaster.size()), kPostmaster) &&
                    bracketed && begin.substr(kPostmaster.size()).starts_with('>');
  if (bare) {
    path.address = Address{std::string(begin.substr(0, kPostmaster.size())), {}};
    reader = Reader(begin.substr(kPostmaster.size()));
  } else {
    VEREDUS_TRY(path.address, reader.mailbox());
  }
  if (begin.size() - reader.rest().size() + 2 > kMaxPathOctets) return std::unexpected(AddressError::kPathTooLong);
  if (bracketed && !reader.take('>')) {
    // `<a@b_c>` stops at '_': what is wrong is the domain.
    const bool unclosed = reader.rest().empty() || reader.at(' ');
    return std::unexpected(unclosed ? AddressError::kMissingBracket : AddressError::kDomain);
  }
  if (!reader.rest().empty() && !reader.at(' '))
    return std::unexpected(bracketed ? AddressError::kTrailing : AddressError::kDomain);
  path.rest = reader.rest();
  return path;
}

std::string to_string(const Address& address) {
  const auto& local = address.local_part;
  const bool dot_string = !local.empty() && local.front() != '.' && local.back() != '.' &&
                          local.find("..") == std::string::npos &&
                          std::ranges::all_of(local, [](char c) { return is_atext(c) || c == '.'; });
  std::string out;
  out.reserve(local.size() + address.domain.size() + 1);
  if (dot_string) {
    out = local;
  } else {
    out.push_back('"');
    for (const char c : local) {
      if (c == '"' || c == '\\') out.push_back('\\');
      out.push_back(c);
    }
    out.push_back('"');
  }
  if (!address.domain.empty()) out.append("@").append(address.domain);
  return out;
}

bool needs_smtputf8(const Address& address) {
  return std::ranges::any_of(address.local_part, is_high) || std::ranges::any_of(address.domain, is_high);
}

bool is_postmaster(const Address& address) { return iequals_ascii(address.local_part, "postmaster"); }

}  // namespace veredus::wire::smtp
