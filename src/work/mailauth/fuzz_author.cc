#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

#include "base/codec/idna.h"
#include "work/mailauth/author.h"

namespace mailauth = veredus::work::mailauth;

/// Authors are few, and names of domains; one more author above is never overlooked.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* octets, std::size_t size) {
  const std::string_view header(reinterpret_cast<const char*>(octets), size);
  const auto authors = mailauth::find_authors(header);
  if (authors.domains.size() > mailauth::kMostAuthorDomains) std::abort();
  for (const auto& domain : authors.domains)
    if (veredus::base::codec::to_ascii(domain) != domain) std::abort();
  if (header.starts_with(' ') || header.starts_with('\t')) return 0;
  const auto two = mailauth::find_authors("From: <a@first.test>\r\n" + std::string(header));
  if (two.domains.empty() || two.domains.front() != "first.test") std::abort();
  if (!authors.domains.empty() && two.problem.empty()) std::abort();
  return 0;
}
