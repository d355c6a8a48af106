#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "rules/dmarc/evaluation.h"
#include "wire/mime/header_block.h"

namespace veredus::work::mailauth {

constexpr std::size_t kMostAuthorDomains = 8;

/// Whose mail a message says it is.
struct Authors {
  /// A-labels, lower case, each once: of all addresses that any reader may take for the author's. DMARC passes when it
  /// does for every one of them.
  std::vector<std::string> domains;
  std::string problem;     // why readers may disagree about the author; empty: they cannot
  bool from_list = false;  // there is a List-Id (RFC 2919)
  bool is_report = false;  // says that it is a report on DMARC or TLS (RFC 8460 s5.3)
};

/// `header`: all before the empty line. Every From counts, also one that is written so that only some readers take it
/// for one: that is how a message passes as another's. Source: RFC 9989 s4.2, RFC 5322 s3.6.2.
Authors find_authors(std::string_view header);
/// `fields`: of `header`, or of a copy.
Authors find_authors(std::string_view header, const std::vector<wire::mime::Field>& fields);

/// A pass for all of `authors` is none where another reader may see yet another author.
void doubt(rules::dmarc::Verdict& verdict, const Authors& authors);

}  // namespace veredus::work::mailauth
