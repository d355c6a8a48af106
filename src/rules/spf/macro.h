#pragma once

#include <cstdint>
#include <expected>
#include <string>
#include <string_view>
#include <vector>

namespace veredus::rules::spf {

/// `%{d2r-}` and the like. Source: RFC 7208 s7.1.
struct Macro {
  char letter = 'd';         // s l o d i p h c r t v, lower case
  bool url_escaped = false;  // the letter stood in upper case
  unsigned parts = 0;        // how many to keep from the right; 0: all
  bool reversed = false;
  std::string delimiters = ".";
};

/// A macro-string, taken apart: literal octets and macros in turn.
struct MacroString {
  struct Piece {
    std::string literal;
    std::vector<Macro> macro;  // none or one, after the literal
  };
  std::vector<Piece> pieces;

  [[nodiscard]] bool empty() const { return pieces.empty(); }
  [[nodiscard]] bool uses(char letter) const;
  /// Whether it comes to the same text for everybody.
  [[nodiscard]] bool is_literal() const;
};

enum class MacroError : std::uint8_t {
  kSyntax,      // no macro where '%' says so, an octet that may not be there
  kLetter,      // c, r or t outside of an explanation (RFC 7208 s7.2)
  kNoTopLabel,  // a domain that ends in neither a top label nor a macro
};

enum class MacroUse : std::uint8_t { kDomain, kExplanation };

/// A domain-spec: RFC 7208 s7.1.
std::expected<MacroString, MacroError> parse_domain_spec(std::string_view text);
/// The value of a modifier nobody knows (kDomain), or the text of an explanation, which may hold spaces.
std::expected<MacroString, MacroError> parse_macro_string(std::string_view text, MacroUse use);

/// What macros stand for.
struct MacroValues {
  std::string sender;            // s: local@domain
  std::string local_part;        // l
  std::string sender_domain;     // o
  std::string domain;            // d: being looked at now
  std::string address;           // i: dotted quads, or nibbles with dots
  std::string readable_address;  // c
  std::string validated_name;    // p
  std::string family;            // v: "in-addr" or "ip6"
  std::string helo;              // h
  std::string receiver;          // r
  std::string timestamp;         // t
};

[[nodiscard]] std::string expand(const MacroString& text, const MacroValues& values);

}  // namespace veredus::rules::spf
