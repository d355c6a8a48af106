#include "wire/mime/address_syntax.h"

#include <algorithm>
#include <array>
#include <cstddef>
#include <string>
#include <vector>

#include "base/codec/ascii.h"
#include "base/codec/hex.h"
#include "base/codec/utf8.h"
#include "wire/mime/field_lexer.h"

namespace veredus::wire::mime {
namespace {

using enum AddressDiagnosis;

constexpr std::size_t kMaxLocalPart = 64;  // RFC 5321 s4.5.3.1.1
constexpr std::size_t kMaxDomain = 255;    // RFC 5321 s4.5.3.1.2
constexpr std::size_t kMaxAddress = 254;   // RFC 5321 s4.5.3.1.3: a path is 256 with its brackets
constexpr std::size_t kMaxLabel = 63;      // RFC 1035 s2.3.4

constexpr std::string_view kSpecials = "()<>[]:;@\\,.\"";  // RFC 5322 s3.2.3

bool is_control(char c) { return static_cast<unsigned char>(c) < 32 || c == 127; }
bool is_8bit(char c) { return static_cast<unsigned char>(c) > 127; }
bool is_atext(char c) { return !is_control(c) && c != ' ' && !kSpecials.contains(c); }

/// IPv4-address-literal = Snum 3("." Snum) (RFC 5321 s4.1.3)
bool is_ipv4(std::string_view text) {
  for (int i = 0; i < 4; ++i) {
    const auto end = std::min(text.find('.'), text.size());
    const auto number = text.substr(0, end);
    if (number.empty() || number.size() > 3 || !std::ranges::all_of(number, base::codec::is_digit)) return false;
    if (std::stoi(std::string(number)) > 255) return false;
    if ((i == 3) != (end == text.size())) return false;
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return true;
}

/// IPv6-addr, after its tag. RFC 5321 s4.1.3, RFC 4291 s2.2.
AddressDiagnosis judge_ipv6(std::string text) {
  AddressDiagnosis worst = kAddressLiteral;
  const auto note = [&](AddressDiagnosis found) { worst = std::max(worst, found); };
  if (const auto last = text.rfind(':'); last != std::string::npos && is_ipv4(std::string_view(text).substr(last + 1)))
    text = text.substr(0, last + 1) + "0:0";  // it stands for two groups
  std::vector<std::string_view> groups;
  for (std::size_t at = 0; at <= text.size();) {
    const auto end = std::min(text.find(':', at), text.size());
    groups.push_back(std::string_view(text).substr(at, end - at));
    at = end + 1;
  }
  const auto gap = text.find("::");
  if (gap == std::string::npos) {
    if (groups.size() != 8) note(kIpv6GroupCount);
  } else if (gap != text.rfind("::")) {
    note(kIpv6DoubleDoubleColon);
  } else {
    const std::size_t most = gap == 0 || gap + 2 == text.size() ? 9 : 8;
    if (groups.size() > most) note(kIpv6MaxGroups);
    if (groups.size() == most) note(kIpv6LiteralDeprecated);
  }
  const auto is_group = [](std::string_view group) {
    return group.size() <= 4 && std::ranges::all_of(group, [](char c) { return base::codec::hex_value(c) >= 0; });
  };
  if (text.starts_with(':') && !text.starts_with("::")) {
    note(kIpv6ColonStart);
  } else if (text.ends_with(':') && !text.ends_with("::")) {
    note(kIpv6ColonEnd);
  } else if (!std::ranges::all_of(groups, is_group)) {
    note(kIpv6BadCharacter);
  }
  return worst;
}

AddressDiagnosis judge_literal(std::string_view literal) {
  if (is_ipv4(literal)) return kAddressLiteral;
  if (base::codec::istarts_with_ascii(literal, "IPv6:")) return judge_ipv6(std::string(literal.substr(5)));
  return kDomainLiteral;
}

/// Walks an address once and keeps the worst thing it sees; stops at the first that makes it invalid.
class Judge {
 public:
  explicit Judge(std::string_view text) : text_(text) {}

  AddressDiagnosis judge() {
    if (!base::codec::is_valid_utf8(text_)) return kBadUtf8;
    if (!take_local_part()) return worst_;
    if (at_ >= text_.size()) return note(kNoDomain), worst_;
    ++at_;  // '@'
    if (!take_domain()) return worst_;
    judge_whole();
    return worst_;
  }

 private:
  enum class Ended : std::uint8_t { kNo, kByCfws, kByQuotedString, kByLiteral };

  /// False when it makes the address invalid: then nothing more is looked at.
  bool note(AddressDiagnosis found) {
    worst_ = std::max(worst_, found);
    return category(worst_) != AddressCategory::kInvalid;
  }

  void begin_part() {
    part_octets_ = element_octets_ = elements_ = 0;
    ended_ = Ended::kNo;
  }

  /// local-part = dot-atom / quoted-string / obs-local-part (RFC 5322 s3.4.1, s4.4). Ends at '@' or the end.
  bool take_local_part() {
    begin_part();
    while (at_ < text_.size()) {
      const char c = text_[at_];
      bool good = true;
      if (c == '@') return end_local_part();
      if (c == '.') {
        good = take_local_dot();
      } else if (c == '"') {
        good = element_octets_ > 0
                   ? note(kBadAtomText)
                   : note(elements_ == 0 ? kQuotedLocalPart : kObsoleteLocalPart) && take_quoted_string();
      } else if (c == '(') {
        good = note(element_octets_ == 0 && elements_ > 0 ? kObsoleteComment : kComment) && take_comment();
      } else if (is_wsp(c) || c == '\r') {
        good = (element_octets_ > 0 || note(elements_ == 0 ? kFoldingWhiteSpace : kObsoleteFolding)) && take_folding();
      } else {
        good = take_atom_octet(c);
      }
      if (!good) return false;
    }
    return true;
  }

  bool end_local_part() {
    if (part_octets_ == 0) return note(kNoLocalPart);
    if (element_octets_ == 0) return note(kDotEnd);
    if (part_octets_ > kMaxLocalPart) return note(kLocalPartTooLong);
    local_octets_ = part_octets_;
    return ended_ == Ended::kByCfws ? note(kFoldingNearAt) : true;
  }

  bool take_local_dot() {
    if (element_octets_ == 0) return note(elements_ == 0 ? kDotStart : kConsecutiveDots);
    if (ended_ != Ended::kNo && !note(kObsoleteLocalPart)) return false;
    next_element();
    return true;
  }

  void next_element() {
    ended_ = Ended::kNo;
    element_octets_ = 0;
    ++elements_;
    ++part_octets_;
    ++at_;
  }

  bool refuse_more_text() {
    switch (ended_) {
      case Ended::kByCfws:
        return note(kTextAfterComment);
      case Ended::kByQuotedString:
        return note(kTextAfterQuotedString);
      case Ended::kByLiteral:
        return note(kTextAfterDomainLiteral);
      case Ended::kNo:
        break;
    }
    return true;
  }

  bool take_atom_octet(char c) {
    if (!refuse_more_text()) return false;
    if (!is_atext(c)) return note(kBadAtomText);
    count(1);
    return true;
  }

  void count(std::size_t octets) {
    at_ += octets;
    part_octets_ += octets;
    element_octets_ += octets;
  }

  /// quoted-pair = "\" (VCHAR / WSP), and obs-qp. RFC 6531 s3.3 lets no 8-bit octet in.
  bool take_quoted_pair() {
    if (at_ + 1 >= text_.size()) return note(kBackslashEnd);
    const char c = text_[at_ + 1];
    at_ += 2;
    if (is_8bit(c)) return note(kBadQuotedPair);
    return is_control(c) && c != '\t' ? note(kObsoleteQuotedPair) : true;
  }

  bool take_quoted_string() {
    const std::size_t begin = at_++;
    while (at_ < text_.size() && text_[at_] != '"') {
      const char c = text_[at_];
      bool good = true;
      if (c == '\\') {
        good = at_ + 1 < text_.size() ? take_quoted_pair() : note(kUnclosedQuotedString);
      } else if (c == '\r' || c == '\t') {
        good = note(kFoldingWhiteSpace) && take_folding();
      } else {
        ++at_;
        if (c == '\n' || c == '\0') return note(kBadQuotedText);
        if (is_control(c)) good = note(kObsoleteQuotedText);
      }
      if (!good) return false;
    }
    if (at_ >= text_.size()) return note(kUnclosedQuotedString);
    ++at_;
    part_octets_ += at_ - begin;
    element_octets_ += at_ - begin;
    ended_ = Ended::kByQuotedString;
    return true;
  }

  bool take_comment() {
    std::size_t depth = 0;
    do {
      if (at_ >= text_.size()) return note(kUnclosedComment);
      const char c = text_[at_];
      bool good = true;
      if (c == '\\') {
        good = take_quoted_pair();
      } else if (is_wsp(c) || c == '\r') {
        good = note(kFoldingWhiteSpace) && take_folding();
      } else {
        ++at_;
        depth = depth + (c == '(' ? 1 : 0) - (c == ')' ? 1 : 0);
        if (c == '\n' || c == '\0') return note(kBadCommentText);
        if (is_control(c)) good = note(kObsoleteCommentText);
      }
      if (!good) return false;
    } while (depth > 0);
    if (element_octets_ > 0) ended_ = Ended::kByCfws;
    return true;
  }

  /// FWS = ([*WSP CRLF] 1*WSP) / obs-FWS; obs-FWS = 1*WSP *(CRLF 1*WSP). At its first octet.
  bool take_folding() {
    std::size_t line_ends = 0;
    while (at_ < text_.size() && (is_wsp(text_[at_]) || text_[at_] == '\r')) {
      if (text_[at_++] != '\r') continue;
      if (at_ >= text_.size() || text_[at_] != '\n') return note(kCrWithoutLf);
      ++at_;
      if (at_ < text_.size() && text_[at_] == '\r')
        return note(at_ + 1 < text_.size() && text_[at_ + 1] == '\n' ? kFoldTwice : kCrWithoutLf);
      if (at_ >= text_.size() || !is_wsp(text_[at_])) return note(kFoldAtEnd);
      if (++line_ends > 1 && !note(kObsoleteFolding)) return false;
    }
    if (element_octets_ > 0) ended_ = Ended::kByCfws;
    return true;
  }

  /// domain = dot-atom / domain-literal / obs-domain. To the end of the text.
  bool take_domain() {
    begin_part();
    while (at_ < text_.size()) {
      const char c = text_[at_];
      bool good = true;
      if (c == '.') {
        good = take_domain_dot();
      } else if (c == '[' && part_octets_ == 0) {
        good = take_literal();
      } else if (c == '(') {
        good = note(cfws_in_domain(kObsoleteComment, kComment)) && take_comment();
      } else if (is_wsp(c) || c == '\r') {
        good = note(cfws_in_domain(kObsoleteFolding, kFoldingWhiteSpace)) && take_folding();
      } else {
        good = take_domain_octet(c);
      }
      if (!good) return false;
    }
    return true;
  }

  [[nodiscard]] AddressDiagnosis cfws_in_domain(AddressDiagnosis between, AddressDiagnosis after) const {
    if (element_octets_ > 0) return after;
    return elements_ == 0 ? kFoldingNearAt : between;
  }

  bool take_domain_dot() {
    if (element_octets_ == 0) return note(elements_ == 0 ? kDotStart : kConsecutiveDots);
    if (hyphen_) return note(kHyphenEnd);
    if (element_octets_ > kMaxLabel && !note(kLabelTooLong)) return false;
    next_element();
    numeric_element_ = at_ < text_.size() && base::codec::is_digit(text_[at_]);
    return true;
  }

  bool take_domain_octet(char c) {
    if (!refuse_more_text()) return false;
    if (!is_atext(c)) return note(kBadAtomText);
    if (element_octets_ == 0 && elements_ == 0) numeric_element_ = base::codec::is_digit(c);
    if (c == '-' && element_octets_ == 0) return note(kHyphenStart);
    hyphen_ = c == '-';
    count(1);
    const bool ldh = c == '-' || is_8bit(c) || base::codec::is_alpha(c) || base::codec::is_digit(c);
    return ldh ? true : note(kDomainNotLdh);
  }

  /// domain-literal = [CFWS] "[" *([FWS] dtext) [FWS] "]" [CFWS]
  bool take_literal() {
    const std::size_t begin = at_++;
    while (at_ < text_.size() && text_[at_] != ']') {
      const char c = text_[at_];
      bool good = true;
      if (c == '\\') {
        good =
            at_ + 1 < text_.size() ? note(kObsoleteDomainLiteral) && take_quoted_pair() : note(kUnclosedDomainLiteral);
      } else if (is_wsp(c) || c == '\r') {
        good = note(kFoldingWhiteSpace) && take_folding();
      } else {
        ++at_;
        if (c == '[' || c == '\0') return note(kBadDomainText);
        if (is_control(c)) good = note(kObsoleteDomainLiteral);
      }
      if (!good) return false;
    }
    if (at_ >= text_.size()) return note(kUnclosedDomainLiteral);
    const auto literal = text_.substr(begin + 1, at_ - begin - 1);
    ++at_;
    part_octets_ += at_ - begin;
    element_octets_ += 1;
    ended_ = Ended::kByLiteral;
    in_literal_ = true;
    return note(category(worst_) < AddressCategory::kDeprecated ? judge_literal(literal) : kDomainLiteral);
  }

  void judge_whole() {
    if (part_octets_ == 0) {
      note(kNoDomain);
    } else if (element_octets_ == 0) {
      note(kDotEnd);
    } else if (hyphen_ && !in_literal_) {
      note(kHyphenEnd);
    } else if (part_octets_ > kMaxDomain) {
      note(kDomainTooLong);
    } else if (local_octets_ + 1 + part_octets_ > kMaxAddress) {
      note(kAddressTooLong);
    } else if (element_octets_ > kMaxLabel) {
      note(kLabelTooLong);
    }
    if (worst_ != kValid) return;
    if (elements_ == 0) note(kTopLevelDomain);
    if (numeric_element_) note(kNumericTopLevelDomain);
  }

  std::string_view text_;
  std::size_t at_ = 0;
  AddressDiagnosis worst_ = kValid;
  std::size_t local_octets_ = 0;
  std::size_t part_octets_ = 0;     // of the local part or the domain, without comments and folding
  std::size_t element_octets_ = 0;  // since the last dot
  std::size_t elements_ = 0;        // dots so far
  Ended ended_ = Ended::kNo;
  bool hyphen_ = false;
  bool numeric_element_ = false;
  bool in_literal_ = false;
};

struct Words {
  AddressDiagnosis diagnosis;
  std::string_view name;
  std::string_view explanation;
};

constexpr std::array kWords = {
    Words{kValid, "valid", "The address is valid."},
    Words{kTopLevelDomain, "top-level-domain", "Valid, but the domain is a top-level domain."},
    Words{kNumericTopLevelDomain, "numeric-top-level-domain", "Valid, but the top-level domain begins with a digit."},
    Words{kQuotedLocalPart, "quoted-local-part", "Valid, but the local part is a quoted string."},
    Words{kAddressLiteral, "address-literal", "Valid, but the domain is an IP address."},
    Words{kIpv6LiteralDeprecated, "ipv6-literal-deprecated", "'::' stands for a single group, which is deprecated."},
    Words{kComment, "comment", "There is a comment: not usable in SMTP as it is."},
    Words{kFoldingWhiteSpace, "folding-white-space", "There is white space: not usable in SMTP as it is."},
    Words{kObsoleteLocalPart, "obsolete-local-part", "The local part mixes quoted strings or spaces with dots."},
    Words{kObsoleteFolding, "obsolete-folding", "There is white space where only old messages have it."},
    Words{kObsoleteQuotedText, "obsolete-quoted-text", "A control character stands in a quoted string."},
    Words{kObsoleteQuotedPair, "obsolete-quoted-pair", "A control character stands after a backslash."},
    Words{kObsoleteComment, "obsolete-comment", "There is a comment where only old messages have it."},
    Words{kObsoleteCommentText, "obsolete-comment-text", "A control character stands in a comment."},
    Words{kFoldingNearAt, "folding-near-at", "There is white space or a comment beside the @."},
    Words{kDomainNotLdh, "domain-not-ldh", "The domain has characters that no host name has."},
    Words{kAddressTooLong, "address-too-long", "The address is longer than 254 octets."},
    Words{kLocalPartTooLong, "local-part-too-long", "The local part is longer than 64 octets."},
    Words{kDomainTooLong, "domain-too-long", "The domain is longer than 255 octets."},
    Words{kLabelTooLong, "label-too-long", "A label of the domain is longer than 63 octets."},
    Words{kDomainLiteral, "domain-literal", "The domain is in brackets but is no IP address."},
    Words{kObsoleteDomainLiteral, "obsolete-domain-literal", "The bracketed domain has obsolete characters."},
    Words{kIpv6GroupCount, "ipv6-group-count", "The IPv6 address has the wrong number of groups."},
    Words{kIpv6DoubleDoubleColon, "ipv6-double-double-colon", "The IPv6 address has '::' more than once."},
    Words{kIpv6BadCharacter, "ipv6-bad-character", "The IPv6 address has a group that is no hexadecimal number."},
    Words{kIpv6MaxGroups, "ipv6-max-groups", "The IPv6 address has too many groups beside '::'."},
    Words{kIpv6ColonStart, "ipv6-colon-start", "The IPv6 address begins with a single colon."},
    Words{kIpv6ColonEnd, "ipv6-colon-end", "The IPv6 address ends with a single colon."},
    Words{kNoLocalPart, "no-local-part", "Nothing stands before the @."},
    Words{kNoDomain, "no-domain", "There is no domain."},
    Words{kConsecutiveDots, "consecutive-dots", "Two dots follow each other."},
    Words{kTextAfterComment, "text-after-comment", "Text follows white space or a comment."},
    Words{kTextAfterQuotedString, "text-after-quoted-string", "Text follows a quoted string."},
    Words{kTextAfterDomainLiteral, "text-after-domain-literal", "Text follows the bracketed domain."},
    Words{kBadQuotedPair, "bad-quoted-pair", "The character after a backslash is not allowed there."},
    Words{kBadAtomText, "bad-atom-text", "A character is not allowed without quotes."},
    Words{kBadQuotedText, "bad-quoted-text", "A character is not allowed in a quoted string."},
    Words{kBadCommentText, "bad-comment-text", "A character is not allowed in a comment."},
    Words{kBadDomainText, "bad-domain-text", "A character is not allowed in a bracketed domain."},
    Words{kBackslashEnd, "backslash-end", "The address ends with a backslash."},
    Words{kDotStart, "dot-start", "The local part or the domain begins with a dot."},
    Words{kDotEnd, "dot-end", "The local part or the domain ends with a dot."},
    Words{kHyphenStart, "hyphen-start", "A label of the domain begins with a hyphen."},
    Words{kHyphenEnd, "hyphen-end", "A label of the domain ends with a hyphen."},
    Words{kUnclosedQuotedString, "unclosed-quoted-string", "A quoted string is not closed."},
    Words{kUnclosedComment, "unclosed-comment", "A comment is not closed."},
    Words{kUnclosedDomainLiteral, "unclosed-domain-literal", "The bracketed domain is not closed."},
    Words{kFoldTwice, "fold-twice", "A line is folded twice."},
    Words{kFoldAtEnd, "fold-at-end", "White space ends with a line end."},
    Words{kCrWithoutLf, "cr-without-lf", "A carriage return stands without a line feed."},
    Words{kBadUtf8, "bad-utf8", "The address is not valid UTF-8."},
};
static_assert(kWords.back().diagnosis == kBadUtf8 && kWords.size() == static_cast<std::size_t>(kBadUtf8) + 1);

}  // namespace

AddressDiagnosis diagnose_address(std::string_view address) { return Judge(address).judge(); }

AddressCategory category(AddressDiagnosis diagnosis) {
  if (diagnosis == kValid) return AddressCategory::kValid;
  if (diagnosis == kIpv6LiteralDeprecated) return AddressCategory::kDeprecated;
  if (diagnosis <= kAddressLiteral) return AddressCategory::kUnusual;
  if (diagnosis <= kFoldingWhiteSpace) return AddressCategory::kCommented;
  if (diagnosis <= kFoldingNearAt) return AddressCategory::kDeprecated;
  if (diagnosis <= kIpv6ColonEnd) return AddressCategory::kTooBroad;
  return AddressCategory::kInvalid;
}

std::string_view to_string(AddressCategory category) {
  switch (category) {
    case AddressCategory::kValid:
      return "valid";
    case AddressCategory::kUnusual:
      return "unusual";
    case AddressCategory::kCommented:
      return "commented";
    case AddressCategory::kDeprecated:
      return "deprecated";
    case AddressCategory::kTooBroad:
      return "too-broad";
    case AddressCategory::kInvalid:
      return "invalid";
  }
  return "invalid";
}

std::string_view to_string(AddressDiagnosis diagnosis) { return kWords[static_cast<std::size_t>(diagnosis)].name; }

std::string_view explain(AddressDiagnosis diagnosis) { return kWords[static_cast<std::size_t>(diagnosis)].explanation; }

}  // namespace veredus::wire::mime
