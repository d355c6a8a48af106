#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

#include "wire/imap/fetch_item.h"
#include "wire/mime/part_table.h"

namespace veredus::doors::imap {

/// Where in a message a section of BODY[…] or BINARY[…] is.
struct SectionPlace {
  enum class Kind : std::uint8_t {
    kNotThere,
    kOctets,  // as they are
    kFields,  // a header block, of which some fields are wanted
  } kind = Kind::kNotThere;
  std::uint64_t begin = 0;
  std::uint64_t end = 0;
  // Of a part, for BINARY.
  wire::mime::TransferEncoding encoding = wire::mime::TransferEncoding::kIdentity;
  bool unknown_encoding = false;
};

/// `octets`: of the whole message. RFC 9051 s6.4.5.
[[nodiscard]] SectionPlace locate(const wire::imap::Section& section, std::span<const wire::mime::PartEntry> parts,
                                  std::uint64_t octets);

/// Whether finding the section takes the part table; else it is the whole message.
[[nodiscard]] bool needs_parts(const wire::imap::Section& section);

/// The part of `begin`..`end` that a range asks for.
struct OctetSpan {
  std::uint64_t begin = 0;
  std::uint64_t end = 0;
};
[[nodiscard]] OctetSpan clip(OctetSpan span, const std::optional<wire::imap::OctetRange>& range);
[[nodiscard]] std::string_view clip(std::string_view text, const std::optional<wire::imap::OctetRange>& range);

/// Whether the stored fields (kSummaryFields) have all the section names.
[[nodiscard]] bool stored_fields_suffice(const wire::imap::Section& section);

}  // namespace veredus::doors::imap
