#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "wire/mime/parameters.h"

namespace veredus::wire::mime {

enum class PartKind : std::uint8_t {  // on disk, do not renumber
  kLeaf = 0,
  kMultipart = 1,  // has one child or more
  kMessage = 2,    // a message inside the message: has one child, the root part of that
};

enum class TransferEncoding : std::uint8_t {  // on disk, do not renumber
  kIdentity = 0,                              // 7bit, 8bit, binary, and what nobody knows
  kBase64 = 1,
  kQuotedPrintable = 2,
};

inline constexpr std::uint32_t kNoPart = 0xFFFFFFFF;

/// One body part. All offsets count from the first octet of the outermost message.
struct Part {
  PartKind kind = PartKind::kLeaf;
  TransferEncoding transfer_encoding = TransferEncoding::kIdentity;
  bool implied = false;           // stands for the body of a multipart that has no delimiter in it; has no header
  bool opaque = false;            // a multipart or message that was not looked into: a limit, or an encoding on it
  bool header_truncated = false;  // fields beyond a limit were not kept

  std::uint32_t parent = kNoPart;
  std::uint32_t first_child = kNoPart;
  std::uint32_t last_child = kNoPart;
  std::uint32_t next_sibling = kNoPart;

  std::uint64_t header_begin = 0;
  std::uint64_t body_begin = 0;    // after the blank line
  std::uint64_t body_end = 0;      // before the line end that belongs to the next delimiter
  std::uint64_t header_lines = 0;  // line ends in [header_begin, body_begin)
  std::uint64_t body_lines = 0;    // line ends in [body_begin, body_end)

  ContentType content_type;    // what the part declares, or RFC 2045 s5.2's and RFC 2046 s5.1.5's default
  bool type_declared = false;  // a readable Content-Type was there
  std::string encoding;        // Content-Transfer-Encoding, lower case; "7bit" when there is none
  Disposition disposition;     // kind empty: none
  std::string id;              // Content-ID, as sent, unfolded; empty: none. So the following
  std::string description;
  std::string md5;
  std::string location;
  std::vector<std::string> languages;

  std::string header;  // the header block as sent, blank line excluded: only of a message's root part
  std::string sample;  // the first octets of the body, still encoded: only of the first text parts

  [[nodiscard]] std::uint64_t body_octets() const { return body_end - body_begin; }
  [[nodiscard]] bool is_type(std::string_view type, std::string_view subtype) const {
    return content_type.type == type && content_type.subtype == subtype;
  }
};

/// A message's parts in the order their headers begin; parts[0] is the message itself and always there.
struct Structure {
  std::vector<Part> parts;
  std::uint64_t octets = 0;
  std::uint64_t lines = 0;
  bool limited = false;  // some limit was reached
  bool unended = false;  // the last line has no line end: octets came as BINARYMIME

  [[nodiscard]] const Part& root() const { return parts.front(); }
};

/// The file name of a part: Content-Disposition's filename, else Content-Type's name. UTF-8; empty: none.
/// Source: RFC 2183 s2.3, RFC 2045 s5.1.
std::string filename(const Part& part, Undeclared undeclared = Undeclared::kGuess);

/// "1.2.3" of RFC 9051 s6.4.5 for each part, by index. "" for parts that have no number of their own: the outermost
/// message, and a multipart that is the body of a message.
std::vector<std::string> part_numbers(const Structure& structure);

}  // namespace veredus::wire::mime
