#pragma once

#include <cstdint>
#include <expected>
#include <string>
#include <string_view>
#include <vector>

/// What a message went through, in words that later readers trust: Authentication-Results. Source: RFC 8601.
namespace veredus::rules::authres {

/// What was looked at: `smtp.mailfrom=example.org`.
struct Property {
  std::string type;   // "smtp", "header", "body", "policy"
  std::string name;   // "mailfrom", "d", "iprev"
  std::string value;  // unquoted
  friend bool operator==(const Property&, const Property&) = default;
};

/// What one method came to. Source: RFC 8601 s2.2, resinfo.
struct MethodResult {
  std::string method;  // "spf", lower case
  std::string result;  // "pass", lower case
  std::string reason;  // in words; empty: none
  std::vector<Property> properties;
  std::string comment = {};  // written only: what a reader finds in parentheses is for people
  friend bool operator==(const MethodResult& a, const MethodResult& b) {
    return a.method == b.method && a.result == b.result && a.reason == b.reason && a.properties == b.properties;
  }
};

struct Results {
  std::string authserv_id;            // who says so
  std::vector<MethodResult> methods;  // empty: "none"
  friend bool operator==(const Results&, const Results&) = default;
};

inline constexpr std::size_t kMostValueOctets = 255;  // of a property
inline constexpr std::size_t kMostWordsOctets = 200;  // of a reason, of a comment

/// The value of an Authentication-Results field: folded before each method, neither field name nor last line end.
/// Whatever the strings hold, nothing in them can end its place, begin a field or another result. Longer words are cut,
/// a property with a longer value is left out: no line grows over RFC 5322 s2.1.1's 998 octets.
[[nodiscard]] std::string to_field_value(const Results& results);

enum class ReadError : std::uint8_t {
  kAuthservId,  // there is none
  kVersion,     // another version than 1
  kMethod,      // no method=result
  kProperty,    // no type.name=value
  kComment,     // a comment that does not end, or nests too deep
  kQuoted,      // a quoted string that does not end
  kTooMany,     // over kMostMethods
};
[[nodiscard]] std::string_view to_string(ReadError error);
inline constexpr std::size_t kMostMethods = 100;

/// Reads the value of an Authentication-Results field, or of an ARC-Authentication-Results field after its `i=`.
std::expected<Results, ReadError> read_field(std::string_view value);

/// Whether a field that came with a message says that it is `authserv_id`'s: then it is a forgery, or old, and is taken
/// out. Also what cannot be read in full counts, when its beginning can be taken for that name by any reader: names are
/// compared without regard to case, comments, quotes, white space and the last dot; and so does a field that begins
/// with no name at all. Source: RFC 8601 s5.
[[nodiscard]] bool claims_to_be(std::string_view value, std::string_view authserv_id);

}  // namespace veredus::rules::authres
