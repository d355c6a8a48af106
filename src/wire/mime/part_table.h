#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "wire/mime/structure.h"

namespace veredus::wire::mime {

/// What a mailbox needs to answer BODY[1.2] and BINARY[1.2] without parsing the message again.
struct PartEntry {
  std::string number;  // "1.2"; "" for the outermost message and for a multipart that is the body of a message
  PartKind kind = PartKind::kLeaf;
  TransferEncoding encoding = TransferEncoding::kIdentity;
  bool unknown_encoding = false;  // neither a known encoding nor identity: BINARY must answer [UNKNOWN-CTE]
  std::uint32_t parent = kNoPart;
  std::uint64_t header_begin = 0;
  std::uint64_t body_begin = 0;
  std::uint64_t body_end = 0;
  std::uint64_t body_lines = 0;
  std::string type;     // "text/plain"
  std::string charset;  // as declared; empty: none
  friend bool operator==(const PartEntry&, const PartEntry&) = default;
};

/// Parts in the order of Structure::parts; numbers as in RFC 9051 s6.4.5. Layout: docs/formats/part-table.md.
std::string encode_part_table(const Structure& structure);

/// nullopt when it is no part table of a known version.
std::optional<std::vector<PartEntry>> decode_part_table(std::string_view table);

}  // namespace veredus::wire::mime
