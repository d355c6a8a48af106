#pragma once

#include <cstdint>
#include <string_view>

namespace veredus::wire::mime {

/// How good an address is, from good to bad.
enum class AddressCategory : std::uint8_t {
  kValid,       // fit for SMTP and for a header
  kUnusual,     // fit for SMTP, with unusual elements: quoted local part, address literal, one-label domain
  kCommented,   // fit for a header, with comments or folding; not for SMTP as it is
  kDeprecated,  // only by the obsolete forms of RFC 5322 s4
  kTooBroad,    // only by the broadest reading of RFC 5322; else invalid
  kInvalid,
};

/// The worst thing found in an address. Ordered by category.
enum class AddressDiagnosis : std::uint8_t {
  kValid,
  kTopLevelDomain,  // one label
  kNumericTopLevelDomain,
  kQuotedLocalPart,
  kAddressLiteral,
  kIpv6LiteralDeprecated,  // "::" for one group
  kComment,
  kFoldingWhiteSpace,
  kObsoleteLocalPart,
  kObsoleteFolding,
  kObsoleteQuotedText,
  kObsoleteQuotedPair,
  kObsoleteComment,
  kObsoleteCommentText,
  kFoldingNearAt,
  kDomainNotLdh,  // a domain by RFC 5322 but not by RFC 5321
  kAddressTooLong,
  kLocalPartTooLong,
  kDomainTooLong,
  kLabelTooLong,
  kDomainLiteral,
  kObsoleteDomainLiteral,
  kIpv6GroupCount,
  kIpv6DoubleDoubleColon,
  kIpv6BadCharacter,
  kIpv6MaxGroups,
  kIpv6ColonStart,
  kIpv6ColonEnd,
  kNoLocalPart,
  kNoDomain,
  kConsecutiveDots,
  kTextAfterComment,
  kTextAfterQuotedString,
  kTextAfterDomainLiteral,
  kBadQuotedPair,
  kBadAtomText,
  kBadQuotedText,
  kBadCommentText,
  kBadDomainText,
  kBackslashEnd,
  kDotStart,
  kDotEnd,
  kHyphenStart,
  kHyphenEnd,
  kUnclosedQuotedString,
  kUnclosedComment,
  kUnclosedDomainLiteral,
  kFoldTwice,
  kFoldAtEnd,
  kCrWithoutLf,
  kBadUtf8,
};

/// Judges the syntax of one addr-spec (no display name, no angle brackets), without asking DNS. UTF-8 is taken as RFC
/// 6531 s3.3 and RFC 6532 s3.2 do. Source: RFC 5321 s4.1.2, s4.1.3, s4.5.3.1; RFC 5322 s3.4.1, s4.4; RFC 1035 s2.3.4.
AddressDiagnosis diagnose_address(std::string_view address);

AddressCategory category(AddressDiagnosis diagnosis);
std::string_view to_string(AddressCategory category);
std::string_view to_string(AddressDiagnosis diagnosis);
/// One sentence for people.
std::string_view explain(AddressDiagnosis diagnosis);

}  // namespace veredus::wire::mime
