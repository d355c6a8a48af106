#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace veredus::base::codec {

/// A domain name as DNS knows it: lower case, A-labels ("xn--…"). A name of ASCII LDH labels (and '_') is only put into
/// lower case; others go through IDNA2008 with UTS #46 mapping, non-transitional. nullopt for what is no domain name:
/// empty labels, labels above 63 octets, names above 253. One trailing dot is taken off. Source: RFC 5890 s2.3.2.1, RFC
/// 5891 s4.
std::optional<std::string> to_ascii(std::string_view domain_utf8);

/// A domain name as people read it: U-labels, UTF-8. A name or label that cannot be decoded, or not back
/// again, stays as it is. nullopt as above.
std::optional<std::string> to_unicode(std::string_view domain);

}  // namespace veredus::base::codec
