#include "work/mailauth/author.h"

#include <algorithm>

#include "base/codec/ascii.h"
#include "base/codec/idna.h"
#include "wire/mime/address.h"
#include "wire/mime/header_block.h"

namespace veredus::work::mailauth {

namespace codec = base::codec;

namespace {

constexpr std::size_t kMostAddresses = 100;

void note(std::string& problem, std::string_view text) {
  if (problem.empty()) problem = text;
}

void add_domain(Authors& authors, std::string_view domain) {
  auto name = codec::to_ascii(domain);
  if (!name) return note(authors.problem, "an author has a domain that is none");
  if (std::ranges::find(authors.domains, *name) != authors.domains.end()) return;
  if (authors.domains.size() == kMostAuthorDomains) return note(authors.problem, "there are too many authors");
  authors.domains.push_back(*std::move(name));
}

constexpr bool ends_domain(char c) {
  return static_cast<unsigned char>(c) <= 32 || c == 127 || std::string_view("()<>,;:\\\"[]@").contains(c);
}

/// Domains behind an '@' that stands neither in quotes nor in a comment: what a careless reader may take for the
/// author's, as in `From: admin@bank.test <me@attacker.test>`.
void add_loose_domains(Authors& authors, std::string_view value) {
  bool quoted = false;
  unsigned depth = 0;
  for (std::size_t i = 0; i < value.size(); ++i) {
    const char c = value[i];
    if (c == '\\' && (quoted || depth > 0)) {
      ++i;
    } else if (c == '"' && depth == 0) {
      quoted = !quoted;
    } else if (!quoted && c == '(') {
      ++depth;
    } else if (!quoted && c == ')' && depth > 0) {
      --depth;
    } else if (!quoted && depth == 0 && c == '@') {
      const auto rest = value.substr(i + 1);
      const auto end = std::ranges::find_if(rest, ends_domain);
      const auto domain = rest.substr(0, static_cast<std::size_t>(end - rest.begin()));
      if (domain.contains('.')) add_domain(authors, domain);
    }
  }
  if (quoted || depth > 0) note(authors.problem, "From has a quote or a comment that does not end");
}

void read_from(Authors& authors, std::string_view value) {
  const bool clean = std::ranges::all_of(value, [](char c) {
    return c == '\t' || c == '\r' || c == '\n' || (static_cast<unsigned char>(c) >= 32 && c != 127);
  });
  if (!clean) note(authors.problem, "From holds control characters");
  bool anybody = false;
  for (const auto& address : wire::mime::parse_address_list(value, kMostAddresses)) {
    if (address.kind != wire::mime::AddressKind::kMailbox || address.domain.empty()) continue;
    anybody = true;
    if (!address.domain.starts_with('[')) add_domain(authors, address.domain);
    if (!address.route.empty()) note(authors.problem, "From has a route");
  }
  if (anybody) add_loose_domains(authors, value);
}

/// A line that is no field for us, and From for a reader that forgives more: ` From:`, `From\0:`, `\xA0From :`.
bool passes_for_from(std::string_view line) {
  const auto colon = line.substr(0, 64).find(':');
  if (colon == std::string_view::npos) return false;
  std::string letters;
  for (const char c : line.substr(0, colon))
    if (codec::is_alpha(c) || codec::is_digit(c) || c == '-' || c == '_') letters.push_back(codec::to_lower_ascii(c));
  return letters == "from";
}

/// Reports answer nobody, and are not reported on.
bool says_report(const wire::mime::Field& field) {
  if (codec::iequals_ascii(field.name, "TLS-Report-Domain")) return true;  // RFC 8460 s5.3
  return codec::iequals_ascii(field.name, "Subject") &&
         codec::istarts_with_ascii(codec::trim_ascii(field.value), "Report Domain:");  // RFC 7489 s7.2.1.1
}

/// Looks at the lines between the fields, of which `covered` are views in order.
void look_between(Authors& authors, std::string_view header, const std::vector<wire::mime::Field>& fields) {
  std::size_t at = 0;
  const auto look = [&authors](std::string_view lines) {
    while (!lines.empty()) {
      const auto end = std::min(lines.find_first_of("\r\n"), lines.size());
      if (passes_for_from(lines.substr(0, end))) note(authors.problem, "there is a line that can be taken for From");
      lines.remove_prefix(std::min(end + 1, lines.size()));
    }
  };
  for (const auto& field : fields) {
    look(header.substr(at, field.offset - at));
    at = field.offset + field.whole.size();
    // A bare CR is the end of a line to some readers.
    auto cr = field.value.find('\r');
    while (cr != std::string_view::npos && field.value.substr(cr + 1).starts_with('\n'))
      cr = field.value.find('\r', cr + 1);
    if (cr != std::string_view::npos) look(field.value.substr(cr + 1));
  }
  look(header.substr(std::min(at, header.size())));
}

}  // namespace

Authors find_authors(std::string_view header) { return find_authors(header, wire::mime::read_fields(header)); }

Authors find_authors(std::string_view header, const std::vector<wire::mime::Field>& fields) {
  Authors authors;
  std::size_t froms = 0;
  for (const auto& field : fields) {
    if (codec::iequals_ascii(field.name, "List-Id")) authors.from_list = true;
    if (says_report(field)) authors.is_report = true;
    if (!codec::iequals_ascii(field.name, "From")) continue;
    ++froms;
    read_from(authors, field.value);
  }
  if (froms > 1) note(authors.problem, "there are several From fields");
  look_between(authors, header, fields);
  return authors;
}

void doubt(rules::dmarc::Verdict& verdict, const Authors& authors) {
  if (verdict.result != rules::dmarc::Result::kPass || authors.problem.empty()) return;
  verdict.result = rules::dmarc::Result::kPermerror;
  verdict.problem = authors.problem;
}

}  // namespace veredus::work::mailauth
