#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/types/clock.h"

namespace veredus::wire::mime {

/// A name and an address for a header; both UTF-8.
struct NamedAddress {
  std::string name;     // empty: none
  std::string address;  // local@domain
};

/// One part of a message to be built: a leaf when it has no children, else a multipart.
struct BuiltPart {
  std::string type;  // "text/plain", "multipart/mixed"; a text leaf is UTF-8 unless it names a charset itself
  std::string content;
  std::vector<std::pair<std::string, std::string>> parameters;  // of Content-Type, values UTF-8
  std::string disposition;                                      // "attachment", "inline" or empty
  std::string filename;                                         // UTF-8
  std::string id;                                               // Content-ID without brackets
  std::string description;                                      // UTF-8
  std::vector<BuiltPart> children;
};

BuiltPart text_part(std::string text_utf8);
BuiltPart html_part(std::string html_utf8);
BuiltPart attachment(std::string type, std::string filename, std::string content);
BuiltPart multipart(std::string subtype, std::vector<BuiltPart> children);

/// Builds a message: CRLF lines of at most 78 characters where words allow, 998 always; ASCII only; quoted-printable or
/// base64 where content needs it. Line breaks in values are turned to spaces, so no value can add a field.
/// Pure: date, ids and boundaries come from the caller. Source: RFC 5322, RFC 2045-2047, RFC 2183, RFC 2231.
class Builder {
 public:
  /// `boundary_seed` makes the boundaries; the same seed gives the same message. It should be unguessable.
  explicit Builder(std::string boundary_seed) : seed_(std::move(boundary_seed)) {}

  Builder& from(const NamedAddress& address) { return addresses("From", {address}); }
  Builder& to(const std::vector<NamedAddress>& list) { return addresses("To", list); }
  Builder& cc(const std::vector<NamedAddress>& list) { return addresses("Cc", list); }
  Builder& addresses(std::string_view name, const std::vector<NamedAddress>& list);
  Builder& subject(std::string_view subject_utf8) { return text("Subject", subject_utf8); }
  Builder& date(SystemTime time, std::chrono::minutes offset = {});
  Builder& message_id(std::string_view id);  // without brackets
  Builder& in_reply_to(std::string_view id) { return ids("In-Reply-To", {std::string(id)}); }
  Builder& references(const std::vector<std::string>& list) { return ids("References", list); }
  Builder& ids(std::string_view name, const std::vector<std::string>& list);  // without brackets
  Builder& text(std::string_view name, std::string_view value_utf8);          // unstructured, encoded words as needed
  Builder& raw(std::string_view name, std::string_view value);                // as it is, but line breaks
  Builder& body(BuiltPart part);

  [[nodiscard]] std::string build() const;

 private:
  std::string seed_;
  std::string header_;
  BuiltPart body_;
};

}  // namespace veredus::wire::mime
